/** machine-id(5): random at installation. Missing, it stops a boot with a read-only root, so it is never deleted. */

import { defineRule } from '../define.js';

/** Both tell systemd that the machine has none yet; which of them decides ConditionFirstBoot is the builder's choice. */
const UNSET: readonly string[] = ['', 'uninitialized', 'uninitialized\n'];

export const machineId = defineRule({
  id: 'machine-id',
  version: 1,
  summary: 'Empties /etc/machine-id; `uninitialized` stays.',
  rationale:
    'An empty file makes systemd choose an id at boot even where / is read-only; a missing one would stop that boot.',
  source: 'machine-id(5); mkosi; mmdebstrap; kiwi',
  defaultOn: true,
  timeValued: false,
  wants: ['etc/machine-id'],
  *plan({ path, type }, { files }) {
    if (type !== 'file') return;
    const content = Buffer.from(files.read(path) ?? []).toString('latin1');
    if (UNSET.includes(content)) return;
    yield { kind: 'truncate', rule: 'machine-id', path, reason: 'random identity of the machine' };
  },
});
