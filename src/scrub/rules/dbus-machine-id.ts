/** The copy that D-Bus keeps; often a link to /etc/machine-id, which stays. */

import type { ScrubRule } from '../define.js';
import { removalRule } from '../remove-rule.js';

export const dbusMachineId: ScrubRule = removalRule({
  id: 'dbus-machine-id',
  version: 1,
  varies: 'copy of the random identity of the machine',
  summary: 'Removes /var/lib/dbus/machine-id where it is a file; a link stays.',
  rationale:
    'D-Bus falls back to /etc/machine-id, and dbus-uuidgen or tmpfiles.d make the file again.',
  source: 'mkosi; mmdebstrap; kiwi',
  wants: ['var/lib/dbus/machine-id'],
});
