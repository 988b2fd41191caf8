/** Files of secrets: their length, and a keyed digest that tells whether they are equal. */

import { defineInspector } from './define.js';

/** Keys, seeds and password files are short: of anything longer only the length is told. */
const MAX_BYTES = 16 * 1024 * 1024;

export const secretInspector = defineInspector({
  id: 'secret',
  version: 1,
  summary:
    'Private keys, seeds, machine ids, password files: length and keyed digest, nothing else.',
  streams: false,
  handlesSecrets: true,
  claims: () => true,
  inspect: async (piece, { keyed }) => {
    const isShort = piece.size !== null && piece.size <= MAX_BYTES;
    const value = isShort ? keyed(await piece.whole(MAX_BYTES)) : null;
    return { facts: [{ name: 'content', kind: 'secret', value, offset: 0 }], tables: [] };
  },
});
