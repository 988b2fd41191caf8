/** The fields of .xz files (The .xz File Format 1.2.1, sections 2 to 4), from bytes that hold them whole. */

import { crc32 } from 'node:zlib';

import { FormatError } from '../../core/errors.js';

export const XZ_STREAM_HEADER_BYTES = 12;
export const XZ_FOOTER_BYTES = 12;

/** Ids of integrity checks (section 2.1.1.2); others are reserved, and only their sizes are known. */
export const XZ_CHECK = { NONE: 0, CRC32: 1, CRC64: 4, SHA256: 10 } as const;

/** Ids of filters (section 5.3). */
export const XZ_FILTER = {
  DELTA: 3,
  X86: 4,
  POWERPC: 5,
  IA64: 6,
  ARM: 7,
  ARM_THUMB: 8,
  SPARC: 9,
  ARM64: 10,
  RISCV: 11,
  LZMA2: 0x21,
} as const;

export interface XzFilter {
  readonly id: number;
  readonly properties: Uint8Array;
}

export interface XzBlockHeader {
  /** Of the block, from the start of the input. */
  readonly offset: number;
  readonly headerBytes: number;
  /** Of the compressed data alone; null where the header does not say. */
  readonly compressedBytes: number | null;
  readonly contentBytes: number | null;
  /** In the order of the encoder: the last is always LZMA2. */
  readonly filters: readonly XzFilter[];
  /** Zeros between the last filter and the CRC. */
  readonly paddingBytes: number;
}

export interface XzIndexRecord {
  /** Bytes of header, compressed data and check, without the padding. */
  readonly unpaddedBytes: number;
  readonly contentBytes: number;
}

export function isXz(head: Uint8Array): boolean {
  return MAGIC.every((byte, i) => head[i] === byte);
}

/** Bytes of the check with this id. */
export function xzCheckBytes(id: number): number {
  return id === 0 ? 0 : 4 << Math.floor((id - 1) / 3);
}

/** The id of the integrity check, from a stream header's 12 bytes. Throws `FormatError`. */
export function readXzStreamHeader(bytes: Uint8Array, offset: number): { readonly check: number } {
  if (!isXz(bytes)) throw new FormatError(XZ, offset, 'expected fd 37 7a 58 5a 00');
  verifyCrc(bytes, 6, 8, 8, offset);
  return { check: readFlags(bytes, 6, offset) };
}

/** From a stream footer's 12 bytes: the id of the check, and the size of the index. Throws `FormatError`. */
export function readXzFooter(
  bytes: Uint8Array,
  offset: number,
): { readonly check: number; readonly indexBytes: number } {
  if (bytes[10] !== 0x59 || bytes[11] !== 0x5a)
    throw new FormatError(XZ, offset + 10, 'expected YZ at the end of the stream');
  verifyCrc(bytes, 4, 10, 0, offset);
  return { check: readFlags(bytes, 8, offset), indexBytes: (readU32(bytes, 4) + 1) * 4 };
}

/** A block header, whose first byte tells how many there are. Throws `FormatError`. */
export function readXzBlockHeader(bytes: Uint8Array, offset: number): XzBlockHeader {
  const headerBytes = xzBlockHeaderBytes(bytes[0]!);
  verifyCrc(bytes, 0, headerBytes - 4, headerBytes - 4, offset);
  const flags = bytes[1]!;
  if ((flags & 0x3c) !== 0)
    throw new FormatError(XZ, offset + 1, `expected no reserved flags, found ${flags}`);
  const fields: Fields = { bytes, at: 2, end: headerBytes - 4, offset };
  const compressedBytes = (flags & 0x40) === 0 ? null : takeNumber(fields);
  if (compressedBytes === 0)
    throw new FormatError(XZ, offset + 2, 'expected compressed data, found a size of 0');
  const contentBytes = (flags & 0x80) === 0 ? null : takeNumber(fields);
  const filters = Array.from({ length: (flags & 3) + 1 }, () => takeFilter(fields));
  const padding = bytes.subarray(fields.at, fields.end);
  if (padding.some((byte) => byte !== 0))
    throw new FormatError(XZ, offset + fields.at, 'expected zeros behind the filters');
  return {
    offset,
    headerBytes,
    compressedBytes,
    contentBytes,
    filters,
    paddingBytes: padding.length,
  };
}

/** Bytes of a block header, from its first byte, which is not 0. */
export function xzBlockHeaderBytes(first: number): number {
  return (first + 1) * 4;
}

/** Bytes of the dictionary that LZMA2 declares; null for properties that are none (section 5.3.1). */
export function lzma2DictionaryBytes(properties: Uint8Array): number | null {
  const code = properties[0];
  if (properties.length !== 1 || code === undefined || code > 40) return null;
  return code === 40 ? 0xffffffff : (2 | (code & 1)) * 2 ** (Math.floor(code / 2) + 11);
}

export interface XzNumber {
  readonly value: number;
  /** Offset behind it. */
  readonly end: number;
}

/**
 * A variable-length integer (section 1.2) at `at`; null when it goes on behind `bytes`. Throws `FormatError` for one of
 * more than nine bytes, with a needless last one, or above 2^53.
 */
export function readXzNumber(bytes: Uint8Array, at: number, offset: number): XzNumber | null {
  let value = 0;
  let factor = 1;
  for (let i = 0; i < 9; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * factor;
    if ((byte & 0x80) === 0) {
      if ((byte === 0 && i > 0) || !Number.isSafeInteger(value)) break;
      return { value, end: at + i + 1 };
    }
    factor *= 128;
  }
  throw new FormatError(XZ, offset, 'expected a number of at most 53 bits in its shortest form');
}

const XZ = 'xz';
const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];

interface Fields {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  readonly offset: number;
}

function takeNumber(fields: Fields): number {
  const offset = fields.offset + fields.at;
  const number = readXzNumber(fields.bytes.subarray(0, fields.end), fields.at, offset);
  if (number === null) throw new FormatError(XZ, offset, 'expected a number, found the CRC');
  fields.at = number.end;
  return number.value;
}

function takeFilter(fields: Fields): XzFilter {
  const id = takeNumber(fields);
  const size = takeNumber(fields);
  if (size > fields.end - fields.at)
    throw new FormatError(XZ, fields.offset + fields.at, `expected ${size} bytes of properties`);
  const properties = fields.bytes.slice(fields.at, fields.at + size);
  fields.at += size;
  return { id, properties };
}

function readFlags(bytes: Uint8Array, at: number, offset: number): number {
  const check = bytes[at + 1]!;
  if (bytes[at] !== 0 || check > 15)
    throw new FormatError(XZ, offset + at, 'expected no reserved flags of the stream');
  return check;
}

function verifyCrc(bytes: Uint8Array, from: number, to: number, at: number, offset: number): void {
  const computed = crc32(bytes.subarray(from, to));
  const stored = readU32(bytes, at);
  if (stored !== computed)
    throw new FormatError(XZ, offset + at, `expected the CRC ${computed}, found ${stored}`);
}

function readU32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}
