/** Decompression of LZ4: one frame with all its checksums, one legacy frame, or one skippable frame. */

import xxhash from 'xxhash-wasm';

import { FormatError } from '../../core/errors.js';
import { UnsupportedError } from './codec.js';
import type { DecoderLimits } from './decoder.js';
import { History } from './history.js';
import type { InputCursor } from './input.js';
import { decodeLz4Block } from './lz4-block.js';
import {
  LZ4_LEGACY_BLOCK_BYTES,
  LZ4_LEGACY_MAGIC,
  LZ4_LEGACY_MOST_BYTES,
  LZ4_MAGIC,
  lz4HeaderBytes,
  readLz4BlockSize,
  readLz4Header,
} from './lz4-fields.js';
import { isSkippable, readU32, skipFrame } from './skippable.js';

export async function* decodeLz4(
  cursor: InputCursor,
  limits: DecoderLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  await cursor.need(4, LZ4);
  const magic = readU32(cursor.bytes, cursor.at);
  if (magic === LZ4_MAGIC) yield* decodeFrame(cursor, limits);
  else if (magic === LZ4_LEGACY_MAGIC) yield* decodeLegacy(cursor, limits);
  else if (isSkippable(magic)) await skipFrame(cursor, LZ4);
  else throw new FormatError(LZ4, cursor.position, 'expected the magic of a frame');
}

const LZ4 = 'lz4';
/** How far back a match can refer. */
const WINDOW = 65_535;

async function* decodeFrame(
  cursor: InputCursor,
  limits: DecoderLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const start = cursor.position;
  await cursor.need(5, LZ4);
  await cursor.need(lz4HeaderBytes(cursor.bytes[cursor.at + 4]!), LZ4);
  const header = readLz4Header(cursor.peek(19), start);
  const xx = await xxhash();
  const descriptor = cursor.take(header.headerBytes).subarray(4, -1);
  if (((xx.h32Raw(descriptor) >>> 8) & 255) !== header.headerChecksum)
    throw new FormatError(LZ4, cursor.position - 1, 'expected the checksum of the header');
  if (header.dictionaryId !== null)
    throw new UnsupportedError(LZ4, start, `expected no dictionary, found ${header.dictionaryId}`);
  const content = header.hasContentChecksum ? xx.create32() : null;
  const history = new History(LZ4, WINDOW, limits.maxMemoryBytes);
  let total = 0;
  for (;;) {
    await cursor.need(4, LZ4);
    const field = readU32(cursor.take(4), 0);
    if (field === 0) break;
    const { isStored, payloadBytes } = readLz4BlockSize(field);
    const offset = cursor.position;
    if (payloadBytes > header.blockBytes)
      throw new FormatError(LZ4, offset - 4, `expected at most ${header.blockBytes} bytes`);
    await cursor.need(payloadBytes + (header.hasBlockChecksums ? 4 : 0), LZ4);
    const payload = cursor.take(payloadBytes);
    if (header.hasBlockChecksums && readU32(cursor.take(4), 0) !== xx.h32Raw(payload) >>> 0)
      throw new FormatError(LZ4, offset + payloadBytes, 'expected the checksum of the block');
    if (header.hasIndependentBlocks) history.reset();
    const block = decodeBlock(payload, isStored, history, header.blockBytes, offset);
    total += block.length;
    content?.update(block);
    if (block.length > 0) yield block;
  }
  if (header.contentBytes !== null && header.contentBytes !== total)
    throw new FormatError(
      LZ4,
      start + 6,
      `expected the size ${total}, found ${header.contentBytes}`,
    );
  if (content === null) return;
  await cursor.need(4, LZ4);
  const offset = cursor.position;
  if (readU32(cursor.take(4), 0) !== content.digest() >>> 0)
    throw new FormatError(LZ4, offset, 'expected the checksum of the content');
}

/**
 * Nothing marks the end of a legacy frame. It is over at the end of the input, in front of what cannot be the size of a
 * block (the magic of another frame, zeros, a cpio header), and behind a block that is not full.
 */
async function* decodeLegacy(
  cursor: InputCursor,
  limits: DecoderLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  cursor.at += 4;
  const history = new History(LZ4, WINDOW, limits.maxMemoryBytes);
  for (let isFull = true; isFull;) {
    const found = await cursor.fill(4);
    if (found === 0) return;
    if (found < 4 && cursor.peek(4).some((byte) => byte !== 0))
      throw new FormatError(LZ4, cursor.position + found, 'expected the size of a block');
    const payloadBytes = found < 4 ? 0 : readU32(cursor.bytes, cursor.at);
    if (payloadBytes === 0 || payloadBytes > LZ4_LEGACY_MOST_BYTES) return;
    cursor.at += 4;
    await cursor.need(payloadBytes, LZ4);
    const offset = cursor.position;
    history.reset();
    const payload = cursor.take(payloadBytes);
    const block = decodeBlock(payload, false, history, LZ4_LEGACY_BLOCK_BYTES, offset);
    isFull = block.length === LZ4_LEGACY_BLOCK_BYTES;
    if (block.length > 0) yield block;
  }
}

function decodeBlock(
  payload: Uint8Array,
  isStored: boolean,
  history: History,
  blockBytes: number,
  offset: number,
): Uint8Array {
  // No byte of a block gives more than 255 bytes of content: a short one needs no room for a full one.
  const room = Math.min(blockBytes, payload.length * 255);
  history.reserve(room);
  const from = history.pos;
  if (isStored) {
    history.bytes.set(payload, from);
    history.pos += payload.length;
  } else {
    decodeLz4Block(payload, 0, payload.length, history, room, offset);
  }
  return history.bytes.slice(from, history.pos);
}
