/** The compressors of EROFS, one extent at a time: `length` bytes of content out of bytes that lie at `at` of the image. */

import { inflateRawSync } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import { UnsupportedError } from '../codec/codec.js';
import { History } from '../codec/history.js';
import { decodeLz4Block } from '../codec/lz4-block.js';
import { LZMA_MATCH_BYTES, LzmaDecoder, lzmaProperties } from '../codec/lzma.js';
import { ZstdBlockDecoder } from '../codec/zstd-block.js';
import {
  readZstdBlock,
  readZstdHeader,
  ZSTD_MAGIC,
  zstdHeaderBytes,
} from '../codec/zstd-fields.js';
import { EROFS } from './volume.js';

/** `isPrefix`: the bytes may hold more content than is wanted. Throws `FormatError`. */
export type ExtentDecoder = (
  bytes: Uint8Array,
  at: number,
  length: number,
  isPrefix: boolean,
) => Uint8Array;

/** One block without a frame. */
export const unLz4: ExtentDecoder = (bytes, at, length, isPrefix) => {
  const history = new History(EROFS, Infinity, Infinity);
  history.bytes = new Uint8Array(length);
  decodeLz4Block(bytes, 0, bytes.length, history, length, at, isPrefix);
  return whole(history, at, length);
};

/** An LZMA stream whose first byte, which is always 0, has the inverted properties instead; without a marker at its end. */
export const unMicroLzma: ExtentDecoder = (bytes, at, length, isPrefix) => {
  const properties = lzmaProperties(~bytes[0]! & 0xff);
  if (properties === null) throw new FormatError(EROFS, at, 'expected properties of LZMA');
  const stream = Uint8Array.from(bytes);
  stream[0] = 0;
  const history = new History(EROFS, Infinity, Infinity);
  history.bytes = new Uint8Array(length + LZMA_MATCH_BYTES);
  const lzma = new LzmaDecoder(EROFS);
  lzma.setProperties(properties);
  lzma.startRange(stream, 0, at);
  lzma.run(stream, stream.length, true, history, length, !isPrefix, at);
  return whole(history, at, length);
};

/** DEFLATE without a header. */
export const unDeflate: ExtentDecoder = (bytes, at, length, isPrefix) => {
  let content: Uint8Array;
  try {
    content = inflateRawSync(bytes, { maxOutputLength: isPrefix ? MAX_INFLATED : length });
  } catch (error) {
    throw new FormatError(EROFS, at, `expected DEFLATE data: ${(error as Error).message}`);
  }
  if (content.length < length) throw shorter(at, length, content.length);
  return content.subarray(0, length);
};

const MAX_INFLATED = 12 * 1024 * 1024;

/** One frame; a checksum, which mkfs.erofs leaves out, is not looked at. */
export const unZstd: ExtentDecoder = (bytes, at, length, isPrefix) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 6 || view.getUint32(0, true) !== ZSTD_MAGIC)
    throw new FormatError(EROFS, at, 'expected a frame of Zstandard');
  if (zstdHeaderBytes(bytes[4]!) > bytes.length) throw shorter(at, length, 0);
  const header = readZstdHeader(bytes.subarray(0, 18), at);
  if (header.dictionaryId !== 0) throw new UnsupportedError(EROFS, at, 'expected no dictionary');
  const history = new History(EROFS, Infinity, Infinity);
  const blocks = new ZstdBlockDecoder(history, header.windowBytes);
  history.bytes = new Uint8Array(length + blocks.blockBytes);
  let place = header.headerBytes;
  for (let isLast = false; !isLast && history.pos < length;) {
    if (place + 3 > bytes.length) throw shorter(at, length, history.pos);
    const block = readZstdBlock(bytes.subarray(place, place + 3), at + place);
    isLast = block.isLast;
    place += 3;
    const payload = bytes.subarray(place, place + block.payloadBytes);
    if (
      payload.length < block.payloadBytes ||
      Math.max(block.contentBytes ?? 0, block.payloadBytes) > Math.max(blocks.blockBytes, 1)
    )
      throw new FormatError(EROFS, at + place, 'expected a block of Zstandard');
    if (block.kind === 'compressed') blocks.decode(payload, at + place);
    else if (block.kind === 'raw') {
      history.bytes.set(payload, history.pos);
      history.pos += payload.length;
    } else {
      history.bytes.fill(payload[0]!, history.pos, history.pos + block.contentBytes!);
      history.pos += block.contentBytes!;
    }
    place += block.payloadBytes;
  }
  if (!isPrefix && history.pos > length) throw shorter(at, length, history.pos);
  return whole(history, at, length);
};

function whole({ bytes, pos }: History, at: number, length: number): Uint8Array {
  if (pos < length) throw shorter(at, length, pos);
  return bytes.subarray(0, length);
}

function shorter(at: number, length: number, found: number): FormatError {
  return new FormatError(EROFS, at, `expected ${length} bytes of content, found ${found}`);
}
