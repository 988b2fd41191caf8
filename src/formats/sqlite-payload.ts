/** The payload of a cell, on its page and along its overflow chain (sqlite.org/fileformat2.html 1.6, 1.7). */

import { read32 } from './sqlite-btree.js';
import type { Extent, SqliteImage } from './sqlite-image.js';
import type { SqliteProblems } from './sqlite-problems.js';
import type { Admit, BtreeEntry } from './sqlite-walk.js';

export interface SqlitePayload {
  /** Bytes it should have. */
  readonly length: number;
  /** Where they are, in order; less than `length` in all when the chain is broken. */
  readonly extents: readonly Extent[];
  /** The first of them, up to a limit. */
  readonly bytes: Uint8Array;
}

/** `limit` bounds the bytes held in memory, not the extents. */
export function readPayload(
  image: SqliteImage,
  { page, cell }: BtreeEntry,
  admit: Admit,
  limit: number,
  problems: SqliteProblems,
): SqlitePayload {
  const local = { offset: page.base + cell.localStart, length: cell.localLength };
  const length = cell.payloadLength;
  const head = page.bytes.subarray(cell.localStart, cell.localStart + cell.localLength);
  if (cell.overflowPage === 0 && cell.localLength === length)
    return { length, extents: [local], bytes: head };
  const extents: Extent[] = [local];
  const parts: Uint8Array[] = [head];
  let held = head.length;
  for (const { number, used } of followOverflow(image, { page, cell }, admit, problems)) {
    extents.push({ offset: (number - 1) * image.pageSize + 4, length: used });
    if (held >= limit) continue;
    // A copy, because a kept view would keep its whole page.
    parts.push(image.page(number).slice(4, 4 + Math.min(used, limit - held)));
    held += used;
  }
  return { length, extents, bytes: Buffer.concat(parts) };
}

/** The overflow pages of a cell, and how many bytes of payload each has. */
export function* followOverflow(
  image: SqliteImage,
  { page, cell }: BtreeEntry,
  admit: Admit,
  problems: SqliteProblems,
): Generator<{ readonly number: number; readonly used: number }> {
  let rest = cell.payloadLength - cell.localLength;
  if (rest === 0) return;
  let pointer = page.base + cell.end - 4;
  let number = cell.overflowPage;
  while (rest > 0) {
    if (number === 0) {
      problems.add('overflow', pointer, `the chain ends ${rest} bytes early`);
      return;
    }
    if (!admit(number, pointer)) return;
    const used = Math.min(rest, image.usableSize - 4);
    rest -= used;
    pointer = (number - 1) * image.pageSize;
    const next = read32(image.page(number), 0);
    yield { number, used };
    number = next;
  }
  if (number !== 0) problems.add('overflow', pointer, `the chain goes on with page ${number}`);
}

/** The part of `extents` that starts `from` bytes in and has `length` bytes, or what there is of it. */
export function sliceExtents(
  extents: readonly Extent[],
  from: number,
  length: number,
): readonly Extent[] {
  const result: Extent[] = [];
  let at = 0;
  for (const extent of extents) {
    const start = Math.max(from, at);
    const end = Math.min(from + length, at + extent.length);
    if (start < end) result.push({ offset: extent.offset + start - at, length: end - start });
    at += extent.length;
    if (at >= from + length) break;
  }
  return result;
}

/** Their bytes, extent by extent, in parts of a page at most. */
export function* readExtents(
  image: SqliteImage,
  extents: readonly Extent[],
): Generator<Uint8Array> {
  for (const { offset, length } of extents)
    for (let at = 0; at < length; at += image.pageSize)
      yield image.read(offset + at, Math.min(image.pageSize, length - at));
}
