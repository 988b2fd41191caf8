/** Decompression of one bzip2 stream: blocks of up to 900,000 bytes with their CRCs, then a CRC over those. */

import { FormatError } from '../../core/errors.js';
import { UnsupportedError } from './codec.js';
import { BitReader } from './bzip2-bits.js';
import { readBzip2Block, type Bzip2Block, type Bzip2Workspace } from './bzip2-block.js';
import type { DecoderLimits } from './decoder.js';
import type { InputCursor } from './input.js';

export const BZIP2_HEADER_BYTES = 4;
/** The six bytes in front of a block, and in front of the end of the stream: digits of pi and of its root. */
export const BZIP2_BLOCK_MAGIC = [0x314159, 0x265359] as const;
export const BZIP2_END_MAGIC = [0x177245, 0x385090] as const;

/** What a decompressor learns of a stream that a header does not say. */
export interface Bzip2Events {
  /** `bitOffset` is that of the block's magic, in bits from the start of the input. */
  onBlock?(block: { readonly bitOffset: number; readonly crc: number }): void;
  onEnd?(end: { readonly bitOffset: number; readonly combinedCrc: number }): void;
}

export async function* decodeBzip2(
  cursor: InputCursor,
  _limits: DecoderLimits,
  events: Bzip2Events = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  await cursor.need(BZIP2_HEADER_BYTES, BZIP2);
  const start = cursor.position;
  const level = readBzip2Level(cursor.take(BZIP2_HEADER_BYTES), start);
  const blockBytes = level * 100_000;
  let workspace: Bzip2Workspace | undefined;
  let combined = 0;
  // Blocks begin at any bit: the bits of the first byte that belong to the block before.
  let taken = 0;
  let wanted = LEAST_BYTES;
  for (;;) {
    const wasFound = await cursor.fill(wanted);
    const origin = cursor.position - cursor.at;
    const bits = new BitReader(cursor.bytes, cursor.at, cursor.end);
    bits.take(taken);
    const offset = cursor.position;
    const magic = [bits.take(24), bits.take(24)] as const;
    const bitOffset = offset * 8 + taken;
    if (isMagic(magic, BZIP2_END_MAGIC)) {
      const stored = ((bits.take(16) << 16) | bits.take(16)) >>> 0;
      if (bits.isBeyond()) throw truncated(offset + wasFound);
      if (stored !== combined)
        throw new FormatError(BZIP2, offset, `expected the CRC ${combined}, found ${stored}`);
      events.onEnd?.({ bitOffset, combinedCrc: stored });
      cursor.at = bits.position + (bits.bitOffset > 0 ? 1 : 0);
      return;
    }
    if (bits.isBeyond()) throw truncated(offset + wasFound);
    if (!isMagic(magic, BZIP2_BLOCK_MAGIC))
      throw new FormatError(BZIP2, offset, 'expected the magic of a block or of the end');
    workspace ??= { text: new Uint32Array(blockBytes) };
    let block: Bzip2Block;
    try {
      block = readBzip2Block(bits, workspace, origin);
    } catch (error) {
      // The size of a block is not known before: more of it may come.
      if (!bits.isBeyond() || cursor.isLast || wanted >= mostBytes(blockBytes)) throw error;
      wanted *= 4;
      continue;
    }
    if (block.isRandomised)
      throw new UnsupportedError(BZIP2, offset, 'expected no randomised block, as none are made');
    for (;;) {
      const piece = new Uint8Array(PIECE);
      const length = block.read(piece);
      if (length > 0) yield piece.subarray(0, length);
      if (length < PIECE) break;
    }
    if (block.computedCrc() !== block.crc)
      throw new FormatError(BZIP2, offset, `expected the CRC ${block.computedCrc()} of the block`);
    events.onBlock?.({ bitOffset, crc: block.crc });
    combined = (((combined << 1) | (combined >>> 31)) ^ block.crc) >>> 0;
    cursor.at = bits.position;
    taken = bits.bitOffset;
  }
}

/** 1 to 9, from the four bytes of the header. Throws `FormatError`. */
export function readBzip2Level(bytes: Uint8Array, offset: number): number {
  const level = bytes[3]! - 0x30;
  if (bytes[0] !== 0x42 || bytes[1] !== 0x5a || bytes[2] !== 0x68 || level < 1 || level > 9)
    throw new FormatError(BZIP2, offset, 'expected BZh and a level from 1 to 9');
  return level;
}

export function isBzip2(head: Uint8Array): boolean {
  const level = (head[3] ?? 0) - 0x30;
  if (head[0] !== 0x42 || head[1] !== 0x5a || head[2] !== 0x68 || level < 1 || level > 9)
    return false;
  if (head.length < 10) return false;
  const bits = new BitReader(head, 4, 10);
  const magic = [bits.take(24), bits.take(24)] as const;
  return isMagic(magic, BZIP2_BLOCK_MAGIC) || isMagic(magic, BZIP2_END_MAGIC);
}

const BZIP2 = 'bzip2';
const PIECE = 65_536;
const LEAST_BYTES = 256;

/** More than a block can take: 20 bits for each byte, and its tables. */
function mostBytes(blockBytes: number): number {
  return Math.ceil(blockBytes * 2.5) + 65_536;
}

function isMagic(found: readonly [number, number], magic: readonly [number, number]): boolean {
  return found[0] === magic[0] && found[1] === magic[1];
}

function truncated(offset: number): FormatError {
  return new FormatError(BZIP2, offset, 'expected more of the stream, found the end');
}
