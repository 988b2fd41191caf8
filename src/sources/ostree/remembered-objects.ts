/**
 * What was found of the objects of the repository that was read last: comparing two commits reads what they share once.
 * Only objects that have their checksum are remembered, for as long as the program runs.
 */

import type { ContentDigestOptions, HashedContent } from './hash-content.js';
import type { Repository } from './repository.js';

let last: { readonly key: string; readonly objects: Map<string, HashedContent> } | null = null;

/** By checksum; whatever is put in is there the next time, for the same repository and digests. */
export function rememberedObjects(
  repository: Repository,
  digests: ContentDigestOptions,
): Map<string, HashedContent> {
  const key = JSON.stringify([repository, digests]);
  if (last?.key !== key) last = { key, objects: new Map() };
  // What was damaged or missing may have been repaired meanwhile.
  for (const [checksum, { trouble }] of last.objects)
    if (trouble !== null) last.objects.delete(checksum);
  return last.objects;
}
