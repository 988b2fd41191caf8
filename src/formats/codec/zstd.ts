/** Decompression of Zstandard: one frame with its checksum, or one skippable frame (RFC 8878). */

import xxhash from 'xxhash-wasm';

import { FormatError } from '../../core/errors.js';
import { UnsupportedError } from './codec.js';
import type { DecoderLimits } from './decoder.js';
import { History } from './history.js';
import type { InputCursor } from './input.js';
import { isSkippable, readU32, skipFrame } from './skippable.js';
import { ZstdBlockDecoder } from './zstd-block.js';
import { readZstdBlock, readZstdHeader, ZSTD_MAGIC, zstdHeaderBytes } from './zstd-fields.js';

export async function* decodeZstd(
  cursor: InputCursor,
  limits: DecoderLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  await cursor.need(4, ZSTD);
  const magic = readU32(cursor.bytes, cursor.at);
  if (magic === ZSTD_MAGIC) yield* decodeFrame(cursor, limits);
  else if (isSkippable(magic)) await skipFrame(cursor, ZSTD);
  else throw new FormatError(ZSTD, cursor.position, 'expected the magic of a frame');
}

const ZSTD = 'zstd';

async function* decodeFrame(
  cursor: InputCursor,
  limits: DecoderLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const start = cursor.position;
  await cursor.need(5, ZSTD);
  await cursor.need(zstdHeaderBytes(cursor.bytes[cursor.at + 4]!), ZSTD);
  const header = readZstdHeader(cursor.peek(18), start);
  cursor.at += header.headerBytes;
  if (header.dictionaryId !== 0)
    throw new UnsupportedError(ZSTD, start, `expected no dictionary, found ${header.dictionaryId}`);
  const history = new History(ZSTD, header.windowBytes, limits.maxMemoryBytes);
  const blocks = new ZstdBlockDecoder(history, header.windowBytes);
  const checksum = header.hasChecksum ? (await xxhash()).create64() : null;
  let total = 0;
  for (let isLast = false; !isLast;) {
    const offset = cursor.position;
    await cursor.need(3, ZSTD);
    const block = readZstdBlock(cursor.take(3), offset);
    isLast = block.isLast;
    if (Math.max(block.contentBytes ?? 0, block.payloadBytes) > Math.max(blocks.blockBytes, 1))
      throw new FormatError(ZSTD, offset, `expected a block of at most ${blocks.blockBytes} bytes`);
    await cursor.need(block.payloadBytes, ZSTD);
    const payload = cursor.take(block.payloadBytes);
    history.reserve(blocks.blockBytes);
    const from = history.pos;
    if (block.kind === 'compressed') {
      blocks.decode(payload, offset + 3);
    } else if (block.kind === 'raw') {
      history.bytes.set(payload, from);
      history.pos += payload.length;
    } else {
      history.bytes.fill(payload[0]!, from, from + block.contentBytes!);
      history.pos += block.contentBytes!;
    }
    if (history.pos === from) continue;
    const content = history.bytes.slice(from, history.pos);
    total += content.length;
    if (header.contentBytes !== null && total > header.contentBytes) break;
    checksum?.update(content);
    yield content;
  }
  if (header.contentBytes !== null && header.contentBytes !== total)
    throw new FormatError(
      ZSTD,
      cursor.position,
      `expected ${header.contentBytes} bytes of content, found ${total}`,
    );
  if (checksum === null) return;
  await cursor.need(4, ZSTD);
  const offset = cursor.position;
  if (readU32(cursor.take(4), 0) !== Number(checksum.digest() & 0xffffffffn))
    throw new FormatError(ZSTD, offset, 'expected the checksum of the content');
}
