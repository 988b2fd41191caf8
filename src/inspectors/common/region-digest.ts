/** Digests of stretches of a file that need not fit into memory. */

import { createHash } from 'node:crypto';

import type { RandomAccess } from '../../core/random-access.js';

export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

const CHUNK_BYTES = 1024 * 1024;

/** SHA-256 of the stretches one behind the other, the first 32 hex digits. What lies beyond the end is left out. */
export function regionDigest(input: RandomAccess, ...stretches: readonly Stretch[]): string {
  const hash = createHash('sha256');
  for (const { offset, length } of stretches)
    for (let at = 0; at < length; at += CHUNK_BYTES) {
      const bytes = input.read(offset + at, Math.min(CHUNK_BYTES, length - at));
      if (bytes.length === 0) break;
      hash.update(bytes);
    }
  return hash.digest('hex').slice(0, 32);
}
