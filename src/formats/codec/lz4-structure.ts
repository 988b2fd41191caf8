/** All frames of an LZ4 file and what their headers say. */

import xxhash from 'xxhash-wasm';

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { countZeros, MAX_LISTED, readExactly } from './access.js';
import { LimitError } from './codec.js';
import { lz4ContentBytes } from './lz4-block.js';
import {
  LZ4_LEGACY_BLOCK_BYTES,
  LZ4_LEGACY_MAGIC,
  LZ4_LEGACY_MOST_BYTES,
  LZ4_MAGIC,
  lz4HeaderBytes,
  readLz4BlockSize,
  readLz4Header,
  type Lz4Header,
} from './lz4-fields.js';
import { isSkippable, readU32 } from './skippable.js';
import { readSkippableFrame, type SkippableFrame } from './zstd-structure.js';

/** Sizes of the blocks of a frame. */
export interface Lz4Blocks {
  readonly count: number;
  readonly storedCount: number;
  /** Without sizes and checksums. */
  readonly payloadBytes: number;
  readonly largestBytes: number;
}

export interface Lz4Frame extends Lz4Header {
  readonly kind: 'frame';
  readonly blocks: Lz4Blocks;
  /** XXH32 of the content, as stored; null without. */
  readonly contentChecksum: number | null;
  readonly end: number;
}

export interface Lz4LegacyFrame {
  readonly kind: 'legacy';
  readonly offset: number;
  readonly blocks: Lz4Blocks;
  readonly end: number;
}

export interface Lz4Structure {
  readonly frames: readonly (Lz4Frame | Lz4LegacyFrame | SkippableFrame)[];
  /** Of the first byte that belongs to no frame. Zeros between frames belong to none and are stepped over. */
  readonly end: number;
}

/**
 * The frames from `offset` on, with the checksums of headers verified. Blocks of legacy frames are read, to see which
 * is the last; nothing is decompressed. Throws `FormatError`.
 */
export async function readLz4Structure(input: RandomAccess, offset = 0): Promise<Lz4Structure> {
  const xx = await xxhash();
  const frames: (Lz4Frame | Lz4LegacyFrame | SkippableFrame)[] = [];
  for (let at = offset; ;) {
    if (frames.length >= MAX_LISTED) throw new LimitError(LZ4, at, 'members', MAX_LISTED);
    const magic = readU32(readExactly(input, at, 4, LZ4), 0);
    if (!isMagic(magic)) throw new FormatError(LZ4, at, 'expected the magic of a frame');
    const frame =
      magic === LZ4_MAGIC
        ? readFrame(input, at, (bytes) => xx.h32Raw(bytes))
        : magic === LZ4_LEGACY_MAGIC
          ? readLegacy(input, at)
          : readSkippableFrame(input, at, LZ4);
    frames.push(frame);
    at = frame.end + countZeros(input, frame.end);
    const next = input.read(at, 4);
    if (next.length < 4 || !isMagic(readU32(next, 0))) return { frames, end: frame.end };
  }
}

const LZ4 = 'lz4';

function isMagic(magic: number): boolean {
  return magic === LZ4_MAGIC || magic === LZ4_LEGACY_MAGIC || isSkippable(magic);
}

interface Counts {
  count: number;
  storedCount: number;
  payloadBytes: number;
  largestBytes: number;
}

function noBlocks(): Counts {
  return { count: 0, storedCount: 0, payloadBytes: 0, largestBytes: 0 };
}

function addBlock(blocks: Counts, payloadBytes: number): void {
  blocks.count++;
  blocks.payloadBytes += payloadBytes;
  blocks.largestBytes = Math.max(blocks.largestBytes, payloadBytes);
}

function readFrame(
  input: RandomAccess,
  offset: number,
  h32: (bytes: Uint8Array) => number,
): Lz4Frame {
  const flags = readExactly(input, offset, 5, LZ4)[4]!;
  const head = readExactly(input, offset, lz4HeaderBytes(flags), LZ4);
  const header = readLz4Header(head, offset);
  if (((h32(head.subarray(4, -1)) >>> 8) & 255) !== header.headerChecksum)
    throw new FormatError(LZ4, offset + head.length - 1, 'expected the checksum of the header');
  const blocks = noBlocks();
  let at = offset + head.length;
  for (;;) {
    const field = readU32(readExactly(input, at, 4, LZ4), 0);
    at += 4;
    if (field === 0) break;
    const { isStored, payloadBytes } = readLz4BlockSize(field);
    if (payloadBytes > header.blockBytes)
      throw new FormatError(LZ4, at - 4, `expected at most ${header.blockBytes} bytes`);
    addBlock(blocks, payloadBytes);
    if (isStored) blocks.storedCount++;
    at += payloadBytes + (header.hasBlockChecksums ? 4 : 0);
  }
  const { hasContentChecksum } = header;
  const contentChecksum = hasContentChecksum ? readU32(readExactly(input, at, 4, LZ4), 0) : null;
  return {
    kind: 'frame',
    ...header,
    blocks,
    contentChecksum,
    end: hasContentChecksum ? at + 4 : at,
  };
}

function readLegacy(input: RandomAccess, offset: number): Lz4LegacyFrame {
  const blocks = noBlocks();
  let at = offset + 4;
  for (let isFull = true; isFull;) {
    const head = input.read(at, 4);
    if (head.length < 4 && head.some((byte) => byte !== 0))
      throw new FormatError(LZ4, at + head.length, 'expected the size of a block');
    const payloadBytes = head.length < 4 ? 0 : readU32(head, 0);
    if (payloadBytes === 0 || payloadBytes > LZ4_LEGACY_MOST_BYTES) break;
    const payload = readExactly(input, at + 4, payloadBytes, LZ4);
    isFull = lz4ContentBytes(payload) === LZ4_LEGACY_BLOCK_BYTES;
    addBlock(blocks, payloadBytes);
    at += 4 + payloadBytes;
  }
  return { kind: 'legacy', offset, blocks, end: at };
}
