/** Bytes as streams, in pieces of any size. */

import { ByteReader } from '../../../src/formats/stream/byte-reader.js';

/** A stream of pieces; sizes are taken in turn and again from the first. */
export async function* pieces(
  bytes: Uint8Array,
  sizes: readonly number[] = [65_536],
): AsyncGenerator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
    // A real source comes back later.
    if (i % 16 === 0) await Promise.resolve();
  }
}

export function readerOf(bytes: Uint8Array, sizes?: readonly number[]): ByteReader {
  return new ByteReader(pieces(bytes, sizes));
}
