/** Caches of MIME types: names, aliases, parents and globs as rows, trees as digests. */

import type { Fact, FactTable } from '../../core/facts.js';
import { isMimeCache, readMimeCache, type MimeCache } from '../../formats/mime-cache.js';
import { fieldFacts, layoutFact, problemsOf } from '../common/account.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector } from '../define.js';
import { MOST_CACHE_BYTES } from './limits.js';

export const mimeCacheInspector = defineInspector({
  id: 'mime-cache',
  version: 1,
  summary:
    '`mime.cache` (Shared MIME-info Database): aliases, parents, globs and icons; suffix tree and magic as digests.',
  streams: false,
  claims: ({ name, head }) => name.endsWith('mime.cache') && isMimeCache(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_CACHE_BYTES);
    const cache = readMimeCache(bytes);
    context.spend(cache.pairs.length);
    return {
      facts: [
        ...fieldFacts(cache.account, { major: 'version', minor: 'version' }),
        layoutFact(cache.account, bytes),
        ...restFacts(cache, bytes),
      ],
      tables: tablesOf(cache),
      problems: problemsOf(cache.account),
    };
  },
});

function tablesOf({ sections, pairs }: MimeCache): FactTable[] {
  return sections
    .map(({ name }) => ({
      name,
      ordered: true,
      columns: COLUMNS,
      rows: pairs
        .filter(({ section }) => section === name)
        .map(({ key, values, weight, offset }) => ({
          key,
          values: [values.join(' '), weight],
          offset,
          part: null,
        })),
    }))
    .filter(({ rows }) => rows.length > 0);
}

/** What no pair refers to, by the section in which it lies: the nodes of the trees, and padding. */
function restFacts({ sections, account }: MimeCache, bytes: Uint8Array): Fact[] {
  const places = [
    { name: 'head', offset: 0, length: sections[0]?.offset ?? bytes.length },
    ...sections,
  ];
  return places.flatMap(({ name, offset, length }) => {
    const pieces = account.gaps.flatMap((gap) => {
      const start = Math.max(gap.offset, offset);
      const end = Math.min(gap.offset + gap.length, offset + length);
      return start < end ? [bytes.subarray(start, end)] : [];
    });
    if (pieces.every((piece) => piece.every((byte) => byte === 0))) return [];
    return [{ name, kind: 'opaque' as const, value: shortDigest(...pieces), offset }];
  });
}

const COLUMNS = [
  { name: 'value', kind: 'text' },
  { name: 'weight', kind: 'number' },
] as const;
