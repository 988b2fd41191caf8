/** The database of message catalogues: texts by id and language. */

import { isSystemdCatalog, readSystemdCatalog } from '../../formats/systemd-catalog.js';
import { xxh64OfText } from '../../util/xxh64.js';
import { fieldFacts, gapFacts, layoutFact, problemsOf } from '../common/account.js';
import { defineInspector } from '../define.js';
import { MOST_CACHE_BYTES } from './limits.js';

export const systemdCatalogInspector = defineInspector({
  id: 'systemd-catalog',
  version: 1,
  summary:
    'Database of message catalogues (systemd, `catalog.c`): texts by id and language, in their order.',
  streams: false,
  claims: ({ head }) => isSystemdCatalog(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_CACHE_BYTES);
    const { items, account } = readSystemdCatalog(bytes);
    context.spend(items.length);
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
          columns: [{ name: 'text', kind: 'opaque' }],
          rows: items.map(({ id, language, text, offset }) => ({
            key: language === '' ? id : `${id}.${language}`,
            values: [xxh64OfText(text)],
            offset,
            part: null,
          })),
        },
      ],
      problems: problemsOf(account),
    };
  },
});

const NOTES = {
  compatibleFlags: ['compatible_flags', 'flags'],
  incompatibleFlags: ['incompatible_flags', 'flags'],
  headerSize: ['header_size', 'size'],
  itemCount: ['n_items', 'size'],
  itemSize: ['catalog_item_size', 'size'],
} as const;
