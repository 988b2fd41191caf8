/** A SQLite write-ahead log (sqlite.org/fileformat2.html 4): page images that are not in the main file yet. */

import { FormatError } from '../core/errors.js';

/** What the log adds to the main file. */
export interface WalContent {
  /** Size of the database after the last commit, in pages. */
  readonly pageCount: number;
  /** Last committed content by page number, which starts at 1. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** The lowest bit says whether checksums read the bytes as big-endian words. */
const MAGIC = 0x377f0682;
const VERSION = 3_007_000;

/**
 * The committed frames; null when there are none: an empty log, one whose header is damaged (SQLite starts it anew),
 * or one that was reset. A frame counts when its salts are the header's and its running checksum is right; the first
 * that is not ends the log, and what follows the last commit was never committed.
 */
export function readWal(bytes: Uint8Array, pageSize: number): WalContent | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if ((magic & ~1) >>> 0 !== MAGIC) return null;
  const littleEndian = (magic & 1) === 0;
  const checksum = new RunningChecksum(view, littleEndian);
  checksum.add(0, 24);
  if (!checksum.is(view.getUint32(24), view.getUint32(28))) return null;
  if (view.getUint32(4) !== VERSION)
    throw new FormatError('sqlite wal', 4, `unknown version ${view.getUint32(4)}`);
  if (view.getUint32(8) !== pageSize)
    throw new FormatError('sqlite wal', 8, `page size ${view.getUint32(8)}, not ${pageSize}`);

  const pages = new Map<number, Uint8Array>();
  let uncommitted: [number, Uint8Array][] = [];
  let pageCount = 0;
  const frameBytes = FRAME_HEADER_BYTES + pageSize;
  for (let at = HEADER_BYTES; at + frameBytes <= bytes.length; at += frameBytes) {
    const page = view.getUint32(at);
    if (page === 0) break;
    if (view.getUint32(at + 8) !== view.getUint32(16)) break;
    if (view.getUint32(at + 12) !== view.getUint32(20)) break;
    checksum.add(at, 8);
    checksum.add(at + FRAME_HEADER_BYTES, pageSize);
    if (!checksum.is(view.getUint32(at + 16), view.getUint32(at + 20))) break;
    const start = at + FRAME_HEADER_BYTES;
    uncommitted.push([page, bytes.subarray(start, start + pageSize)]);
    const sizeAfterCommit = view.getUint32(at + 4);
    if (sizeAfterCommit === 0) continue;
    for (const [number, content] of uncommitted) pages.set(number, content);
    uncommitted = [];
    pageCount = sizeAfterCommit;
  }
  return pages.size === 0 ? null : { pageCount, pages };
}

/** The checksum of 4.2, over pairs of 32-bit words, continued from frame to frame. */
class RunningChecksum {
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(view: DataView, littleEndian: boolean) {
    this.#view = view;
    this.#littleEndian = littleEndian;
  }

  add(offset: number, length: number): void {
    for (let at = offset; at < offset + length; at += 8) {
      this.#first = (this.#first + this.#view.getUint32(at, this.#littleEndian) + this.#second) | 0;
      this.#second =
        (this.#second + this.#view.getUint32(at + 4, this.#littleEndian) + this.#first) | 0;
    }
  }

  is(first: number, second: number): boolean {
    return this.#first >>> 0 === first && this.#second >>> 0 === second;
  }
}
