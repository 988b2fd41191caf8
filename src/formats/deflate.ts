/**
 * Where a DEFLATE stream ends (RFC 1951), found without keeping what it says: neither memory nor the size of the
 * content matters, so that a bomb costs no more than its own few bytes. Accepts what zlib accepts and nothing else.
 */

import { FormatError } from '../core/errors.js';

export interface DeflateExtent {
  /** Offset behind the last byte of the stream; the unused bits of that byte belong to it. */
  readonly end: number;
  /** Bytes that the stream expands to. */
  readonly sizeBytes: number;
}

/** Throws `FormatError` for a stream that is damaged or ends early. */
export function readDeflateExtent(bytes: Uint8Array, offset: number): DeflateExtent {
  const state: State = { bytes, at: offset, bits: 0, count: 0, size: 0 };
  for (let isLast = false; !isLast;) {
    isLast = take(state, 1) === 1;
    const type = take(state, 2);
    if (type === 0) skipStored(state);
    else if (type === 1) skipCoded(state, FIXED_LITERALS, FIXED_DISTANCES);
    else if (type === 2) skipDynamic(state);
    else throw damaged(state, 'expected a block of type 0, 1 or 2, found 3');
  }
  // Whole bytes that were read ahead go back.
  return { end: state.at - (state.count >>> 3), sizeBytes: state.size };
}

interface State {
  readonly bytes: Uint8Array;
  /** Next byte to load. */
  at: number;
  /** Loaded bits, the next one lowest. */
  bits: number;
  count: number;
  size: number;
}

/** A complete prefix code as one table: the next `width` bits give `symbol << 4 | length`, -1 where no code is. */
interface Code {
  readonly width: number;
  readonly table: Int32Array;
}

const END_OF_BLOCK = 256;
const WINDOW = 32_768;
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
];
const LENGTH_EXTRA = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** The order in which the lengths of the code for code lengths are stored. */
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const FIXED_LITERALS = makeCode(
  Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
)!;
const FIXED_DISTANCES = makeCode(new Uint8Array(32).fill(5))!;

function skipStored(state: State): void {
  take(state, state.count & 7);
  const length = take(state, 16);
  const complement = take(state, 16);
  if (length !== (complement ^ 0xffff))
    throw damaged(state, `expected the complement of ${length}, found ${complement}`);
  state.at += length - (state.count >>> 3);
  if (state.at > state.bytes.length) throw ended(state);
  state.bits = 0;
  state.count = 0;
  state.size += length;
}

function skipDynamic(state: State): void {
  const literals = take(state, 5) + 257;
  const distances = take(state, 5) + 1;
  const codeLengths = take(state, 4) + 4;
  if (literals > 286 || distances > 30)
    throw damaged(state, `expected at most 286 and 30 codes, found ${literals} and ${distances}`);
  const own = new Uint8Array(19);
  for (let i = 0; i < codeLengths; i++) own[CODE_LENGTH_ORDER[i]!] = take(state, 3);
  const lengthCode = mustBeCode(state, own, false);
  const lengths = readLengths(state, lengthCode, literals + distances);
  if (lengths[END_OF_BLOCK] === 0) throw damaged(state, 'expected a code for the end of the block');
  skipCoded(
    state,
    mustBeCode(state, lengths.subarray(0, literals), true),
    mustBeCode(state, lengths.subarray(literals), true),
  );
}

function readLengths(state: State, code: Code, count: number): Uint8Array {
  const lengths = new Uint8Array(count);
  for (let i = 0; i < count;) {
    const symbol = decode(state, code);
    if (symbol < 16) {
      lengths[i++] = symbol;
      continue;
    }
    if (symbol === 16 && i === 0) throw damaged(state, 'expected a length before a repetition');
    const value = symbol === 16 ? lengths[i - 1]! : 0;
    const times =
      symbol === 16 ? 3 + take(state, 2) : symbol === 17 ? 3 + take(state, 3) : 11 + take(state, 7);
    if (i + times > count) throw damaged(state, `expected ${count} code lengths, found more`);
    lengths.fill(value, i, i + times);
    i += times;
  }
  return lengths;
}

function skipCoded(state: State, literals: Code, distances: Code): void {
  for (;;) {
    const symbol = decode(state, literals);
    if (symbol < END_OF_BLOCK) {
      state.size++;
      continue;
    }
    if (symbol === END_OF_BLOCK) return;
    const at = symbol - 257;
    if (at >= LENGTH_BASE.length) throw damaged(state, `expected a length, found symbol ${symbol}`);
    const length = LENGTH_BASE[at]! + take(state, LENGTH_EXTRA[at]!);
    const slot = decode(state, distances);
    if (slot >= DISTANCE_BASE.length)
      throw damaged(state, `expected a distance, found symbol ${slot}`);
    const distance = DISTANCE_BASE[slot]! + take(state, DISTANCE_EXTRA[slot]!);
    if (distance > Math.min(state.size, WINDOW))
      throw damaged(state, `expected a distance of at most ${state.size}, found ${distance}`);
    state.size += length;
  }
}

/** Null for lengths that no prefix code has, or that leave codes unused where a decoder must know all. */
function makeCode(lengths: Uint8Array, mayLackCodes = false): Code | null {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length]!++;
  counts[0] = 0;
  let width = 15;
  while (width > 0 && counts[width] === 0) width--;
  if (width === 0) return mayLackCodes ? { width: 1, table: new Int32Array(2).fill(-1) } : null;
  const next = new Uint16Array(17);
  let free = 1;
  for (let length = 1; length <= 15; length++) {
    free = free * 2 - counts[length]!;
    if (free < 0) return null;
    next[length + 1] = (next[length]! + counts[length]!) << 1;
  }
  // One single code, of one bit, is the one incomplete code there may be.
  if (free > 0 && !(mayLackCodes && width === 1)) return null;
  const table = new Int32Array(1 << width).fill(-1);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const first = reversed(next[length]!++, length);
    for (let i = first; i < table.length; i += 1 << length) table[i] = (symbol << 4) | length;
  }
  return { width, table };
}

function mustBeCode(state: State, lengths: Uint8Array, mayLackCodes: boolean): Code {
  const code = makeCode(lengths, mayLackCodes);
  if (code === null) throw damaged(state, 'expected code lengths that make a prefix code');
  return code;
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let i = 0; i < length; i++) result |= ((code >>> i) & 1) << (length - 1 - i);
  return result;
}

function decode(state: State, code: Code): number {
  while (state.count < 15 && state.at < state.bytes.length) {
    state.bits |= state.bytes[state.at++]! << state.count;
    state.count += 8;
  }
  const found = code.table[state.bits & ((1 << code.width) - 1)]!;
  if (found < 0)
    throw state.count < 15 ? ended(state) : damaged(state, 'expected a code, found none');
  const length = found & 15;
  if (length > state.count) throw ended(state);
  state.bits >>>= length;
  state.count -= length;
  return found >>> 4;
}

function take(state: State, count: number): number {
  while (state.count < count) {
    if (state.at >= state.bytes.length) throw ended(state);
    state.bits |= state.bytes[state.at++]! << state.count;
    state.count += 8;
  }
  const value = state.bits & ((1 << count) - 1);
  state.bits >>>= count;
  state.count -= count;
  return value;
}

function damaged(state: State, detail: string): FormatError {
  return new FormatError('deflate', Math.min(state.at, state.bytes.length), detail);
}

function ended(state: State): FormatError {
  return new FormatError('deflate', state.bytes.length, 'expected more data, found the end');
}
