/** The fields of LZ4 frames (LZ4 Frame Format 1.6.3) and of the legacy frames that kernels use. */

import { FormatError } from '../../core/errors.js';

export const LZ4_MAGIC = 0x184d2204;
export const LZ4_LEGACY_MAGIC = 0x184c2102;
/** Content of every legacy block but the last. */
export const LZ4_LEGACY_BLOCK_BYTES = 8 << 20;
/** No legacy block is larger than this compressed: a greater size is the magic of what follows. */
export const LZ4_LEGACY_MOST_BYTES = LZ4_LEGACY_BLOCK_BYTES + (LZ4_LEGACY_BLOCK_BYTES >>> 8) + 64;
export const LZ4_MOST_HEADER_BYTES = 19;
const LZ4_LEAST_HEADER_BYTES = 7;

export interface Lz4Header {
  /** Of the magic, from the start of the input. */
  readonly offset: number;
  /** With magic and checksum. */
  readonly headerBytes: number;
  readonly version: number;
  readonly hasIndependentBlocks: boolean;
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  /** Most content of a block. */
  readonly blockBytes: number;
  readonly contentBytes: number | null;
  readonly dictionaryId: number | null;
  /** What the last byte of the header says; that it agrees is checked by whoever has XXH32. */
  readonly headerChecksum: number;
}

/** Bytes of the header, from the FLG byte. */
export function lz4HeaderBytes(flags: number): number {
  return LZ4_LEAST_HEADER_BYTES + ((flags & 8) === 0 ? 0 : 8) + ((flags & 1) === 0 ? 0 : 4);
}

/** A frame header of which `bytes` hold all. Throws `FormatError`. */
export function readLz4Header(bytes: Uint8Array, offset: number): Lz4Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(4);
  const descriptor = view.getUint8(5);
  if (flags >>> 6 !== 1 || (flags & 2) !== 0)
    throw new FormatError('lz4', offset + 4, `expected version 1, found the flags ${flags}`);
  const code = (descriptor >>> 4) & 7;
  if ((descriptor & 0x8f) !== 0 || code < 4)
    throw new FormatError('lz4', offset + 5, `expected a size of blocks, found ${descriptor}`);
  const headerBytes = lz4HeaderBytes(flags);
  const hasSize = (flags & 8) !== 0;
  const size = hasSize ? view.getBigUint64(6, true) : 0n;
  if (size > MAX_SAFE) throw new FormatError('lz4', offset + 6, `expected a size, found ${size}`);
  return {
    offset,
    headerBytes,
    version: 1,
    hasIndependentBlocks: (flags & 0x20) !== 0,
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 4) !== 0,
    blockBytes: 1 << (8 + 2 * code),
    contentBytes: hasSize ? Number(size) : null,
    dictionaryId: (flags & 1) === 0 ? null : view.getUint32(headerBytes - 5, true),
    headerChecksum: view.getUint8(headerBytes - 1),
  };
}

/** The size field in front of a block: 0 ends the frame. */
export function readLz4BlockSize(field: number): {
  readonly isStored: boolean;
  readonly payloadBytes: number;
} {
  return { isStored: field >>> 31 === 1, payloadBytes: field & 0x7fffffff };
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
