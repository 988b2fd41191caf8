/** XXH64 and SHA-256 of what is read, chunk by chunk. XXH64 tells changes apart; only SHA-256 says "same" to an adversary. */

import { createHash, hash as hashAtOnce, type Hash } from 'node:crypto';

import xxhash, { type XXHashAPI } from 'xxhash-wasm';

export interface ContentHasher {
  /** Both digests of a buffer that is the whole content. At most a few hundred KB: the wasm memory grows to its size. */
  whole(bytes: Uint8Array, xxh64: Uint8Array, sha256: Uint8Array | null): void;
  stream(withSha256: boolean): StreamHasher;
}

export interface StreamHasher {
  update(bytes: Uint8Array): void;
  digest(xxh64: Uint8Array, sha256: Uint8Array | null): void;
}

/** Digests are written into the caller's arrays: 8 bytes big-endian, 32 bytes. */
export async function createContentHasher(): Promise<ContentHasher> {
  const xx = await xxhash();
  return {
    whole: (bytes, xxh64, sha256) => {
      storeBigEndian(xx.h64Raw(bytes), xxh64);
      if (sha256 !== null) sha256.set(hashAtOnce('sha256', bytes, 'buffer'));
    },
    stream: (withSha256) => streamHasher(xx, withSha256),
  };
}

function streamHasher(xx: XXHashAPI, withSha256: boolean): StreamHasher {
  const fast = xx.create64();
  const strong: Hash | null = withSha256 ? createHash('sha256') : null;
  return {
    update: (bytes) => {
      fast.update(bytes);
      strong?.update(bytes);
    },
    digest: (xxh64, sha256) => {
      storeBigEndian(fast.digest(), xxh64);
      if (strong !== null && sha256 !== null) sha256.set(strong.digest());
    },
  };
}

function storeBigEndian(value: bigint, into: Uint8Array): void {
  let high = Number(value >> 32n);
  let low = Number(value & 0xffffffffn);
  for (let i = 3; i >= 0; i--, high >>>= 8) into[i] = high & 0xff;
  for (let i = 7; i >= 4; i--, low >>>= 8) into[i] = low & 0xff;
}

/** Of text, as UTF-8; 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return hashAtOnce('sha256', text);
}
