/**
 * What a word on the command line names. A bare word is the build of that name, or else the file or directory; a path
 * contains `/`; `build:`, `dir:` and the prefixes of other sources decide; `@latest`, `@previous` and `STREAM@latest`
 * count back in a stream; `FILE.db:NAME` names a build in another store.
 */

import { BUILD_NAME } from '../core/build.js';
import { AuditError } from '../core/errors.js';
import { sources } from '../sources/index.js';
import type { BuildRef } from '../store/define.js';

export type Reference =
  | {
      readonly kind: 'build';
      /** Null: the store of the command. */
      readonly store: string | null;
      readonly ref: BuildRef;
      /** What the word is when there is no such build; null: nothing else. */
      readonly otherwise: string | null;
    }
  | { readonly kind: 'source'; readonly location: string };

/** Throws `USAGE` for a word that is none of these. */
export function parseReference(word: string): Reference {
  if (word.startsWith('dir:')) return { kind: 'source', location: word.slice(4) };
  if (word.startsWith('build:')) return buildOf(null, word.slice(6), word);
  if (sources.some(({ id }) => word.startsWith(`${id}:`)))
    return { kind: 'source', location: word };
  const inStore = /^(.+\.(?:db|sqlite|sqlite3)):([^/]+)$/s.exec(word);
  if (inStore !== null) return buildOf(inStore[1]!, inStore[2]!, word);
  if (word.includes('/') || word === '.' || word === '..')
    return { kind: 'source', location: word };
  return { ...buildOf(null, word, word), otherwise: word };
}

function buildOf(store: string | null, text: string, word: string): Reference & { kind: 'build' } {
  return { kind: 'build', store, ref: parseBuildRef(text, word), otherwise: null };
}

/** A name, or a place in a stream. */
export function parseBuildRef(text: string, word: string): BuildRef {
  const recent = /^([A-Za-z0-9._+-]*)@(latest|previous)$/.exec(text);
  if (recent !== null)
    return {
      kind: 'recent',
      stream: recent[1] === '' ? null : recent[1]!,
      back: recent[2] === 'latest' ? 0 : 1,
    };
  if (BUILD_NAME.test(text)) return { kind: 'name', name: text };
  throw new AuditError(
    'USAGE',
    `${JSON.stringify(word)} names no build: expected letters, digits and . _ + -, or @latest, @previous, STREAM@latest`,
    {
      hint: 'a path is written with a slash (./rootfs) or with a prefix (dir:PATH)',
    },
  );
}
