/** Decompresses the extents of EROFS: LZ4 blocks and raw DEFLATE, in blocks that are filled up from the front. */

import { inflateRawSync } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import { UnsupportedError } from '../codec/codec.js';
import { History } from '../codec/history.js';
import { decodeLz4Block } from '../codec/lz4-block.js';
import type { CompressedExtent } from './compressed-extents.js';
import { INCOMPAT } from './superblock.js';
import { EROFS, type ErofsVolume } from './volume.js';

export const ALGORITHMS = ['LZ4', 'MicroLZMA', 'DEFLATE', 'Zstandard'] as const;

/** The content of an extent that is no fragment, in bytes of the caller's own. Throws `FormatError` or `UnsupportedError`. */
export function decompressExtent(volume: ErofsVolume, extent: CompressedExtent): Uint8Array {
  const { at, bytes, form, from, length } = extent;
  const stored = volume.data(at, bytes);
  if (form === 'stored') return Uint8Array.from(stored.subarray(0, length));
  if (form === 'interlaced') return turnedBack(stored, from % volume.superblock.blockSize, length);
  const isPadded = (volume.superblock.featureIncompat & INCOMPAT.zeroPadding) !== 0;
  const start = isPadded ? firstOther(stored) : 0;
  const isPrefix = extent.isPartial || !isPadded;
  const algorithm = ALGORITHMS[extent.algorithm] ?? `algorithm ${extent.algorithm}`;
  if (algorithm === 'LZ4') return unLz4(stored, start, at, length, isPrefix);
  if (algorithm === 'DEFLATE') return inflate(stored.subarray(start), at + start, length, isPrefix);
  throw new UnsupportedError(EROFS, at, `expected LZ4 or DEFLATE, found ${algorithm}`);
}

/** Its first byte lies where it would in a block of the content; what does not fit behind that is in front. */
function turnedBack(stored: Uint8Array, turn: number, length: number): Uint8Array {
  const whole = Buffer.concat([stored.subarray(turn), stored.subarray(0, turn)]);
  return whole.subarray(0, length);
}

function firstOther(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.length : first;
}

function unLz4(
  block: Uint8Array,
  start: number,
  at: number,
  length: number,
  isPrefix: boolean,
): Uint8Array {
  const history = new History(EROFS, Infinity, Infinity);
  history.bytes = new Uint8Array(length);
  decodeLz4Block(block, start, block.length, history, length, at, isPrefix);
  if (history.pos !== length) throw shorter(at, length, history.pos);
  return history.bytes;
}

function inflate(block: Uint8Array, at: number, length: number, isPrefix: boolean): Uint8Array {
  let content: Uint8Array;
  try {
    content = inflateRawSync(block, { maxOutputLength: isPrefix ? MAX_INFLATED : length });
  } catch (error) {
    throw new FormatError(EROFS, at, `expected DEFLATE data: ${(error as Error).message}`);
  }
  if (content.length < length) throw shorter(at, length, content.length);
  return content.subarray(0, length);
}

const MAX_INFLATED = 12 * 1024 * 1024;

function shorter(at: number, length: number, found: number): FormatError {
  return new FormatError(EROFS, at, `expected ${length} bytes of content, found ${found}`);
}
