/** The cache of the dynamic linker: which library is where, row by row. */

import type { FactTable } from '../../core/facts.js';
import { isLdSoCache, readLdSoCache, type LdSoCacheEntry } from '../../formats/ld-so-cache.js';
import { factNumber, fieldFacts, gapFacts, layoutFact, problemsOf } from '../common/account.js';
import { defineInspector } from '../define.js';
import { MOST_CACHE_BYTES } from './limits.js';

export const ldSoCacheInspector = defineInspector({
  id: 'ld.so.cache',
  version: 1,
  summary: 'Cache of the dynamic linker (glibc, `dl-cache.h`), both formats: libraries by name.',
  streams: false,
  claims: ({ head }) => isLdSoCache(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_CACHE_BYTES);
    const { entries, generator, account } = readLdSoCache(bytes);
    context.spend(entries.length);
    const table = (name: string, format: LdSoCacheEntry['format']): FactTable => ({
      name,
      ordered: true,
      columns: COLUMNS,
      rows: entries
        .filter((entry) => entry.format === format)
        .map(({ key, value, flags, osVersion, hwcap, hwcapName, offset }) => ({
          key,
          values: [value, flags, osVersion, hwcapName ?? factNumber(hwcap)],
          offset,
          part: null,
        })),
    });
    return {
      facts: [
        { name: 'generator', kind: 'version', value: generator, offset: null },
        ...fieldFacts(account, NOTES),
        layoutFact(account, bytes),
        ...gapFacts(account, bytes, 'slack'),
      ],
      tables: [table('', 'new'), table('old', 'old')].filter(({ rows }) => rows.length > 0),
      problems: problemsOf(account),
    };
  },
});

const COLUMNS = [
  { name: 'value', kind: 'path' },
  { name: 'flags', kind: 'flags' },
  { name: 'osversion', kind: 'version' },
  { name: 'hwcap', kind: 'flags' },
] as const;
const NOTES = {
  'old.magic': 'text',
  'old.count': ['old.nlibs', 'size'],
  'new.count': ['nlibs', 'size'],
  'new.stringBytes': ['len_strings', 'size'],
  'new.version': ['version', 'version'],
  'new.flags': ['flags', 'flags'],
  'new.extensionOffset': ['extension_offset', 'offset'],
} as const;
