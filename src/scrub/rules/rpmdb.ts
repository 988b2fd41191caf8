/** Install times and transaction ids in rpm's SQLite database, and what else only its history decides. */

import { settleRpmdb } from '../../formats/rpmdb.js';
import { defineRule } from '../define.js';
import { planRpmdb, RPM_FOLDERS } from './rpmdb-plan.js';

export const rpmdb = defineRule({
  id: 'rpmdb',
  version: 1,
  summary:
    'The rpm database records when each package was installed; times and transaction ids are set to SOURCE_DATE_EPOCH, and free pages, statistics and counters are settled.',
  rationale:
    'rpm writes the same values itself when SOURCE_DATE_EPOCH is set. They lie outside the signed region of a header; `rpm -V` and signatures do not cover them. Packages keep their numbers and their order.',
  source:
    'rpm lib/rpmts.cc and lib/backend/sqlite.cc; rpm-ostree rust/src/normalization.rs, rpm-ostree #5244',
  defaultOn: true,
  timeValued: true,
  wants: RPM_FOLDERS.map((folder) => `${folder}/rpmdb.sqlite`),
  plan: (entry, context) => {
    const epoch = context.sourceDateEpoch;
    if (epoch === null) return [];
    return planRpmdb(entry, context, {
      rule: 'rpmdb',
      reason: 'install times, transaction ids and page history of the package database',
      settle: (image) => settleRpmdb(image, epoch),
    });
  },
});
