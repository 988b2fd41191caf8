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
  readonly #bytes = new Held();
  /** Empty while it would hold the very same bytes. */
  readonly #masked = new Held();
  #isPlain = true;
  /** Borders of every rank since the last of a higher one. */
  readonly #alike: number[] = [];

  /** `masked`: as long as the bytes, without what is told elsewhere; the very same bytes where nothing is. */
  add(bytes: Uint8Array, masked: Uint8Array): void {
    if (this.#isPlain && bytes !== masked) {
      this.#masked.append(this.#bytes.view());
      this.#isPlain = false;
    }
    this.#bytes.append(bytes);
    if (!this.#isPlain) this.#masked.append(masked);
    const view = this.#bytes.view();
    const shown = this.#isPlain ? view : this.#masked.view();
    let start = 0;
    for (;;) {
      const border = findBorder(shown, start);
      if (border === null) break;
      this.#close(view.subarray(start, border.end), shown, start, this.#promoted(border.rank));
      start = border.end;
    }
    this.#bytes.drop(start);
    this.#masked.drop(this.#isPlain ? 0 : start);
    if (bytes === masked && !this.#isPlain && this.#isEqual()) {
      this.#masked.drop(this.#masked.length);
      this.#isPlain = true;
    }
  }

  /** Nothing can be added any more. */
  end(): { readonly rank: number; readonly blocks: readonly Block[] } {
    const view = this.#bytes.view();
    if (view.length > 0)
      this.#close(view, this.#isPlain ? view : this.#masked.view(), 0, HIGHEST_RANK);
    return { rank: this.#list.rank, blocks: this.#list.blocks() };
  }

  #isEqual(): boolean {
    return Buffer.compare(this.#bytes.view(), this.#masked.view()) === 0;
  }

  #close(block: Uint8Array, shown: Uint8Array, start: number, rank: number): void {
    const { length } = block;
    const digest = xxh64Hex(block);
    const shape = this.#isPlain ? digest : xxh64Hex(shown.subarray(start, start + length));
    this.#list.add({ length, rank, digest, shape });
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

/** Bytes that wait for a border, in one buffer that stays: a fresh one for every window would cost more than the digests. */
class Held {
  #buffer = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  view(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(length + LONGEST);
      larger.set(this.view());
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }

  /** Forgets the first bytes. */
  drop(count: number): void {
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}
