/** What apt, dpkg and debconf leave behind. */

import type { ScrubRule } from '../../define.js';
import { removalRule } from '../../remove-rule.js';

export const dpkgRemovals: readonly ScrubRule[] = [
  removalRule({
    id: 'dpkg-old',
    version: 1,
    varies: 'the state before the last transaction',
    summary: "Removes dpkg's backups of its own files; locks stay.",
    rationale: 'dpkg writes a new backup with each change and reads none.',
    source: 'live-build',
    wants: ['var/lib/dpkg/{status,available,diversions,statoverride}-old'],
  }),
  removalRule({
    id: 'debconf-old',
    version: 1,
    varies: 'the state before the last question',
    summary: 'Removes the backups of the debconf databases.',
    rationale: 'debconf writes them and reads none; the databases themselves stay.',
    source: 'live-build',
    wants: ['var/cache/debconf/*.dat-old'],
  }),
  removalRule({
    id: 'apt-lists',
    version: 1,
    varies: 'state of the mirror on the day of the build',
    summary:
      'Removes the package lists and the stamps of periodic jobs; directories and the lock stay.',
    rationale:
      '`apt-get update` fetches them again; apt expects partial/, auxfiles/ and the lock file.',
    source: 'debuerreotype; mmdebstrap',
    wants: ['var/lib/apt/lists/**', 'var/lib/apt/periodic/*'],
    keeps: ['lock'],
  }),
  removalRule({
    id: 'apt-cache',
    version: 1,
    varies: 'memory image of the package lists, downloaded packages',
    summary: "Removes apt's binary caches and downloaded packages; directories and the lock stay.",
    rationale: 'apt rebuilds the caches when it runs next.',
    source: 'debuerreotype; mmdebstrap',
    wants: ['var/cache/apt/{pkgcache,srcpkgcache}.bin', 'var/cache/apt/archives/{,partial/}*'],
    keeps: ['lock'],
  }),
  removalRule({
    id: 'apt-autoremove',
    version: 1,
    varies: 'kernels of the machine that builds',
    summary: 'Removes the list of kernels that apt must not remove, where no package owns it.',
    rationale:
      'A hook of older kernel packages writes it anew; newer ones of apt decide without it. 01autoremove belongs to apt and stays.',
    source: 'debuerreotype; Tails 11986',
    wants: ['etc/apt/apt.conf.d/01autoremove-kernels'],
    needsOwnership: true,
  }),
  removalRule({
    id: 'initramfs-state',
    version: 1,
    varies: 'checksums of initial ram disks',
    summary: 'Removes the state of initramfs-tools.',
    rationale:
      'Off: older releases update only initial ram disks that are named in it, so fixes would not reach the next boot.',
    source: 'initramfs-tools',
    wants: ['var/lib/initramfs-tools/*'],
    on: 'named',
  }),
];
