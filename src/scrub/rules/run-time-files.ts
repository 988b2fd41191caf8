/** Row 83 of the catalogue: what ran during the build left sockets, process ids and stamps in /run. */

import { defineRule } from '../define.js';

export const runTimeFiles = defineRule({
  id: 'run-time-files',
  version: 1,
  summary: 'Removes files, links, sockets and pipes from /run; directories stay.',
  varies: 'left by programs that ran during the build',
  rationale:
    'A file system is mounted over /run at boot. Containers have none there, and services in them may need the directories that their packages made. /run/lock stays, with all that lies in it. Not done while the build itself has its files there: when the tree is / of the running system, or a variable of the environment names a file in its /run, /tmp or /var/tmp.',
  source: 'bootc lint nonempty-run-tmp; mmdebstrap; file-hierarchy(7)',
  defaultOn: true,
  timeValued: false,
  notInPlace: true,
  wants: ['run/**'],
  *plan({ path, type }) {
    if (type === 'directory' || path.startsWith('run/lock/')) return;
    yield { kind: 'remove', rule: 'run-time-files', path, reason: 'left by a running program' };
  },
});
