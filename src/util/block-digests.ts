/**
 * Digests of equal blocks of a file, of which there are never too many: with every doubling of a file the blocks double.
 * The digest of a block of twice the size is that of the digests of its halves, so files of different sizes stay comparable.
 */

import { xxh64Hex } from './xxh64.js';

export const SMALLEST_BLOCK = 4096;
export const MOST_BLOCKS = 2048;

/** Digests for blocks of twice the size. */
export function doubledBlocks(digests: readonly string[]): string[] {
  const doubled: string[] = [];
  for (let i = 0; i < digests.length; i += 2)
    doubled.push(xxh64Hex(Buffer.from(digests[i]! + (digests[i + 1] ?? ''), 'latin1')));
  return doubled;
}
