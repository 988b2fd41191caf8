/** The content of compressed extents; in the image their blocks are filled up from the front. */

import { UnsupportedError } from '../codec/codec.js';
import type { CompressedExtent } from './compressed-extents.js';
import { unDeflate, unLz4, unMicroLzma, unZstd, type ExtentDecoder } from './decoders.js';
import { INCOMPAT } from './superblock.js';
import { EROFS, type ErofsVolume } from './volume.js';

/** By their numbers in the headers of inodes. */
const ALGORITHMS: readonly { readonly name: string; readonly decode: ExtentDecoder }[] = [
  { name: 'LZ4', decode: unLz4 },
  { name: 'MicroLZMA', decode: unMicroLzma },
  { name: 'DEFLATE', decode: unDeflate },
  { name: 'Zstandard', decode: unZstd },
];

/** For people. */
export function algorithmName(number: number): string {
  return ALGORITHMS[number]?.name ?? `algorithm ${number}`;
}

/** The content of an extent that is no fragment, not to be written to. Throws `FormatError` or `UnsupportedError`. */
export function decompressExtent(volume: ErofsVolume, extent: CompressedExtent): Uint8Array {
  const { at, bytes, form, from, length } = extent;
  const stored = volume.data(at, bytes);
  if (form === 'stored') return stored.subarray(0, length);
  if (form === 'interlaced') return turnedBack(stored, from % volume.superblock.blockSize, length);
  const algorithm = ALGORITHMS[extent.algorithm];
  if (algorithm === undefined)
    throw new UnsupportedError(EROFS, at, `the unknown ${algorithmName(extent.algorithm)}`);
  const isPadded = (volume.superblock.featureIncompat & INCOMPAT.zeroPadding) !== 0;
  const start = isPadded ? firstOther(stored) : 0;
  // What is not filled up from the front has anything behind it.
  const isPrefix = extent.isPartial || !isPadded;
  return algorithm.decode(stored.subarray(start), at + start, length, isPrefix);
}

/** Its first byte lies where it would in a block of the content; what does not fit behind that is in front. */
function turnedBack(stored: Uint8Array, turn: number, length: number): Uint8Array {
  const whole = Buffer.concat([stored.subarray(turn), stored.subarray(0, turn)]);
  return whole.subarray(0, length);
}

function firstOther(bytes: Uint8Array): number {
  let first = 0;
  while (first < bytes.length && bytes[first] === 0) first++;
  return first;
}
