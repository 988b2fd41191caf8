/** Logs and histories that have a rule of their own; `log` sees what is left. */

import type { ScrubRule } from '../../define.js';
import { removalRule } from '../../remove-rule.js';

/** A log and what logrotate makes of it. */
const ROTATED = '{,.[0-9]*,-[0-9]*}';
const CREATED = 'Logs are created by whoever writes the first line.';

export const logRemovals: readonly ScrubRule[] = [
  removalRule({
    id: 'dpkg-log',
    version: 1,
    varies: 'times and process ids of the installation',
    summary: 'Removes the logs of dpkg, debootstrap, update-alternatives and fontconfig.',
    rationale: CREATED,
    source: 'debuerreotype; mmdebstrap',
    wants: [`var/log/{dpkg.log,alternatives.log,bootstrap.log,fontconfig.log}${ROTATED}`],
  }),
  removalRule({
    id: 'apt-log',
    version: 1,
    varies: 'times and command lines of the installation',
    summary: 'Removes the history, terminal and planner logs of apt.',
    rationale: CREATED,
    source: 'debuerreotype; mmdebstrap',
    wants: [`var/log/apt/{history.log,term.log,eipp.log.xz}${ROTATED}`],
  }),
  removalRule({
    id: 'dnf-log',
    version: 1,
    varies: 'times of the installation',
    summary: 'Removes the logs of dnf, dnf5, hawkey and yum.',
    rationale: CREATED,
    source: 'bootc lint var-log; coreos-assembler',
    wants: [`var/log/{dnf,dnf5,dnf.librepo,dnf.rpm,hawkey,yum}.log${ROTATED}`],
  }),
  removalRule({
    id: 'installer-log',
    version: 1,
    varies: 'times and steps of the installation',
    summary: 'Removes the logs of zypper, anaconda and tuned.',
    rationale: CREATED,
    source: 'bootc lint var-log; KIWI',
    wants: ['var/log/zypp/history', `var/log/zypper.log${ROTATED}`, 'var/log/{tuned,anaconda}/**'],
  }),
  removalRule({
    id: 'pacman-log',
    version: 1,
    varies: 'times of the installation',
    summary: 'Removes the log of pacman.',
    rationale: CREATED,
    source: 'archlinux-docker',
    wants: ['var/log/pacman.log'],
  }),
  removalRule({
    id: 'journal',
    version: 1,
    varies: 'journal of the machine that builds, in a folder named after its id',
    summary: 'Removes the journals; /var/log/journal itself stays.',
    rationale:
      'journald makes both folder and file anew; the folder above decides that it keeps them.',
    source: 'bootc lint var-log; virt-sysprep; systemd-journald(8)',
    wants: ['var/log/journal/**'],
    wholeTrees: true,
  }),
  removalRule({
    id: 'crash-dumps',
    version: 1,
    varies: 'crashes during the build',
    summary: 'Removes crash dumps and reports; their folders stay.',
    rationale:
      'They tell of the machine that builds. The scrub says which it removed: a crash deserves a look.',
    source: 'virt-sysprep',
    wants: ['var/crash/**', 'var/lib/abrt/**', 'var/lib/systemd/coredump/**', 'var/spool/abrt/**'],
    wholeTrees: true,
  }),
  removalRule({
    id: 'shell-history',
    version: 1,
    varies: 'what was typed in the build',
    summary: 'Removes histories of shells, vim, less, wget and Python in home folders.',
    rationale: 'Each program writes its own when it is next used.',
    source: 'virt-sysprep',
    wants: [
      '{root,home/*,var/roothome,var/home/*}/.{bash_history,viminfo,wget-hsts,lesshst,python_history}',
    ],
  }),
];
