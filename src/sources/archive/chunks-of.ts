/** Bytes at places as a stream. */

import type { RandomAccess } from '../../core/random-access.js';

const CHUNK_BYTES = 256 * 1024;

// Decompressors take what comes without waiting: nothing here waits.
export async function* chunksOf(bytes: RandomAccess): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.size;) {
    const chunk = bytes.read(offset, CHUNK_BYTES);
    if (chunk.length === 0) return;
    offset += chunk.length;
    yield await Promise.resolve(chunk);
  }
}
