/** Caches of icon themes: which icon is in which directory, in the order of the hash table. */

import { isGtkIconCache, readGtkIconCache } from '../../formats/gtk-icon-cache.js';
import { xxh64OfText } from '../../util/xxh64.js';
import { fieldFacts, gapFacts, layoutFact, problemsOf } from '../common/account.js';
import { narrow } from '../common/narrow.js';
import { defineInspector } from '../define.js';
import { MOST_CACHE_BYTES } from './limits.js';

export const gtkIconCacheInspector = defineInspector({
  id: 'gtk-icon-cache',
  version: 1,
  summary:
    'Caches of icon themes (GTK, `docs/iconcache.txt`): directories and icons, in the order of the file.',
  streams: false,
  claims: ({ name, head }) => name.endsWith('icon-theme.cache') && isGtkIconCache(head),
  inspect: async (piece, context) => {
    const bytes = await piece.whole(MOST_CACHE_BYTES);
    const { directories, icons, account } = readGtkIconCache(bytes);
    context.spend(directories.length + icons.length);
    return {
      facts: [
        ...fieldFacts(account, {}),
        layoutFact(account, bytes),
        // Caches may hold the images themselves.
        ...gapFacts(account, bytes, 'opaque'),
      ],
      tables: [
        {
          name: 'directories',
          ordered: true,
          columns: [],
          rows: directories.map((key) => ({ key, values: [], offset: null, part: null })),
        },
        narrow({
          name: '',
          ordered: true,
          columns: [
            { name: 'images', kind: 'opaque' },
            { name: 'image_data_offset', kind: 'offset' },
          ],
          rows: icons.map(({ name, offset, images }) => ({
            key: name,
            values: [
              xxh64OfText(
                images
                  .map(({ directory, flags }) => `${directories[directory] ?? directory}:${flags}`)
                  .join(' '),
              ),
              images.some(({ dataOffset }) => dataOffset !== 0)
                ? images.map(({ dataOffset }) => dataOffset).join(' ')
                : null,
            ],
            offset,
            part: null,
          })),
        }),
      ],
      problems: problemsOf(account),
    };
  },
});
