/** Files that a compressor cuts in every way: of all sizes around a block, repeating, random, and both in turn. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that do not compress and are the same each time (xorshift32). */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 0xff;
  }
  return bytes;
}

export function variedTree(root: string): void {
  const folder = join(root, 'varied');
  mkdirSync(folder);
  const put = (name: string, bytes: Buffer): void => writeFileSync(join(folder, name), bytes);
  for (const size of [1, 2048, 4064, 4095, 4096, 4097, 8191, 8192, 8193, 65_535, 65_537]) {
    put(`noise-${size}`, noise(size, size));
    put(`text-${size}`, Buffer.alloc(size, `line of ${size}\n`));
    const half = size >> 1;
    put(`half-${size}`, Buffer.concat([noise(half, size), Buffer.alloc(size - half, 'half ')]));
  }
  put('zeros', Buffer.alloc(2_000_000));
  const pieces = Array.from({ length: 120 }, (_, i) =>
    i % 3 === 0 ? noise(3001 + 97 * i, i + 7) : Buffer.alloc(5003 + 31 * i, `piece ${i} `),
  );
  put('mixed', Buffer.concat(pieces));
  for (let i = 0; i < 600; i++) put(`entry-with-a-rather-long-name-${i}`, Buffer.from(`${i}\n`));
}
