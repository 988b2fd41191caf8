/** What dnf, yum, zypper and rpm leave behind; the rpm database has rules of its own. */

import type { ScrubRule } from '../../define.js';
import { removalRule } from '../../remove-rule.js';

export const rpmRemovals: readonly ScrubRule[] = [
  removalRule({
    id: 'dnf-history',
    version: 1,
    varies: 'begin and end of each transaction, order of rows',
    summary: 'Removes the history database of dnf 4, all its files together.',
    rationale:
      'dnf creates it anew; a database without its tables would break dnf, so no part of it stays.',
    source: 'rpm-software-management/dnf 2274; QubesOS/qubes-builder-rpm 143',
    wants: ['var/lib/dnf/history.sqlite{,-shm,-wal,-journal}'],
  }),
  removalRule({
    id: 'dnf5-history',
    version: 1,
    varies: 'begin and end of each transaction',
    summary: 'Removes the history database of dnf5, all its files together; its state files stay.',
    rationale:
      'Off: scanners such as Clair learn from it which repository a package came from. The state files beside it say why a package is installed, and the lock must stay, or dnf5 fails on a read-only /usr.',
    source: 'rpm-software-management/dnf5 2326, 2584; secureblue 1856',
    wants: ['usr/lib/sysimage/libdnf5/transaction_history.sqlite{,-shm,-wal,-journal}'],
    on: 'strict',
  }),
  removalRule({
    id: 'dnf-cache',
    version: 2,
    varies: 'state of the mirrors on the day of the build',
    summary: 'Removes what dnf, libdnf5 and yum downloaded below /var/cache.',
    rationale: 'The next run downloads what it needs.',
    source: 'GoogleContainerTools/base-images-docker 483',
    wants: ['var/cache/{dnf,libdnf5,yum}/**'],
    wholeTrees: true,
  }),
  removalRule({
    id: 'package-cache',
    version: 1,
    varies: 'state of the mirrors on the day of the build',
    summary: 'Removes what zypper, PackageKit and tdnf downloaded below /var/cache.',
    rationale: 'The next run downloads what it needs.',
    source: 'GoogleContainerTools/base-images-docker 483; KIWI',
    wants: ['var/cache/{zypp,PackageKit,tdnf}/**'],
    wholeTrees: true,
  }),
  removalRule({
    id: 'package-history',
    version: 1,
    varies: 'begin and end of each transaction',
    summary: 'Removes the history databases of tdnf and yum 3.',
    rationale:
      'Both make an empty one when it is missing. What yum and tdnf know of packages that were asked for lies elsewhere and stays.',
    source: 'edgelesssys/contrast 834',
    wants: ['var/lib/tdnf/history.db{,-shm,-wal,-journal}', 'var/lib/yum/history/**'],
  }),
  removalRule({
    id: 'rhsm-state',
    version: 1,
    varies: 'facts of the machine and state of its subscriptions',
    summary: 'Removes the state that subscription-manager keeps below /var/lib/rhsm.',
    rationale:
      'Off: overrides of repositories are among it, and packages may not be found before the machine has spoken with its server again.',
    source: 'subscription-manager',
    wants: ['var/lib/rhsm/**'],
    on: 'named',
  }),
  removalRule({
    id: 'rpm-state',
    version: 1,
    varies: 'state of scriptlets, staged packages',
    summary: 'Removes what scriptlets and rpm-ostree left for their next step.',
    rationale:
      'Between two transactions nothing of it is read. 1.1 GB of staged packages were seen in an image.',
    source: 'KompassOS 63; rpm-ostree',
    wants: ['var/lib/rpm-state/**', 'run/rpm-ostree/**'],
    wholeTrees: true,
    notInPlace: true,
  }),
  removalRule({
    id: 'selinux-locks',
    version: 1,
    varies: 'locks of semanage, left by whichever step came last',
    summary: 'Removes the lock files of the SELinux module store.',
    rationale: 'libsemanage makes them when it needs them; the policy and the store stay.',
    source: 'rpm-ostree postprocess',
    wants: ['{etc/selinux,var/lib/selinux}/*/semanage.*.LOCK'],
  }),
  removalRule({
    id: 'kernel-module-cache',
    version: 1,
    varies: 'packages and logs of kernel modules built on the spot',
    summary: 'Removes what akmods built below /var/cache; installed modules stay.',
    rationale: 'The packages in it are installed already; akmods builds again for the next kernel.',
    source: 'ublue-os/aurora 2579',
    wants: ['var/cache/akmods/**'],
    wholeTrees: true,
  }),
  removalRule({
    id: 'suse-admin',
    version: 1,
    varies: 'logs, messages and backups of SUSE tools',
    summary: 'Removes logs, update messages and backups below /var/adm that no package owns.',
    rationale: 'Off: backups may be wanted. Update scripts and templates stay.',
    source: 'virt-sysprep; openSUSE file system layout',
    wants: ['var/adm/{backup,update-messages,autoinstall/logs}/**'],
    on: 'strict',
  }),
];
