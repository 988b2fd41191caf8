/** A SQLite write-ahead log (sqlite.org/fileformat2.html 4): page images that are not in the main file yet. */

import { FormatError } from '../core/errors.js';
import { bufferAccess, type RandomAccess } from '../core/random-access.js';

/** What the log adds to the main file. */
export interface WalContent {
  /** Size of the database after the last commit, in pages. */
  readonly pageCount: number;
  /** Last committed content by page number, which starts at 1. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

export interface WalFrame {
  /** Where the frame header is in the log; the content follows it. */
  readonly offset: number;
  readonly page: number;
  /** Pages of the database if this frame ends a transaction, else 0. */
  readonly sizeAfterCommit: number;
}

/** Where things are in a log. */
export interface WalIndex {
  readonly pageSize: number;
  /** Pages of the database after the last commit; 0 without one. */
  readonly pageCount: number;
  /** Offset in the log of the last committed content, by page number. */
  readonly pages: ReadonlyMap<number, number>;
  /** Valid frames in the order of the log. */
  readonly frames: readonly WalFrame[];
  /** How many of `frames`, from the first on, are committed. */
  readonly committed: number;
  /** Where the valid frames end; what follows is of an earlier life of the log, or was cut. */
  readonly end: number;
}

export const WAL_HEADER_BYTES = 32;
export const WAL_FRAME_HEADER_BYTES = 24;
/** The lowest bit says whether checksums read the bytes as big-endian words. */
const MAGIC = 0x377f0682;
const VERSION = 3_007_000;

/** The committed frames of a log in memory; null when there are none (see `indexWal`). */
export function readWal(bytes: Uint8Array, pageSize: number): WalContent | null {
  const index = indexWal(bufferAccess(bytes), pageSize);
  if (index === null || index.pages.size === 0) return null;
  const pages = new Map<number, Uint8Array>();
  for (const [page, offset] of index.pages)
    pages.set(page, bytes.subarray(offset, offset + pageSize));
  return { pageCount: index.pageCount, pages };
}

/**
 * The valid frames; null for an empty log or one whose header is damaged (SQLite starts it anew). A frame counts when
 * its salts are the header's and its running checksum is right; the first that is not ends the log, and what follows
 * the last commit was never committed. `pageSize` is the database's; null takes the log's word for it. Throws
 * `FormatError` for a log of another version or page size.
 */
export function indexWal(input: RandomAccess, pageSize: number | null): WalIndex | null {
  if (input.size < WAL_HEADER_BYTES) return null;
  const head = viewOf(input.read(0, WAL_HEADER_BYTES));
  if (head.byteLength < WAL_HEADER_BYTES) return null;
  const magic = head.getUint32(0);
  if ((magic & ~1) >>> 0 !== MAGIC) return null;
  const checksum = new RunningChecksum((magic & 1) === 0);
  checksum.add(head, 0, 24);
  if (!checksum.is(head.getUint32(24), head.getUint32(28))) return null;
  if (head.getUint32(4) !== VERSION)
    throw new FormatError('sqlite wal', 4, `unknown version ${head.getUint32(4)}`);
  const own = head.getUint32(8);
  if (own !== (pageSize ?? own) || own < 512 || own > 65536 || (own & (own - 1)) !== 0)
    throw new FormatError('sqlite wal', 8, `page size ${own}, not ${pageSize ?? 'a power of two'}`);

  const frames: WalFrame[] = [];
  let committed = 0;
  const frameBytes = WAL_FRAME_HEADER_BYTES + own;
  let at = WAL_HEADER_BYTES;
  for (; at + frameBytes <= input.size; at += frameBytes) {
    const frame = viewOf(input.read(at, frameBytes));
    if (frame.byteLength < frameBytes) break;
    const page = frame.getUint32(0);
    if (page === 0) break;
    if (frame.getUint32(8) !== head.getUint32(16)) break;
    if (frame.getUint32(12) !== head.getUint32(20)) break;
    checksum.add(frame, 0, 8);
    checksum.add(frame, WAL_FRAME_HEADER_BYTES, own);
    if (!checksum.is(frame.getUint32(16), frame.getUint32(20))) break;
    const sizeAfterCommit = frame.getUint32(4);
    frames.push({ offset: at, page, sizeAfterCommit });
    if (sizeAfterCommit !== 0) committed = frames.length;
  }
  const pages = new Map<number, number>();
  for (const { page, offset } of frames.slice(0, committed))
    pages.set(page, offset + WAL_FRAME_HEADER_BYTES);
  const pageCount = frames[committed - 1]?.sizeAfterCommit ?? 0;
  return { pageSize: own, pageCount, pages, frames, committed, end: at };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The checksum of 4.2, over pairs of 32-bit words, continued from frame to frame. */
class RunningChecksum {
  readonly #littleEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  add(view: DataView, offset: number, length: number): void {
    for (let at = offset; at < offset + length; at += 8) {
      this.#first = (this.#first + view.getUint32(at, this.#littleEndian) + this.#second) | 0;
      this.#second = (this.#second + view.getUint32(at + 4, this.#littleEndian) + this.#first) | 0;
    }
  }

  is(first: number, second: number): boolean {
    return this.#first >>> 0 === first && this.#second >>> 0 === second;
  }
}
