/** Host keys of OpenSSH: random, and the same on all machines that are made from one image. */

import type { Edit } from '../../core/edit.js';
import { treePathFromText } from '../../core/path.js';
import type { TreeFiles } from '../../core/tree-files.js';
import { defineRule, type ScrubEntry } from '../define.js';

const WANTS: readonly string[] = ['etc/ssh/ssh_host_*_key{,.pub}'];
const SOURCE =
  'live-build; openssh of Fedora (sshd-keygen.target); openssh-server.postinst of Debian';

export const sshHostKeysRemade = defineRule({
  id: 'ssh-host-keys-remade',
  version: 1,
  summary: 'Removes the SSH host keys where units make new ones at boot.',
  varies: 'random host keys of the SSH server',
  rationale:
    'Done only where sshd-keygen.target and sshd-keygen@.service are there and not masked, as on Fedora and its relatives: they make what is missing before the server starts.',
  source: SOURCE,
  defaultOn: true,
  timeValued: false,
  wants: WANTS,
  plan: (entry, { files }) => (areRemade(files) ? removal('ssh-host-keys-remade', entry) : []),
});

export const sshHostKeys = defineRule({
  id: 'ssh-host-keys',
  version: 1,
  summary: 'Removes the SSH host keys, whether or not anything makes new ones.',
  varies: 'random host keys of the SSH server',
  rationale:
    'Off: on Debian nothing makes them again at boot, and the server refuses to start, so nobody can log in over the network. Add a unit that runs `ssh-keygen -A`.',
  source: SOURCE,
  defaultOn: false,
  strict: true,
  timeValued: false,
  wants: WANTS,
  plan: (entry) => removal('ssh-host-keys', entry),
});

function removal(rule: string, { path, type }: ScrubEntry): readonly Edit[] {
  if (type !== 'file') return [];
  return [{ kind: 'remove', rule, path, reason: 'random key of the SSH server' }];
}

const UNITS: readonly string[] = ['sshd-keygen.target', 'sshd-keygen@.service'];

function areRemade(files: TreeFiles): boolean {
  const shipped = files.list(treePathFromText('usr/lib/systemd/system'));
  const isMasked = (unit: string): boolean =>
    ['etc', 'usr/etc'].some(
      (etc) => files.readLink(treePathFromText(`${etc}/systemd/system/${unit}`)) === '/dev/null',
    );
  return UNITS.every((unit) => shipped.includes(unit) && !isMasked(unit));
}
