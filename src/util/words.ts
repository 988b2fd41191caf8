/** Words of unknown meaning are kept as digests; equal words have equal digests wherever they come from. */

import { xxh64Hex } from './xxh64.js';

/** First half of XXH64 of the word's bytes, 8 hex digits; `loadXxh64` has to be awaited before. The word is latin1 bytes. */
export function wordDigest(word: string): string {
  return xxh64Hex(Buffer.from(word, 'latin1')).slice(0, 8);
}
