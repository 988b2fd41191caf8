/**
 * The filters in front of LZMA2 (The .xz File Format, section 5.3), undone: addresses in machine code that the encoder
 * made absolute, and differences between bytes.
 */

import { FormatError } from '../../core/errors.js';
import { UnsupportedError } from './codec.js';
import { XZ_FILTER, type XzFilter } from './xz-fields.js';

/**
 * Takes content in pieces of any size and gives what is final; `finish` gives the rest. It may work in place: hand it
 * bytes that nobody else reads.
 */
export interface XzUnfilter {
  push(bytes: Uint8Array): Uint8Array;
  finish(): Uint8Array;
}

/** Throws `FormatError` for properties that are none, `UnsupportedError` for a filter that we do not know. */
export function openXzUnfilter(filter: XzFilter, offset: number): XzUnfilter {
  if (filter.id === XZ_FILTER.DELTA) return delta(filter.properties, offset);
  const branch = BRANCHES[filter.id];
  if (branch === undefined)
    throw new UnsupportedError('xz', offset, `expected a known filter, found ${filter.id}`);
  return branchUnfilter(branch.open(), startOffset(filter, branch.alignment, offset));
}

/** Undoes what it can of `bytes`, which begin at `position` of the content; gives how many bytes are final. */
type Convert = (bytes: Uint8Array, position: number) => number;

interface Branch {
  readonly alignment: number;
  readonly open: () => Convert;
}

const BRANCHES: Readonly<Record<number, Branch>> = {
  [XZ_FILTER.X86]: { alignment: 1, open: x86 },
  [XZ_FILTER.POWERPC]: { alignment: 4, open: () => powerpc },
  [XZ_FILTER.IA64]: { alignment: 16, open: () => ia64 },
  [XZ_FILTER.ARM]: { alignment: 4, open: () => arm },
  [XZ_FILTER.ARM_THUMB]: { alignment: 2, open: () => armThumb },
  [XZ_FILTER.SPARC]: { alignment: 4, open: () => sparc },
  [XZ_FILTER.ARM64]: { alignment: 4, open: () => arm64 },
};

function startOffset(filter: XzFilter, alignment: number, offset: number): number {
  const { properties } = filter;
  if (properties.length === 0) return 0;
  const start = properties.length === 4 ? u32le(properties, 0) >>> 0 : Number.NaN;
  if (start % alignment !== 0)
    throw new FormatError('xz', offset, 'expected an aligned start offset of 4 bytes');
  return start;
}

function branchUnfilter(convert: Convert, start: number): XzUnfilter {
  let position = start;
  let rest = new Uint8Array(0);
  return {
    push: (bytes) => {
      let all = bytes;
      if (rest.length > 0) {
        all = new Uint8Array(rest.length + bytes.length);
        all.set(rest);
        all.set(bytes, rest.length);
      }
      const done = convert(all, position);
      position = (position + done) % 0x1_0000_0000;
      rest = all.slice(done);
      return all.subarray(0, done);
    },
    finish: () => rest,
  };
}

function delta(properties: Uint8Array, offset: number): XzUnfilter {
  if (properties.length !== 1)
    throw new FormatError('xz', offset, 'expected one byte of properties for delta');
  const distance = properties[0]! + 1;
  const before = new Uint8Array(256);
  let at = 0;
  return {
    push: (bytes) => {
      for (let i = 0; i < bytes.length; i++) {
        const value = (bytes[i]! + before[(distance + at) & 255]!) & 255;
        before[at & 255] = value;
        bytes[i] = value;
        at = (at - 1) & 255;
      }
      return bytes;
    },
    finish: () => new Uint8Array(0),
  };
}

function u32le(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function u32be(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function putU32le(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

function putU32be(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** CALL (e8) and JMP (e9): the address behind counts from the next instruction. */
function x86(): Convert {
  // Which of the last bytes were opcodes, as bits, and how far back the window of them ends.
  let mask = 0;
  let previous = -5;
  return (bytes, position) => {
    if (bytes.length < 5) return 0;
    const limit = bytes.length - 5;
    if ((position - previous) >>> 0 > 5) previous = position - 5;
    let at = 0;
    while (at <= limit) {
      const opcode = bytes[at]!;
      if (opcode !== 0xe8 && opcode !== 0xe9) {
        at++;
        continue;
      }
      const since = (position + at - previous) >>> 0;
      previous = position + at;
      if (since > 5) mask = 0;
      else for (let i = 0; i < since; i++) mask = (mask & 0x77) << 1;
      const high = bytes[at + 4]!;
      if (isSignByte(high) && ALLOWED[(mask >>> 1) & 7]! && mask >>> 1 < 16) {
        putU32le(bytes, at + 1, relative(u32le(bytes, at + 1), position + at + 5, mask));
        at += 5;
        mask = 0;
      } else {
        at++;
        mask |= 1;
        if (isSignByte(high)) mask |= 0x10;
      }
    }
    return at;
  };
}

function relative(absolute: number, next: number, mask: number): number {
  let source = absolute;
  let target: number;
  for (;;) {
    target = (source - next) | 0;
    if (mask === 0) break;
    const bits = BIT_NUMBER[mask >>> 1]!;
    if (!isSignByte((target >>> (24 - bits * 8)) & 255)) break;
    source = target ^ ((1 << (32 - bits * 8)) - 1);
  }
  return (target & 0x01ffffff) | ((target & 0x01000000) === 0 ? 0 : 0xff000000);
}

function isSignByte(byte: number): boolean {
  return byte === 0 || byte === 0xff;
}

const ALLOWED = [true, true, true, false, true, false, false, false];
const BIT_NUMBER = [0, 1, 2, 2, 3, 3, 3, 3];

/** `b` with link, absolute bit clear. */
function powerpc(bytes: Uint8Array, position: number): number {
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    const word = u32be(bytes, at);
    if ((word & 0xfc000003) >>> 0 !== 0x48000001) continue;
    putU32be(bytes, at, 0x48000001 | ((word - position - at) & 0x03fffffc));
  }
  return at;
}

/** `bl`, counted in words from the instruction after the next. */
function arm(bytes: Uint8Array, position: number): number {
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    if (bytes[at + 3] !== 0xeb) continue;
    const target = ((u32le(bytes, at) & 0xffffff) << 2) - (position + at + 8);
    putU32le(bytes, at, ((target >>> 2) & 0xffffff) | 0xeb000000);
  }
  return at;
}

/** The pair of halfwords that is `bl`. */
function armThumb(bytes: Uint8Array, position: number): number {
  let at = 0;
  for (; at + 4 <= bytes.length; at += 2) {
    if ((bytes[at + 1]! & 0xf8) !== 0xf0 || (bytes[at + 3]! & 0xf8) !== 0xf8) continue;
    const source =
      ((bytes[at + 1]! & 7) << 19) |
      (bytes[at]! << 11) |
      ((bytes[at + 3]! & 7) << 8) |
      bytes[at + 2]!;
    const target = ((source << 1) - (position + at + 4)) >>> 1;
    bytes[at + 1] = 0xf0 | ((target >>> 19) & 7);
    bytes[at] = target >>> 11;
    bytes[at + 3] = 0xf8 | ((target >>> 8) & 7);
    bytes[at + 2] = target;
    at += 2;
  }
  return at;
}

/** `call` whose displacement fits 23 bits with sign. */
function sparc(bytes: Uint8Array, position: number): number {
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    const head = u32be(bytes, at) >>> 22;
    if (head !== 0x100 && head !== 0x1ff) continue;
    const target = ((u32be(bytes, at) << 2) - (position + at)) >>> 2;
    const sign = (0 - ((target >>> 22) & 1)) << 22;
    putU32be(bytes, at, (sign & 0x3fffffff) | (target & 0x3fffff) | 0x40000000);
  }
  return at;
}

/** `bl` of 26 bits in words, and `adrp` within 512 MiB in pages. */
function arm64(bytes: Uint8Array, position: number): number {
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    const word = u32le(bytes, at);
    const pc = position + at;
    if (word >>> 26 === 0x25) {
      putU32le(bytes, at, 0x94000000 | ((word - (pc >>> 2)) & 0x03ffffff));
    } else if ((word & 0x9f000000) >>> 0 === 0x90000000) {
      const source = ((word >>> 29) & 3) | ((word >>> 3) & 0x001ffffc);
      if (((source + 0x00020000) & 0x001c0000) !== 0) continue;
      const target = source - (pc >>> 12);
      putU32le(
        bytes,
        at,
        (word & 0x9000001f) |
          ((target & 3) << 29) |
          ((target & 0x0003fffc) << 3) |
          (-(target & 0x00020000) & 0x00e00000),
      );
    }
  }
  return at;
}

/** Slots of 41 bits in bundles of 16 bytes; the template says which are branches. */
function ia64(bytes: Uint8Array, position: number): number {
  let at = 0;
  for (; at + 16 <= bytes.length; at += 16) {
    const slots = IA64_BRANCHES[bytes[at]! & 31]!;
    for (let slot = 0; slot < 3; slot++) {
      if (((slots >>> slot) & 1) === 0) continue;
      const bit = 5 + slot * 41;
      const first = at + (bit >>> 3);
      const shift = BigInt(bit & 7);
      let word = 0n;
      for (let i = 5; i >= 0; i--) word = (word << 8n) | BigInt(bytes[first + i]!);
      const instruction = word >> shift;
      if (((instruction >> 37n) & 0xfn) !== 5n || ((instruction >> 9n) & 7n) !== 0n) continue;
      const field = ((instruction >> 13n) & 0xfffffn) | (((instruction >> 36n) & 1n) << 20n);
      const target = ((Number(field) << 4) - (position + at)) >>> 4;
      const changed =
        (instruction & ~(0x8fffffn << 13n)) |
        (BigInt(target & 0xfffff) << 13n) |
        (BigInt(target & 0x100000) << 16n);
      word = (word & ((1n << shift) - 1n)) | (changed << shift);
      for (let i = 0; i < 6; i++) bytes[first + i] = Number((word >> BigInt(8 * i)) & 0xffn);
    }
  }
  return at;
}

const IA64_BRANCHES = [
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0,
];
