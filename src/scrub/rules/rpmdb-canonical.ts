/** The whole of rpm's SQLite database that depends on the order of installations, numbers of packages included. */

import { canonicalRpmdb } from '../../formats/rpmdb-canonical.js';
import { defineRule } from '../define.js';
import { planRpmdb, RPM_FOLDERS } from './rpmdb-plan.js';

export const rpmdbCanonical = defineRule({
  id: 'rpmdb-canonical',
  version: 1,
  summary:
    'The rpm database numbers packages in the order of their installation; they are sorted by name, epoch, version, release and architecture, and times, transaction ids, free pages, statistics and counters are settled as by `rpmdb`.',
  rationale:
    'Off, as `rpmdb` is enough where builds install in one order: here `rpm -qa --last` turns alphabetical and `%{DBINSTANCE}` changes. Headers keep every signed byte. Chosen by `--rpmdb=canonical`, in place of `rpmdb`.',
  source: 'rpm-ostree #5468 and #5469 for the order; rpm lib/backend/sqlite.cc',
  defaultOn: false,
  timeValued: true,
  wants: RPM_FOLDERS.map((folder) => `${folder}/rpmdb.sqlite`),
  plan: (entry, context) => {
    const epoch = context.sourceDateEpoch;
    if (epoch === null) return [];
    return planRpmdb(entry, context, {
      rule: 'rpmdb-canonical',
      reason: 'order of installation, install times and page history of the package database',
      settle: (image) => canonicalRpmdb(image, epoch),
    });
  },
});
