/** Words of unknown meaning are kept as digests; equal words have equal digests wherever they come from. */

import { xxh64OfText } from './xxh64.js';

/** Texts use few words; the map starts anew before it grows large. */
const MOST_WORDS = 20_000;
const known = new Map<string, string>();

/** First half of XXH64 of the word's bytes, 8 hex digits; `loadXxh64` has to be awaited before. The word is latin1 bytes. */
export function wordDigest(word: string): string {
  let digest = known.get(word);
  if (digest !== undefined) return digest;
  digest = xxh64OfText(word).slice(0, 8);
  if (known.size >= MOST_WORDS) known.clear();
  known.set(word, digest);
  return digest;
}
