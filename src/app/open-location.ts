/** Opens what a word names as a source. */

import { existsSync } from 'node:fs';

import { AuditError } from '../core/errors.js';
import type { OpenOptions, OpenSource } from '../sources/define.js';
import { directory } from '../sources/directory/index.js';
import { oci } from '../sources/oci/index.js';
import { ostree } from '../sources/ostree/index.js';
import { sources } from '../sources/index.js';

/** By prefix (`dir:`), or by the first kind that claims it; throws `SOURCE_UNUSABLE`. */
export function openSource(location: string, options: OpenOptions = {}): OpenSource {
  for (const source of sources) {
    if (location.startsWith(`${source.id}:`))
      return source.open(location.slice(source.id.length + 1), options);
  }
  const source = sources.find((candidate) => candidate.claims(location)) ?? directory;
  if (location === '')
    throw new AuditError('SOURCE_UNUSABLE', 'the source has no name', {
      hint: 'give the root directory of a tree',
    });
  return source.open(location, options);
}

/** Whether a word names more than a file or a plain directory: a prefix, a folder that is a source, a part of one. */
export function isSource(word: string): boolean {
  if (sources.some(({ id }) => word.startsWith(`${id}:`))) return true;
  const kinds = existsSync(word) ? sources.filter((each) => each !== directory) : [oci, ostree];
  return kinds.some((source) => source.claims(word));
}

/** The word without `dir:`, as a path of this machine; for commands that edit a tree or guard its folder. */
export function directoryOf(location: string): string {
  return location.startsWith('dir:') ? location.slice('dir:'.length) : location;
}
