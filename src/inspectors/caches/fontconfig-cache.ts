/** Caches of fontconfig: the time of the directory, and the fonts in the order in which they were met. */

import type { Fact, FactRow } from '../../core/facts.js';
import {
  isFontconfigCache,
  readFontconfigCache,
  type FontconfigCache,
  type FontconfigPattern,
} from '../../formats/fontconfig-cache.js';
import { xxh64OfText } from '../../util/xxh64.js';
import { fieldFacts, gapFacts, layoutFact, problemsOf } from '../common/account.js';
import { defineInspector } from '../define.js';
import { MOST_CACHE_BYTES } from './limits.js';

export const fontconfigCacheInspector = defineInspector({
  id: 'fontconfig-cache',
  version: 1,
  summary:
    'Caches of fontconfig (`fcint.h`, FcCache): mtime of the directory, its name, and the fonts in it.',
  streams: false,
  claims: ({ head }) => isFontconfigCache(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_CACHE_BYTES);
    const cache = readFontconfigCache(bytes);
    const { account, directory, subdirectories, fonts } = cache;
    context.spend(subdirectories.length + fonts.length);
    const isChecksum = ({ name }: { name: string }): boolean => name.startsWith('checksum');
    const fields = account.fields.filter(
      (field) => !isChecksum(field) && !/^(font@|charset@|set\.)/.test(field.name),
    );
    const fieldsOfRows = account.fields.filter((field) => !fields.includes(field));
    return {
      facts: [
        timeFact(cache),
        { name: 'dir', kind: 'path', value: directory, offset: null },
        ...fieldFacts({ ...account, fields }, { directory: ['dir_offset', 'offset'] }),
        // Fields of fonts belong to the layout, the time does not.
        layoutFact({ ...account, fields: [...fields, ...fieldsOfRows.filter(isChecksum)] }, bytes),
        ...gapFacts(account, bytes, 'slack'),
      ],
      tables: [
        {
          name: 'subdirs',
          ordered: true,
          columns: [],
          rows: subdirectories.map((key) => ({ key, values: [], offset: null, part: null })),
        },
        { name: '', ordered: true, columns: COLUMNS, rows: fonts.map(fontRow) },
      ],
      problems: problemsOf(account),
    };
  },
});

/** Seconds and nanoseconds of the directory's mtime. */
function timeFact({ checksum, checksumNano, account }: FontconfigCache): Fact {
  const offset = account.fields.find(({ name }) => name === 'checksum')?.offset ?? null;
  const isTime = checksumNano > 0n && checksumNano < 1_000_000_000n;
  const value = isTime
    ? `${checksum}.${String(checksumNano).padStart(9, '0')}`
    : checksumNano === 0n
      ? checksum
      : `${checksum} ${checksumNano}`;
  return { name: 'checksum', kind: 'time', value, offset };
}

const COLUMNS = [
  { name: 'index', kind: 'number' },
  { name: 'fontversion', kind: 'version' },
  { name: 'properties', kind: 'opaque' },
] as const;

function fontRow({ elements, offset }: FontconfigPattern): FactRow {
  const first = (name: string): string | null =>
    elements.find((element) => element.name === name)?.values[0]?.value ?? null;
  const rest = elements
    .filter(({ name }) => name !== 'index' && name !== 'fontversion')
    .map(({ object, values }) => {
      const told = values.map(({ kind, value, binding }) => `${kind} ${value} ${binding}`);
      return `${object} ${told.join('\0')}`;
    });
  return {
    key: first('file') ?? '',
    values: [first('index'), first('fontversion'), xxh64OfText(rest.join('\n'))],
    offset,
    part: null,
  };
}
