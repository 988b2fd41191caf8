/** passwd(5), group(5), shadow(5) and gshadow(5), and their backups. */

import { accountFileKind, type AccountFileKind } from '../../formats/passwd.js';
import { defineInspector, type Inspector } from '../define.js';
import { accountFacts } from './account-table.js';

const MAX_BYTES = 16 * 1024 * 1024;
/** Programs, their settings and completions have these names too, elsewhere. */
const PLACES = /^[^/]+$|(?:^|\/)(?:etc|usr\/lib|lib)\/[^/]+$/;

export const accountsInspector = inspectorOf('accounts', ['passwd', 'group'], false);
export const shadowInspector = inspectorOf('shadow', ['shadow', 'gshadow'], true);

function inspectorOf(
  id: string,
  kinds: readonly AccountFileKind[],
  handlesSecrets: boolean,
): Inspector {
  const kindOf = (name: string): AccountFileKind | null => {
    const kind = PLACES.test(name) ? accountFileKind(name) : null;
    return kind !== null && kinds.includes(kind) ? kind : null;
  };
  return defineInspector({
    id,
    version: 1,
    summary: `${kinds.join('(5) and ')}(5): entries by name, passwords as keyed digests, days as times.`,
    streams: false,
    handlesSecrets,
    claims: ({ name, head }) => kindOf(name) !== null && !head.includes(0),
    inspect: async (piece, context) =>
      accountFacts(kindOf(piece.name) ?? kinds[0]!, await piece.whole(MAX_BYTES), context),
  });
}
