/** The write-ahead log beside rpm's SQLite database, where nothing else of the database is to change. */

import { defineRule } from '../define.js';
import { planRpmdb, RPM_FOLDERS } from './rpmdb-plan.js';

export const rpmdbJournal = defineRule({
  id: 'rpmdb-journal',
  version: 1,
  summary:
    'rpm leaves its database in write-ahead mode, with a shared-memory dump beside it; the log is taken in, the database marked for rollback journals, and the sidecars are removed.',
  rationale:
    'The sidecars alone cannot go: an unprivileged reader in a read-only tree cannot open a database that wants them. rpm turns the log on again when it next writes.',
  source: 'rpm #2219, rpm-ostree #5244 and #4074',
  defaultOn: true,
  timeValued: false,
  wants: RPM_FOLDERS.map((folder) => `${folder}/rpmdb.sqlite`),
  plan: (entry, context) =>
    planRpmdb(entry, context, {
      rule: 'rpmdb-journal',
      reason: 'journal mode of the package database',
      settle: (image) => image,
    }),
});
