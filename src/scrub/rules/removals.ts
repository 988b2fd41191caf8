/** Files of known names that are removed: logs, caches, history, backups. One row each; numbers are rows of the catalogue. */

import { removalRule } from '../remove-rule.js';
import type { ScrubRule } from '../define.js';

/** A log and what logrotate makes of it. */
const ROTATED = '{,.[0-9]*,-[0-9]*}';

export const randomSeed: ScrubRule = removalRule({
  id: 'random-seed',
  version: 1,
  varies: 'entropy saved for the next boot',
  summary: 'Removes the random seeds of systemd, sysvinit and systemd-boot.',
  rationale:
    'A seed that many machines share is worse than none; each is made anew at the first shutdown or by bootctl.',
  source: 'systemd: BUILDING_IMAGES, RANDOM_SEEDS; mkosi',
  wants: ['var/lib/{systemd/,urandom/,}random-seed', '{efi,boot,boot/efi}/loader/random-seed'],
});

export const ldconfigAuxCache: ScrubRule = removalRule({
  id: 'ldconfig-aux-cache',
  version: 1,
  varies: 'device, inode and ctime of every library',
  summary: 'Removes the auxiliary cache of ldconfig.',
  rationale:
    'It is of no use on any other disk; the next ldconfig writes it again. /etc/ld.so.cache stays.',
  source: 'debuerreotype; mmdebstrap; SUSE BCI-dockerfile-generator PR 2759',
  wants: ['var/cache/ldconfig/aux-cache'],
});

export const dpkgLog: ScrubRule = removalRule({
  id: 'dpkg-log',
  version: 1,
  varies: 'times and process ids of the installation',
  summary: 'Removes the logs of dpkg, debootstrap, update-alternatives and fontconfig.',
  rationale: 'Logs are created by whoever writes the first line.',
  source: 'debuerreotype; mmdebstrap',
  wants: [`var/log/{dpkg.log,alternatives.log,bootstrap.log,fontconfig.log}${ROTATED}`],
});

export const aptLog: ScrubRule = removalRule({
  id: 'apt-log',
  version: 1,
  varies: 'times and command lines of the installation',
  summary: 'Removes the history, terminal and planner logs of apt.',
  rationale: 'Logs are created by whoever writes the first line.',
  source: 'debuerreotype; mmdebstrap',
  wants: [`var/log/apt/{history.log,term.log,eipp.log.xz}${ROTATED}`],
});

export const aptLists: ScrubRule = removalRule({
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
});

export const aptCache: ScrubRule = removalRule({
  id: 'apt-cache',
  version: 1,
  varies: 'memory image of the package lists, downloaded packages',
  summary: "Removes apt's binary caches and downloaded packages; directories and the lock stay.",
  rationale: 'apt rebuilds the caches when it runs next.',
  source: 'debuerreotype; mmdebstrap',
  wants: ['var/cache/apt/{pkgcache,srcpkgcache}.bin', 'var/cache/apt/archives/{,partial/}*'],
  keeps: ['lock'],
});

export const dpkgOld: ScrubRule = removalRule({
  id: 'dpkg-old',
  version: 1,
  varies: 'the state before the last transaction',
  summary: "Removes dpkg's backups of its own files; locks stay.",
  rationale: 'dpkg writes a new backup with each change and reads none.',
  source: 'live-build',
  wants: ['var/lib/dpkg/{status,available,diversions,statoverride}-old'],
});

export const debconfOld: ScrubRule = removalRule({
  id: 'debconf-old',
  version: 1,
  varies: 'the state before the last question',
  summary: 'Removes the backups of the debconf databases.',
  rationale: 'debconf writes them and reads none; the databases themselves stay.',
  source: 'live-build',
  wants: ['var/cache/debconf/*.dat-old'],
});

export const dnfLog: ScrubRule = removalRule({
  id: 'dnf-log',
  version: 1,
  varies: 'times of the installation',
  summary: 'Removes the logs of dnf, dnf5, hawkey and yum.',
  rationale: 'Logs are created by whoever writes the first line.',
  source: 'bootc lint var-log; coreos-assembler',
  wants: [`var/log/{dnf,dnf5,dnf.librepo,dnf.rpm,hawkey,yum}.log${ROTATED}`],
});

export const dnfHistory: ScrubRule = removalRule({
  id: 'dnf-history',
  version: 1,
  varies: 'begin and end of each transaction, order of rows',
  summary: 'Removes the history database of dnf 4, all its files together.',
  rationale:
    'dnf creates it anew; a database without its tables would break dnf, so no part of it stays.',
  source: 'rpm-software-management/dnf 2274; QubesOS/qubes-builder-rpm 143',
  wants: ['var/lib/dnf/history.sqlite{,-shm,-wal,-journal}'],
});

export const dnfCache: ScrubRule = removalRule({
  id: 'dnf-cache',
  version: 1,
  varies: 'state of the mirrors on the day of the build',
  summary: 'Removes what dnf, libdnf5 and yum downloaded below /var/cache.',
  rationale: 'The next run downloads what it needs.',
  source: 'GoogleContainerTools/base-images-docker 483',
  wants: ['var/cache/{dnf,libdnf5,yum}/**'],
  wholeTrees: true,
});

export const accountBackups: ScrubRule = removalRule({
  id: 'account-backups',
  version: 1,
  varies: 'the accounts before the last change',
  summary: 'Removes the backups of the account files and the lock of the account tools.',
  rationale: 'The shadow tools write both anew with each change and need neither.',
  source: 'rpm-ostree; live-build; mkosi PR 4091',
  wants: ['etc/{passwd,group,shadow,gshadow,subuid,subgid}-', 'etc/.pwd.lock'],
});

export const fontconfigCache: ScrubRule = removalRule({
  id: 'fontconfig-cache',
  version: 1,
  varies: 'modification times of font directories',
  summary: 'Removes the font caches below /var.',
  rationale: 'fontconfig rebuilds them when a font is first used; caches below /usr stay.',
  source: 'Debian bug 864082; flatpak 2628',
  wants: ['var/cache/fontconfig/*.cache-*'],
});

export const manCache: ScrubRule = removalRule({
  id: 'man-cache',
  version: 1,
  varies: 'modification times of manual pages, order of hash buckets',
  summary: 'Removes the indexes and formatted pages of man-db below /var; directories stay.',
  rationale: 'man works without an index, apropos after the next mandb.',
  source: 'live-build',
  wants: ['var/cache/man/**'],
});
