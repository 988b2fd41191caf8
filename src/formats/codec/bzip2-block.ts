/** A block of bzip2: Huffman codes, runs of zeros and move-to-front give the sorted text, which is then put in order. */

import { FormatError } from '../../core/errors.js';
import type { BitReader } from './bzip2-bits.js';

export interface Bzip2Block {
  readonly crc: number;
  readonly isRandomised: boolean;
  /** Writes content into `into` until that is full or the block is over; gives how many bytes. */
  read(into: Uint8Array): number;
  /** Of the content that was read so far. */
  computedCrc(): number;
}

/** Memory for blocks of a stream, used again for each. */
export interface Bzip2Workspace {
  /** One number for each byte: the byte below, the place of the next above. */
  readonly text: Uint32Array;
}

/** Reads what follows the magic of a block, with its CRC. Throws `FormatError` that counts offsets from `origin`. */
export function readBzip2Block(
  bits: BitReader,
  workspace: Bzip2Workspace,
  origin: number,
): Bzip2Block {
  const fail = (detail: string): FormatError =>
    new FormatError('bzip2', origin + Math.min(bits.position, bits.end), detail);
  const crc = ((bits.take(16) << 16) | bits.take(16)) >>> 0;
  const isRandomised = bits.take(1) === 1;
  const first = bits.take(24);
  const symbols = readSymbols(bits);
  if (symbols.length === 0) throw fail('expected symbols in the block');
  const tableCount = bits.take(3);
  if (tableCount < 2 || tableCount > 6) throw fail(`expected 2 to 6 tables, found ${tableCount}`);
  const selectors = readSelectors(bits, tableCount, fail);
  const tables: Table[] = [];
  for (let i = 0; i < tableCount; i++) tables.push(readTable(bits, symbols.length + 2, fail));
  const counts = new Uint32Array(256);
  const size = readText(bits, { symbols, selectors, tables, counts, fail, text: workspace.text });
  if (bits.isBeyond()) throw fail('expected more of the block, found the end');
  if (first >= size) throw fail(`expected a start within ${size} bytes, found ${first}`);
  linkText(workspace.text, size, counts);
  return contentOf({ crc, isRandomised, text: workspace.text, size, first });
}

type Fail = (detail: string) => FormatError;

function readSymbols(bits: BitReader): Uint8Array {
  const groups = bits.take(16);
  const symbols: number[] = [];
  for (let group = 0; group < 16; group++) {
    if (((groups >>> (15 - group)) & 1) === 0) continue;
    const used = bits.take(16);
    for (let i = 0; i < 16; i++) if (((used >>> (15 - i)) & 1) === 1) symbols.push(group * 16 + i);
  }
  return Uint8Array.from(symbols);
}

function readSelectors(bits: BitReader, tableCount: number, fail: Fail): Uint8Array {
  const count = bits.take(15);
  if (count === 0) throw fail('expected selectors');
  const order = Array.from({ length: tableCount }, (_, i) => i);
  const selectors = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let place = 0;
    while (bits.take(1) === 1)
      if (++place >= tableCount) throw fail('expected a table, found none');
    const [table] = order.splice(place, 1);
    order.unshift(table!);
    selectors[i] = table!;
  }
  return selectors;
}

interface Table {
  /** For the next `FAST_BITS` bits `symbol << 5 | length`; 0 where the code is longer. */
  readonly fast: Uint16Array;
  /** For each length the first code beyond those of that length, aligned to `MOST_BITS`; and what to add for the symbol. */
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly sorted: Uint16Array;
  readonly longest: number;
}

const MOST_BITS = 20;
const FAST_BITS = 10;

function readTable(bits: BitReader, symbolCount: number, fail: Fail): Table {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.take(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > MOST_BITS)
        throw fail(`expected a code of 1 to 20 bits, found ${length}`);
      if (bits.take(1) === 0) break;
      length += bits.take(1) === 0 ? 1 : -1;
      if (bits.isBeyond()) throw fail('expected lengths of codes, found the end');
    }
    lengths[symbol] = length;
  }
  return buildTable(lengths);
}

function buildTable(lengths: Uint8Array): Table {
  const fast = new Uint16Array(1 << FAST_BITS);
  const limits = new Int32Array(MOST_BITS + 2);
  const bases = new Int32Array(MOST_BITS + 2);
  const sorted = new Uint16Array(lengths.length);
  let code = 0;
  let index = 0;
  let longest = 0;
  for (let length = 1; length <= MOST_BITS; length++) {
    bases[length] = index - code;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      longest = length;
      if (length <= FAST_BITS) {
        const shift = FAST_BITS - length;
        // Too many codes of a length overflow; what lies beyond the table is never met.
        fast.fill((symbol << 5) | length, code << shift, (code + 1) << shift);
      }
      sorted[index++] = symbol;
      code++;
    }
    limits[length] = code;
    code <<= 1;
  }
  return { fast, limits, bases, sorted, longest };
}

interface Coded {
  readonly symbols: Uint8Array;
  readonly selectors: Uint8Array;
  readonly tables: readonly Table[];
  /** How often each byte occurs; filled here. */
  readonly counts: Uint32Array;
  readonly fail: Fail;
  readonly text: Uint32Array;
}

/** Symbols that one selector is good for. */
const GROUP = 50;

function readText(bits: BitReader, coded: Coded): number {
  const { selectors, tables, counts, fail, text } = coded;
  const order = Uint8Array.from(coded.symbols);
  const endOfBlock = order.length + 1;
  let size = 0;
  let run = 0;
  let weight = 1;
  for (let group = 0; group < selectors.length; group++) {
    const table = tables[selectors[group]!]!;
    for (let i = 0; i < GROUP; i++) {
      const symbol = takeSymbol(bits, table, fail);
      if (symbol < 2) {
        // Digits 1 and 2 of the length of a run.
        run += weight << symbol;
        weight <<= 1;
        if (run > text.length) throw fail('expected a run within the block');
        continue;
      }
      if (run > 0) {
        const byte = order[0]!;
        if (run > text.length - size) throw fail('expected no more than the size of a block');
        text.fill(byte, size, size + run);
        counts[byte]! += run;
        size += run;
        run = 0;
        weight = 1;
      }
      if (symbol === endOfBlock) return size;
      if (size >= text.length) throw fail('expected no more than the size of a block');
      const byte = order[symbol - 1]!;
      order.copyWithin(1, 0, symbol - 1);
      order[0] = byte;
      counts[byte]!++;
      text[size++] = byte;
    }
    if (bits.isBeyond()) throw fail('expected more of the block, found the end');
  }
  throw fail('expected the end of the block within the selectors');
}

function takeSymbol(bits: BitReader, table: Table, fail: Fail): number {
  const entry = table.fast[bits.peek(FAST_BITS)]!;
  if (entry !== 0) {
    bits.skip(entry & 31);
    return entry >>> 5;
  }
  for (let length = FAST_BITS + 1; length <= table.longest; length++) {
    const code = bits.peek(length);
    if (code >= table.limits[length]!) continue;
    const symbol = table.sorted[code + table.bases[length]!];
    if (symbol === undefined) break;
    bits.skip(length);
    return symbol;
  }
  throw fail('expected a code of the table');
}

/** Undoes the sorting: each entry learns where the next byte is. */
function linkText(text: Uint32Array, size: number, counts: Uint32Array): void {
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte]!;
    counts[byte] = sum;
    sum += count;
  }
  for (let i = 0; i < size; i++) {
    const place = counts[text[i]! & 255]!++;
    text[place] = (text[place]! & 255) | (i << 8);
  }
}

interface Text {
  readonly crc: number;
  readonly isRandomised: boolean;
  readonly text: Uint32Array;
  readonly size: number;
  readonly first: number;
}

/** After four equal bytes a fifth says how many more there are. */
function contentOf({ crc, isRandomised, text, size, first }: Text): Bzip2Block {
  let place = text[first]! >>> 8;
  let left = size;
  let previous = -1;
  let equal = 0;
  let repeat = 0;
  let computed = -1;
  const table = (crcTable ??= makeCrcTable());
  return {
    crc,
    isRandomised,
    computedCrc: () => ~computed >>> 0,
    read: (into) => {
      let at = 0;
      while (at < into.length) {
        if (repeat > 0) {
          const count = Math.min(repeat, into.length - at);
          into.fill(previous, at, at + count);
          at += count;
          repeat -= count;
          continue;
        }
        if (left === 0) break;
        const entry = text[place]!;
        place = entry >>> 8;
        left--;
        const byte = entry & 255;
        if (equal === 4) {
          repeat = byte;
          equal = 0;
          continue;
        }
        equal = byte === previous ? equal + 1 : 1;
        previous = byte;
        into[at++] = byte;
      }
      for (let i = 0; i < at; i++)
        computed = (computed << 8) ^ table[(computed >>> 24) ^ into[i]!]!;
      return at;
    },
  };
}

let crcTable: Int32Array | undefined;

/** CRC-32 with the bits in their written order, unlike that of gzip. */
function makeCrcTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24;
    for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
    return value;
  });
}
