/** Row 82 of the catalogue: whatever lies in /var/log and has no rule of its own. */

import { baseName } from '../../core/path.js';
import { defineRule } from '../define.js';

/** `login-records` empties them: login programs do not create them. */
const RECORDS: ReadonlySet<string> = new Set(['wtmp', 'btmp', 'lastlog', 'faillog', 'tallylog']);

export const log = defineRule({
  id: 'log',
  version: 1,
  summary:
    'Removes all other logs; those of services with an account of their own are emptied. Links and directories stay.',
  varies: 'logs hold times',
  rationale:
    'root creates a log with its first line. A service may not be allowed to create a file in /var/log, so its file stays, with owner and mode. What a package owns stays.',
  source: 'bootc lint var-log; virt-sysprep; live-build',
  defaultOn: true,
  timeValued: false,
  wants: ['var/log/**'],
  *plan({ path, type, uid, size }, { ownership }) {
    if (type !== 'file' || RECORDS.has(baseName(path))) return;
    const edit = { rule: 'log', path, reason: 'logs hold times' };
    if (uid === 0) yield { ...edit, kind: 'remove' };
    else if (size > 0 && !ownership.isOwned(path)) yield { ...edit, kind: 'truncate' };
  },
});
