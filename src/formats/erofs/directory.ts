/** Directories of EROFS: blocks of entries, with their names behind them. */

import { FormatError } from '../../core/errors.js';
import { latin1 } from '../byte-fields.js';
import { EROFS } from './volume.js';

export interface ErofsDirent {
  /** Latin1 bytes. */
  readonly name: string;
  readonly nid: number;
}

const DIRENT_BYTES = 12;
const MAX_NAME = 255;

/** The entries of one block, `.` and `..` among them. `at` names its place in errors. Throws `FormatError`. */
export function readErofsDirents(block: Uint8Array, at: number): readonly ErofsDirent[] {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  if (block.length < DIRENT_BYTES) throw new FormatError(EROFS, at, 'a directory block cut short');
  const first = view.getUint16(8, true);
  if (first < DIRENT_BYTES || first % DIRENT_BYTES !== 0 || first > block.length)
    throw new FormatError(EROFS, at + 8, `the first name of a directory block is at ${first}`);
  const dirents: ErofsDirent[] = [];
  for (let entry = 0; entry < first; entry += DIRENT_BYTES) {
    const start = view.getUint16(entry + 8, true);
    const isLast = entry + DIRENT_BYTES === first;
    const end = isLast ? endOfLast(block, start) : view.getUint16(entry + DIRENT_BYTES + 8, true);
    if (start < first || end <= start || end > block.length || end - start > MAX_NAME)
      throw new FormatError(EROFS, at + entry + 8, `a name from ${start} to ${end}`);
    const nid = view.getBigUint64(entry, true);
    dirents.push({
      name: latin1(block.subarray(start, end)),
      nid: nid <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(nid) : Infinity,
    });
  }
  return dirents;
}

/** The last name ends with the block or with a NUL. */
function endOfLast(block: Uint8Array, start: number): number {
  const nul = block.indexOf(0, start);
  return nul < 0 ? block.length : nul;
}
