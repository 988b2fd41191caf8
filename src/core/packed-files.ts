/** The regular files of a packed directory, without an `Entry` for each: a choice by name needs little of them. */

import { typeOfMode } from './entry.js';
import { FormatError } from './errors.js';
import type { PackedDirectory } from './packed-directory.js';

/** Takes one file; `sha256At` is where its 32 bytes begin in the records. */
export type VisitFile = (name: string, size: number, ordinal: number, sha256At: number) => void;

/**
 * Visits the files that are not empty and were read whole, with their SHA-256. The layout is told in `packed-directory.ts`. Throws
 * `FormatError` for records that are cut.
 */
export function visitFiles(
  { records, count }: Pick<PackedDirectory, 'records' | 'count'>,
  visit: VisitFile,
): void {
  const b = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  let at = 0;
  try {
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const nameEnd = at + 2 + view.getUint16(at, true);
      const nameAt = at + 2;
      const coverage = view.getUint8(nameEnd) & COVERAGE_BITS;
      const type = typeOfMode(view.getUint32(nameEnd + 1, true));
      at = nameEnd + 13;
      if (type === 'file') {
        const size = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
        const digests = view.getUint8(at + 8);
        at += 9 + (digests & 1 ? 8 : 0);
        if (digests & 2) {
          if (coverage === 0 && size > 0)
            visit(b.toString('latin1', nameAt, nameEnd), size, ordinal, at);
          at += 32;
        }
      } else if (type === 'symlink') at += 2 + view.getUint16(at, true);
      else if (type === 'char' || type === 'block') at += 8;
      let xattrs = view.getUint16(at, true);
      for (at += 2; xattrs > 0; xattrs--) {
        at += 2 + view.getUint16(at, true);
        at += 4 + view.getUint32(at, true);
      }
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    at = records.length + 1;
  }
  if (at > records.length) throw new FormatError('directory record', records.length, 'it is cut');
}

/** Of the byte in which coverage lies; the others say what is not known of the entry. */
const COVERAGE_BITS = 3;
