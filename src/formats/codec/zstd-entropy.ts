/** Entropy coding of Zstandard (RFC 8878, section 4): FSE tables and Huffman trees, and the bits they are read from. */

import { FormatError } from '../../core/errors.js';

/** Bits from the end of a stream to its start (section 4.1: "read in reverse"). Zeros stand in front of the start. */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  /** Bits not read yet; negative once more was asked for. */
  left: number;

  /** `bytes` go on for four more behind `end`. Throws `FormatError` when the last byte marks no end. */
  constructor(bytes: Uint8Array, start: number, end: number, offset: number) {
    const last = end > start ? bytes[end - 1]! : 0;
    if (last === 0) throw new FormatError('zstd', offset, 'expected a mark at the end of the bits');
    this.#bytes = bytes;
    this.#start = start;
    this.left = (end - start) * 8 - 8 + (31 - Math.clz32(last));
  }

  /** At most 24 bits. */
  take(count: number): number {
    this.left -= count;
    return this.#at(this.left, count);
  }

  /** The next bits, at most 24, without taking them. */
  peek(count: number): number {
    return this.#at(this.left - count, count);
  }

  #at(position: number, count: number): number {
    if (position < 0) {
      if (position + count <= 0) return 0;
      return (this.#at(0, position + count) << -position) & ((1 << count) - 1);
    }
    const bytes = this.#bytes;
    const at = this.#start + (position >>> 3);
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    return (word >>> (position & 7)) & ((1 << count) - 1);
  }
}

/** For each state the symbol, the bits to read for the next state, and what to add to them. */
export interface FseTable {
  readonly accuracy: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** A table for one symbol that needs no bits. */
export function rleFseTable(symbol: number): FseTable {
  return {
    accuracy: 0,
    symbols: Uint8Array.of(symbol),
    bits: new Uint8Array(1),
    bases: new Uint16Array(1),
  };
}

/** A description of an FSE table (section 4.1.1) at `at`. Throws `FormatError` that counts offsets from `origin`. */
export function readFseTable(
  bytes: Uint8Array,
  at: number,
  end: number,
  bounds: { readonly mostAccuracy: number; readonly mostSymbol: number; readonly origin: number },
): { readonly table: FseTable; readonly end: number } {
  const fail = (detail: string): FormatError => new FormatError('zstd', bounds.origin + at, detail);
  let bit = at * 8;
  const read = (count: number): number => {
    let value = 0;
    for (let i = 0; i < count; i++, bit++)
      if (bit >>> 3 < end) value |= ((bytes[bit >>> 3]! >>> (bit & 7)) & 1) << i;
    return value;
  };
  const accuracy = read(4) + 5;
  if (accuracy > bounds.mostAccuracy)
    throw fail(`expected an accuracy of at most ${bounds.mostAccuracy}, found ${accuracy}`);
  const counts: number[] = [];
  let left = 1 << accuracy;
  while (left > 0) {
    if (counts.length > bounds.mostSymbol) throw fail('expected fewer symbols');
    const width = 32 - Math.clz32(left + 1);
    const small = (1 << width) - 1 - (left + 1);
    let value = read(width - 1);
    if (value >= small) {
      value |= read(1) << (width - 1);
      if (value >= 1 << (width - 1)) value -= small;
    }
    const count = value - 1;
    left -= Math.abs(count);
    counts.push(count);
    for (let repeat = count === 0 ? 3 : 0; repeat === 3;) {
      repeat = read(2);
      for (let i = 0; i < repeat; i++) counts.push(0);
      if (counts.length > bounds.mostSymbol + 1) throw fail('expected fewer symbols');
    }
  }
  const behind = (bit + 7) >>> 3;
  if (left < 0 || behind > end) throw fail('expected probabilities that add up');
  return { table: buildFseTable(counts, accuracy), end: behind };
}

/** From normalised counts, -1 for "less than one" (section 4.1.1). */
export function buildFseTable(counts: readonly number[], accuracy: number): FseTable {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  const next = new Uint16Array(counts.length);
  let high = size;
  for (const [symbol, count] of counts.entries()) {
    if (count === -1) symbols[--high] = symbol;
    next[symbol] = Math.abs(count);
  }
  const step = (size >>> 1) + (size >>> 3) + 3;
  let place = 0;
  for (const [symbol, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      symbols[place] = symbol;
      do place = (place + step) & (size - 1);
      while (place >= high);
    }
  }
  for (let state = 0; state < size; state++) {
    const number = next[symbols[state]!]!++;
    const width = accuracy - (31 - Math.clz32(number));
    bits[state] = width;
    bases[state] = (number << width) - size;
  }
  return { accuracy, symbols, bits, bases };
}

export interface HuffmanTable {
  readonly longest: number;
  /** For the next `longest` bits `symbol << 4 | length`. */
  readonly entries: Uint16Array;
}

/** A description of a Huffman tree (section 4.2.1) at `at`. Throws `FormatError`. */
export function readHuffmanTable(
  bytes: Uint8Array,
  at: number,
  end: number,
  origin: number,
): { readonly table: HuffmanTable; readonly end: number } {
  const fail = (detail: string): FormatError => new FormatError('zstd', origin + at, detail);
  if (at >= end) throw fail('expected a Huffman tree, found the end');
  const head = bytes[at]!;
  const behind = at + 1 + (head < 128 ? head : (head - 126) >>> 1);
  if (behind > end) throw fail('expected weights, found the end');
  const weights =
    head < 128
      ? readWeights(bytes, at + 1, behind, origin)
      : Array.from({ length: head - 127 }, (_, i) => {
          const byte = bytes[at + 1 + (i >>> 1)]!;
          return (i & 1) === 0 ? byte >>> 4 : byte & 15;
        });
  const table = buildHuffmanTable(weights);
  if (table === null) throw fail('expected weights that make a tree');
  return { table, end: behind };
}

const MOST_WEIGHTS = 255;
const MOST_CODE_BITS = 11;

/** Two states take turns until the bits are used up (section 4.2.1.2). */
function readWeights(bytes: Uint8Array, at: number, end: number, origin: number): number[] {
  const { table, end: start } = readFseTable(bytes, at, end, {
    mostAccuracy: 6,
    mostSymbol: MOST_CODE_BITS + 1,
    origin,
  });
  const bits = new BackwardBits(bytes, start, end, origin + start);
  const weights: number[] = [];
  let current = bits.take(table.accuracy);
  let other = bits.take(table.accuracy);
  if (bits.left < 0) throw new FormatError('zstd', origin + at, 'expected two states of weights');
  while (weights.length < MOST_WEIGHTS) {
    weights.push(table.symbols[current]!);
    const next = table.bases[current]! + bits.take(table.bits[current]!);
    if (bits.left < 0) {
      weights.push(table.symbols[other]!);
      return weights;
    }
    current = other;
    other = next;
  }
  throw new FormatError('zstd', origin + at, 'expected at most 255 weights');
}

/** The last weight is not written: it fills the sum up to a power of two. */
function buildHuffmanTable(weights: readonly number[]): HuffmanTable | null {
  let sum = 0;
  for (const weight of weights) {
    if (weight > MOST_CODE_BITS) return null;
    if (weight > 0) sum += 1 << (weight - 1);
  }
  if (sum === 0 || weights.length > MOST_WEIGHTS) return null;
  const longest = 32 - Math.clz32(sum);
  const rest = (1 << longest) - sum;
  if (longest > MOST_CODE_BITS || (rest & (rest - 1)) !== 0) return null;
  const all = [...weights, 32 - Math.clz32(rest)];
  const entries = new Uint16Array(1 << longest);
  let place = 0;
  for (let weight = 1; weight <= longest; weight++) {
    const span = 1 << (weight - 1);
    for (const [symbol, own] of all.entries()) {
      if (own !== weight) continue;
      entries.fill((symbol << 4) | (longest + 1 - weight), place, place + span);
      place += span;
    }
  }
  return { longest, entries };
}
