/** Byte strings of the tree in SQLite: text where they are UTF-8, so that people can read them, a blob where not. */

import { isUtf8 } from 'node:buffer';

export type StoredBytes = string | Buffer;

/** From a latin1 string, one character per byte. */
export function toStored(latin1: string): StoredBytes {
  if (!BEYOND_ASCII.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes;
}

/** Back to a latin1 string. */
export function fromStored(stored: StoredBytes): string {
  if (typeof stored !== 'string') return stored.toString('latin1');
  return BEYOND_ASCII.test(stored) ? Buffer.from(stored, 'utf8').toString('latin1') : stored;
}

const BEYOND_ASCII = /[^\0-\x7f]/;
