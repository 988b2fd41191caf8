/** Lock files and Berkeley DB environments that rpm leaves beside its database. */

import { defineRule } from '../define.js';
import { RPM_FOLDERS } from './rpmdb-plan.js';

export const rpmLocks = defineRule({
  id: 'rpm-locks',
  version: 1,
  summary: 'Lock files that rpm left beside its database are removed.',
  rationale: 'They hold nothing and rpm makes them again; a file that a package ships is left.',
  source: 'rpm-ostree postprocess, fedora-coreos-config, mkosi #4091',
  defaultOn: true,
  timeValued: false,
  wants: RPM_FOLDERS.flatMap((folder) =>
    ['.rpm.lock', '.dbenv.lock', '.keyring.lock', '__db.*'].map((name) => `${folder}/${name}`),
  ),
  *plan(entry, context) {
    if (entry.type !== 'file' || context.ownership.shipped(entry.path) !== null) return;
    yield { kind: 'remove', rule: 'rpm-locks', path: entry.path, reason: 'lock left by rpm' };
  },
});
