/** Which bytes of a file fields tell already, and digests of what they leave, so that each byte is told and hashed once. */

import { createHash } from 'node:crypto';

import type { RandomAccess } from '../../core/random-access.js';
import type { Extent } from '../../formats/regions.js';

const CHUNK_BYTES = 256 * 1024;

export class Told {
  #extents: Extent[] = [];
  #isSorted = true;

  /** Bytes that a field tells; those told twice count once. */
  add(offset: number, length: number): void {
    if (length <= 0) return;
    this.#extents.push({ offset, length });
    this.#isSorted = false;
  }

  /** What is not told of an extent, in order. */
  rest({ offset, length }: Extent): readonly Extent[] {
    const told = this.#sorted();
    const rest: Extent[] = [];
    const end = offset + length;
    let at = offset;
    for (let i = firstBehind(told, offset); i < told.length && told[i]!.offset < end; i++) {
      const hole = told[i]!;
      if (hole.offset > at) rest.push({ offset: at, length: hole.offset - at });
      at = Math.max(at, hole.offset + hole.length);
    }
    if (at < end) rest.push({ offset: at, length: end - at });
    return rest;
  }

  /** Whether a field tells anything of an extent. */
  touches(extent: Extent): boolean {
    const [first] = this.rest(extent);
    return extent.length > 0 && (first === undefined || first.length < extent.length);
  }

  /** Joined, by offset. */
  #sorted(): readonly Extent[] {
    if (this.#isSorted) return this.#extents;
    const joined: Extent[] = [];
    for (const { offset, length } of this.#extents.toSorted((a, b) => a.offset - b.offset)) {
      const last = joined.at(-1);
      const end = offset + length;
      if (last === undefined || last.offset + last.length < offset) joined.push({ offset, length });
      else if (end > last.offset + last.length)
        joined[joined.length - 1] = { offset: last.offset, length: end - last.offset };
    }
    this.#extents = joined;
    this.#isSorted = true;
    return joined;
  }
}

/** SHA-256 of the extents one behind the other, 32 hex digits; null when they hold no bytes. */
export function digestOfExtents(input: RandomAccess, extents: readonly Extent[]): string | null {
  if (extents.every(({ length }) => length === 0)) return null;
  const hash = createHash('sha256');
  for (const bytes of chunksIn(input, extents)) hash.update(bytes);
  return hash.digest('hex').slice(0, 32);
}

/** Bytes that should carry nothing: null when they are all zero, `fill 0xcc` for one byte over and over, else a digest. */
export function fillOf(input: RandomAccess, extents: readonly Extent[]): string | null {
  let fill: number | null = null;
  for (const bytes of chunksIn(input, extents)) {
    fill ??= bytes[0] ?? null;
    if (!isFilled(bytes, fill)) return digestOfExtents(input, extents);
  }
  return fill === null || fill === 0 ? null : `fill 0x${fill.toString(16).padStart(2, '0')}`;
}

function isFilled(bytes: Uint8Array, fill: number | null): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== fill) return false;
  return true;
}

function* chunksIn(input: RandomAccess, extents: readonly Extent[]): Generator<Uint8Array> {
  for (const { offset, length } of extents) {
    const end = offset + length;
    for (let at = offset; at < end; at += CHUNK_BYTES)
      yield input.read(at, Math.min(CHUNK_BYTES, end - at));
  }
}

/** The first extent that ends behind `offset`. */
function firstBehind(extents: readonly Extent[], offset: number): number {
  let low = 0;
  let high = extents.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const { offset: start, length } = extents[middle]!;
    if (start + length > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}
