/** Digests of contents that pass by. */

import type { DigestAlgorithm } from '../../core/capture.js';
import { createContentHasher } from '../../util/hashing.js';

export interface ContentDigests {
  readonly size: number;
  readonly xxh64: Uint8Array | null;
  readonly sha256: Uint8Array | null;
}

export interface ChunkHasher {
  update(bytes: Uint8Array): void;
  finish(): ContentDigests;
}

/** A maker of hashers that take what `digests` name. */
export async function chunkHashers(
  digests: readonly DigestAlgorithm[],
): Promise<() => ChunkHasher> {
  const hasher = await createContentHasher();
  const withSha256 = digests.includes('sha256');
  return () => {
    const stream = hasher.stream(withSha256);
    let size = 0;
    return {
      update: (bytes) => {
        size += bytes.length;
        stream.update(bytes);
      },
      finish: () => {
        const [xxh64, sha256] = [new Uint8Array(8), withSha256 ? new Uint8Array(32) : null];
        stream.digest(xxh64, sha256);
        return { size, xxh64: digests.includes('xxh64') ? xxh64 : null, sha256 };
      },
    };
  };
}
