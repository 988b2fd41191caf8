/** Bytes of an archive whose SHA-256 is worked out from what others read anyway. */

import { createHash, type Hash } from 'node:crypto';

import type { RandomAccess } from '../../core/random-access.js';

const CHUNK_BYTES = 1024 * 1024;

export interface HashedAccess {
  readonly bytes: RandomAccess;
  /** SHA-256 of all bytes; reads what nobody has read from front to back. */
  digest(): Uint8Array;
}

/** Every read that goes on where the ones before it ended is hashed as it passes. */
export function hashedAccess(input: RandomAccess): HashedAccess {
  const hash = createHash('sha256');
  let hashed = 0;
  let digest: Uint8Array | null = null;
  const read: RandomAccess['read'] = (offset, length) => {
    const bytes = input.read(offset, length);
    const end = offset + bytes.length;
    if (offset <= hashed && end > hashed) {
      hash.update(bytes.subarray(hashed - offset));
      hashed = end;
    }
    return bytes;
  };
  return {
    bytes: { size: input.size, read },
    digest: () => (digest ??= finished(hash)),
  };

  function finished(of: Hash): Uint8Array {
    while (hashed < input.size && read(hashed, CHUNK_BYTES).length > 0);
    return of.digest();
  }
}
