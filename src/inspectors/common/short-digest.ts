/** Digests of regions as facts keep them. */

import { createHash } from 'node:crypto';

/** SHA-256 of the pieces one behind the other, the first 32 hex digits. */
export function shortDigest(...pieces: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces)
    if (typeof piece === 'string') hash.update(piece, 'latin1');
    else hash.update(piece);
  return hash.digest('hex').slice(0, 32);
}
