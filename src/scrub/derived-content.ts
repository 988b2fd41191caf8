/** Content that a plan does not hold: remembered by its digest, and made again from the file when it is written. */

import { createHash } from 'node:crypto';

import type { DerivedContent } from '../core/edit.js';
import { FormatError } from '../core/errors.js';

/** `content` is what `derive` makes of the file as it will be by then. */
export function derivedContent(
  content: Uint8Array,
  derive: DerivedContent['derive'],
): DerivedContent {
  return { sizeBytes: content.length, sha256: sha256Of(content), derive };
}

/** The content that was planned; null when these bytes do not give it. */
export function contentFrom(
  { sizeBytes, sha256, derive }: DerivedContent,
  old: Uint8Array,
): Uint8Array | null {
  const content = derivedOrNull(derive, old);
  if (content?.length !== sizeBytes) return null;
  return Buffer.compare(sha256Of(content), sha256) === 0 ? content : null;
}

/** 32 bytes. */
export function sha256Of(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

function derivedOrNull(derive: DerivedContent['derive'], old: Uint8Array): Uint8Array | null {
  try {
    return derive(old);
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}
