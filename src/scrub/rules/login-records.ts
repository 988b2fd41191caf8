/** Row 41 of the catalogue: the records keep owner and mode because login programs do not create them. */

import type { ScrubRule } from '../define.js';
import { truncationRule } from '../remove-rule.js';

export const loginRecords: ScrubRule = truncationRule({
  id: 'login-records',
  version: 2,
  varies: 'times of logins and boots',
  summary: 'Empties wtmp, btmp, lastlog, faillog and tallylog.',
  rationale:
    'Login programs write to the files only when they exist, so they are emptied, not removed.',
  source: 'debuerreotype; live-build',
  wants: ['var/log/{wtmp,btmp,lastlog,faillog,tallylog}'],
});
