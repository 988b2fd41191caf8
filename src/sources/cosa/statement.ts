/** What meta.json says of a build as a whole: the fields that a diff holds against each other and finds in files. */

import { closeSync, constants, openSync, readSync } from 'node:fs';

import type { CosaMeta } from '../../formats/cosa-meta.js';

const HEAD_BYTES = 64 * 1024;
/** Keys that every meta.json of coreos-assembler has (`required` of its schema), at the top. */
const KEYS = /"(?:ostree-commit|ostree-version|ostree-timestamp|coreos-assembler\.[\w-]+)"\s*:/;

/** Whether a file begins like one; it may be damaged further on. */
export function claimsMeta(file: string): boolean {
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      const text = head.subarray(0, readSync(fd, head, 0, head.length, 0)).toString('latin1');
      return text.trimStart().startsWith('{') && KEYS.test(text) && /"buildid"\s*:/.test(text);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/**
 * Without what follows from the artifacts (digests, sizes, counts of objects), what other builds were (differences of
 * packages), and where it was uploaded: all of that is compared in meta.json itself.
 */
export function statedMeta({ document }: CosaMeta): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(document).filter(
      ([key, value]) =>
        (typeof value !== 'object' || key.startsWith('coreos-assembler.')) && !COUNTS.test(key),
    ),
  );
}

const COUNTS = /^ostree-(?:n-|content-bytes-)/;
