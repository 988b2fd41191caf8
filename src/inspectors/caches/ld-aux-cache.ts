/** The auxiliary cache of ldconfig: libraries by soname, with what the file system knows of each. */

import type { FactRow } from '../../core/facts.js';
import { isLdAuxCache, readLdAuxCache } from '../../formats/ld-aux-cache.js';
import { factNumber, fieldFacts, gapFacts, layoutFact, problemsOf } from '../common/account.js';
import { defineInspector } from '../define.js';
import { MOST_CACHE_BYTES } from './limits.js';

export const ldAuxCacheInspector = defineInspector({
  id: 'ld-aux-cache',
  version: 1,
  summary:
    'Auxiliary cache of ldconfig (glibc, `elf/cache.c`): libraries by soname, with inode, device, change time and size.',
  streams: false,
  claims: ({ head }) => isLdAuxCache(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_CACHE_BYTES);
    const { entries, account } = readLdAuxCache(bytes);
    context.spend(entries.length);
    return {
      facts: [
        ...fieldFacts(account, NOTES),
        layoutFact(account, bytes),
        ...gapFacts(account, bytes, 'slack'),
      ],
      tables: [
        {
          name: '',
          ordered: true,
          columns: COLUMNS,
          rows: entries.map(
            ({ soname, ino, ctime, size, dev, flags, version, padding, offset }): FactRow => ({
              key: soname ?? '',
              values: [
                factNumber(ctime),
                factNumber(ino),
                factNumber(dev),
                factNumber(size),
                flags,
                version,
                padding === '00000000' ? null : padding,
              ],
              offset,
              part: null,
            }),
          ),
        },
      ],
      problems: problemsOf(account),
    };
  },
});

const COLUMNS = [
  { name: 'ctime', kind: 'time' },
  { name: 'ino', kind: 'file-system' },
  { name: 'dev', kind: 'file-system' },
  { name: 'size', kind: 'number' },
  { name: 'flags', kind: 'flags' },
  { name: 'version', kind: 'number' },
  { name: 'padding', kind: 'slack' },
] as const;

const NOTES = { magic: 'text', nlibs: 'size', len_strings: 'size' } as const;
