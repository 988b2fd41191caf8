/** All frames of a Zstandard file and what their headers say, found without decompressing. */

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { countZeros, MAX_LISTED, readExactly } from './access.js';
import { LimitError } from './codec.js';
import { isSkippable, readU32 } from './skippable.js';
import {
  readZstdBlock,
  readZstdHeader,
  ZSTD_MAGIC,
  zstdHeaderBytes,
  type ZstdHeader,
} from './zstd-fields.js';

export interface ZstdFrame extends ZstdHeader {
  readonly kind: 'frame';
  /** Of the first block's header. */
  readonly blocksOffset: number;
  readonly rawBlocks: number;
  readonly rleBlocks: number;
  readonly compressedBlocks: number;
  /** Of all blocks, without their headers. */
  readonly payloadBytes: number;
  /** Low half of XXH64 of the content, as stored; null without. */
  readonly checksum: number | null;
  readonly end: number;
}

export interface SkippableFrame {
  readonly kind: 'skippable';
  readonly offset: number;
  /** Low four bits of the magic. */
  readonly variant: number;
  readonly payloadOffset: number;
  readonly end: number;
}

export interface ZstdStructure {
  readonly frames: readonly (ZstdFrame | SkippableFrame)[];
  /** Of the first byte that belongs to no frame. Zeros between frames belong to none and are stepped over. */
  readonly end: number;
}

/** The frames from `offset` on. Throws `FormatError`. */
export function readZstdStructure(input: RandomAccess, offset = 0): ZstdStructure {
  const frames: (ZstdFrame | SkippableFrame)[] = [];
  for (let at = offset; ;) {
    if (frames.length >= MAX_LISTED) throw new LimitError(ZSTD, at, 'members', MAX_LISTED);
    const magic = readU32(readExactly(input, at, 4, ZSTD), 0);
    if (magic !== ZSTD_MAGIC && !isSkippable(magic))
      throw new FormatError(ZSTD, at, 'expected the magic of a frame');
    const frame = magic === ZSTD_MAGIC ? readFrame(input, at) : readSkippableFrame(input, at, ZSTD);
    frames.push(frame);
    at = frame.end + countZeros(input, frame.end);
    const next = input.read(at, 4);
    const isNext = next.length === 4 && isMagic(readU32(next, 0));
    if (!isNext) return { frames, end: frame.end };
  }
}

/** The skippable frame at `offset`, whose magic is known to be one. Throws `FormatError`. */
export function readSkippableFrame(
  input: RandomAccess,
  offset: number,
  format: string,
): SkippableFrame {
  const head = readExactly(input, offset, 8, format);
  const end = offset + 8 + readU32(head, 4);
  if (end > input.size)
    throw new FormatError(format, input.size, `expected ${end - input.size} more bytes`);
  return { kind: 'skippable', offset, variant: head[0]! & 15, payloadOffset: offset + 8, end };
}

const ZSTD = 'zstd';

function isMagic(magic: number): boolean {
  return magic === ZSTD_MAGIC || isSkippable(magic);
}

function readFrame(input: RandomAccess, offset: number): ZstdFrame {
  const descriptor = readExactly(input, offset, 5, ZSTD)[4]!;
  const head = readExactly(input, offset, zstdHeaderBytes(descriptor), ZSTD);
  const header = readZstdHeader(head, offset);
  const blocksOffset = offset + header.headerBytes;
  const counts = { raw: 0, rle: 0, compressed: 0 };
  let payloadBytes = 0;
  let at = blocksOffset;
  for (let isLast = false; !isLast;) {
    const block = readZstdBlock(readExactly(input, at, 3, ZSTD), at);
    counts[block.kind]++;
    payloadBytes += block.payloadBytes;
    at += 3 + block.payloadBytes;
    isLast = block.isLast;
  }
  const checksum = header.hasChecksum ? readU32(readExactly(input, at, 4, ZSTD), 0) : null;
  const end = header.hasChecksum ? at + 4 : at;
  if (end > input.size)
    throw new FormatError(ZSTD, input.size, `expected ${end - input.size} more bytes`);
  return {
    kind: 'frame',
    ...header,
    blocksOffset,
    rawBlocks: counts.raw,
    rleBlocks: counts.rle,
    compressedBlocks: counts.compressed,
    payloadBytes,
    checksum,
    end,
  };
}
