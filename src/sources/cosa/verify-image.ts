/** Holds a file against the size and the digest that meta.json has of it. */

import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';

import type { FoundImage } from './build-directory.js';

export type ImageFile = Extract<FoundImage, { readonly kind: 'file' }>;

const CHUNK_BYTES = 1024 * 1024;

/** What does not fit, one sentence; null when all fits, or meta.json says nothing of it. Throws system errors, and when aborted. */
export async function mismatchOf(image: ImageFile, signal: AbortSignal): Promise<string | null> {
  const { size } = statSync(image.file);
  const wrongSize = sizeMismatch(image, size);
  if (wrongSize !== null || image.sha256 === null) return wrongSize;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(image.file, { highWaterMark: CHUNK_BYTES, signal }))
    hash.update(chunk as Buffer);
  return digestMismatch(image, hash.digest('hex'));
}

export function sizeMismatch({ key, size }: ImageFile, found: number): string | null {
  if (size === null || size === found) return null;
  return `meta.json says that ${key} has ${size} bytes, found ${found}`;
}

/** `found`: SHA-256, hex. */
export function digestMismatch({ key, sha256 }: ImageFile, found: string): string | null {
  if (sha256 === null || sha256 === found) return null;
  return `meta.json says that ${key} has the SHA-256 ${sha256}, found ${found}`;
}
