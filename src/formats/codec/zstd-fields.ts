/** Headers of Zstandard frames and blocks (RFC 8878, section 3.1.1). */

import { FormatError } from '../../core/errors.js';

export const ZSTD_MAGIC = 0xfd2fb528;
export const ZSTD_MOST_HEADER_BYTES = 18;
/** No block has more content than this. */
export const ZSTD_BLOCK_BYTES = 131_072;

export interface ZstdHeader {
  /** Of the magic, from the start of the input. */
  readonly offset: number;
  readonly headerBytes: number;
  readonly isSingleSegment: boolean;
  readonly hasChecksum: boolean;
  /** A bit that decoders ignore; no encoder sets it. */
  readonly hasUnusedBit: boolean;
  readonly windowBytes: number;
  /** Null where the frame does not say. */
  readonly contentBytes: number | null;
  /** Bytes that the two fields take: the same number can be written in more than one. */
  readonly contentFieldBytes: number;
  readonly dictionaryFieldBytes: number;
  /** 0 for none. */
  readonly dictionaryId: number;
}

export interface ZstdBlock {
  readonly kind: 'raw' | 'rle' | 'compressed';
  readonly isLast: boolean;
  /** Behind the three bytes of the header. */
  readonly payloadBytes: number;
  /** Of content, where the header tells it. */
  readonly contentBytes: number | null;
}

/** Bytes of a header, with the magic, from the byte behind the magic. */
export function zstdHeaderBytes(descriptor: number): number {
  const isSingle = (descriptor & 0x20) !== 0;
  return 5 + (isSingle ? 0 : 1) + dictionaryBytes(descriptor) + sizeBytes(descriptor);
}

/** A frame header of which `bytes` hold all. Throws `FormatError`. */
export function readZstdHeader(bytes: Uint8Array, offset: number): ZstdHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const descriptor = view.getUint8(4);
  if ((descriptor & 8) !== 0)
    throw new FormatError('zstd', offset + 4, 'expected no reserved bit in the descriptor');
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryFieldBytes = dictionaryBytes(descriptor);
  const contentFieldBytes = sizeBytes(descriptor);
  let at = isSingleSegment ? 5 : 6;
  const dictionaryId = unsigned(view, at, dictionaryFieldBytes);
  at += dictionaryFieldBytes;
  const size = unsigned(view, at, contentFieldBytes) + (contentFieldBytes === 2 ? 256 : 0);
  if (size > Number.MAX_SAFE_INTEGER)
    throw new FormatError('zstd', offset + at, 'expected a size below 2^53');
  const contentBytes = contentFieldBytes === 0 ? null : size;
  return {
    offset,
    headerBytes: at + contentFieldBytes,
    isSingleSegment,
    hasChecksum: (descriptor & 4) !== 0,
    hasUnusedBit: (descriptor & 16) !== 0,
    windowBytes: isSingleSegment ? size : windowBytes(view.getUint8(5)),
    contentBytes,
    contentFieldBytes,
    dictionaryFieldBytes,
    dictionaryId,
  };
}

/** From the three bytes in front of a block. Throws `FormatError`. */
export function readZstdBlock(bytes: Uint8Array, offset: number): ZstdBlock {
  const field = bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16);
  const isLast = (field & 1) === 1;
  const size = field >>> 3;
  if (size > ZSTD_BLOCK_BYTES)
    throw new FormatError(
      'zstd',
      offset,
      `expected at most ${ZSTD_BLOCK_BYTES} bytes, found ${size}`,
    );
  switch ((field >>> 1) & 3) {
    case 0:
      return { kind: 'raw', isLast, payloadBytes: size, contentBytes: size };
    case 1:
      return { kind: 'rle', isLast, payloadBytes: 1, contentBytes: size };
    case 2:
      return { kind: 'compressed', isLast, payloadBytes: size, contentBytes: null };
    default:
      throw new FormatError('zstd', offset, 'expected a block of type 0, 1 or 2, found 3');
  }
}

function dictionaryBytes(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3]!;
}

function sizeBytes(descriptor: number): number {
  const code = descriptor >>> 6;
  return code === 0 ? (descriptor >>> 5) & 1 : 1 << code;
}

function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

function unsigned(view: DataView, at: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + view.getUint8(at + i);
  return value;
}
