/**
 * Cuts bytes into blocks where their content says so, so that blocks behind inserted bytes are what they were. A border lies where
 * a rolling sum of the last 32 bytes (the gear hash of W. Xia et al., "FastCDC", 2016) begins with enough zeros.
 */

import { BlockList, HIGHEST_RANK, type Block } from '../../util/block-digests.js';
import { xxh64Hex } from '../../util/xxh64.js';

/** Blocks are 4 KiB on average. */
const SHORTEST = 2048;
const LONGEST = 16_384;
const SUMMED = 32;
/** Bits that are zero at a border; those behind them that are zero too are its rank. */
const ZEROS = 11;
const MASK = -(2 ** (32 - ZEROS));
/** So many borders of one rank without a higher one between them make one: nothing grows without bounds. */
const MOST_ALIKE = 32;

export class BlockCutter {
  readonly #list = new BlockList();
  #bytes: Uint8Array = new Uint8Array();
  #masked: Uint8Array = this.#bytes;
  /** Borders of every rank since the last of a higher one. */
  readonly #alike: number[] = [];

  /** `masked`: as long as the bytes, without what is told elsewhere; the very same bytes where nothing is. */
  add(bytes: Uint8Array, masked: Uint8Array): void {
    const isPlain = bytes === masked && this.#bytes === this.#masked;
    this.#masked = isPlain ? this.#masked : joined(this.#masked, masked);
    this.#bytes = joined(this.#bytes, bytes);
    if (isPlain) this.#masked = this.#bytes;
    let start = 0;
    for (;;) {
      const border = findBorder(this.#masked, start);
      if (border === null) break;
      this.#close(start, border.end, this.#promoted(border.rank));
      start = border.end;
    }
    const rest = this.#bytes.slice(start);
    this.#masked = this.#masked === this.#bytes ? rest : this.#masked.slice(start);
    this.#bytes = rest;
  }

  /** Nothing can be added any more. */
  end(): { readonly rank: number; readonly blocks: readonly Block[] } {
    if (this.#bytes.length > 0) this.#close(0, this.#bytes.length, HIGHEST_RANK);
    return { rank: this.#list.rank, blocks: this.#list.blocks() };
  }

  #close(start: number, end: number, rank: number): void {
    const digest = xxh64Hex(this.#bytes.subarray(start, end));
    const isPlain = this.#masked === this.#bytes;
    const shape = isPlain ? digest : xxh64Hex(this.#masked.subarray(start, end));
    this.#list.add({ length: end - start, rank, digest, shape });
  }

  #promoted(rank: number): number {
    let promoted = rank;
    for (;;) {
      for (let lower = 0; lower < promoted; lower++) this.#alike[lower] = 0;
      const count = (this.#alike[promoted] ?? 0) + 1;
      this.#alike[promoted] = count;
      if (count < MOST_ALIKE || promoted === HIGHEST_RANK - 1) return promoted;
      promoted++;
    }
  }
}

/** The first border behind `start`; null when more bytes are needed to tell. */
function findBorder(
  bytes: Uint8Array,
  start: number,
): { readonly end: number; readonly rank: number } | null {
  const first = start + SHORTEST;
  const last = Math.min(start + LONGEST, bytes.length);
  let sum = 0;
  for (let at = first - SUMMED; at < first && at < last; at++)
    sum = ((sum << 1) + GEAR[bytes[at]!]!) | 0;
  for (let at = first; at < last; at++) {
    if ((sum & MASK) === 0)
      return { end: at, rank: Math.min(Math.clz32(sum) - ZEROS, HIGHEST_RANK - 1) };
    sum = ((sum << 1) + GEAR[bytes[at]!]!) | 0;
  }
  return start + LONGEST < bytes.length ? { end: start + LONGEST, rank: 0 } : null;
}

/** Any numbers without a pattern will do (Knuth's multiplicative hash, mixed twice). */
const GEAR = Int32Array.from({ length: 256 }, (_, i) => mixed(mixed(i + 1)));

function mixed(value: number): number {
  const product = Math.imul(value ^ (value >>> 15), 0x9e3779b1);
  return product ^ (product >>> 13);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.length === 0 ? b : Buffer.concat([a, b]);
}
