/** All scrub rules, in the order in which they plan and are applied. */

import type { ScrubRule } from './define.js';
import { accountOrder } from './rules/account-order.js';
import { apkScripts } from './rules/apk-scripts.js';
import { apkVirtualVersions } from './rules/apk-virtual-versions.js';
import { authselectHeader } from './rules/authselect-header.js';
import { bootupdEfiJson } from './rules/bootupd-efi-json.js';
import { dbusMachineId } from './rules/dbus-machine-id.js';
import { injectedHostFiles } from './rules/injected-host-files.js';
import { javaKeystore } from './rules/java-keystore.js';
import { scrubLeftOver } from './rules/left-over.js';
import { log } from './rules/log.js';
import { loginRecords } from './rules/login-records.js';
import { machineId } from './rules/machine-id.js';
import { mtimeClamp } from './rules/mtime-clamp.js';
import { pycAll, pycUnowned } from './rules/pyc.js';
import { pycTimes } from './rules/pyc-times.js';
import { normalizeRules } from './rules/normalize.js';
import { overlayXattrs } from './rules/overlay-xattrs.js';
import { pacmanInstallDate } from './rules/pacman-install-date.js';
import { cacheRemovals } from './rules/removals/caches.js';
import { dpkgRemovals } from './rules/removals/dpkg.js';
import { identityRemovals } from './rules/removals/identity.js';
import { logRemovals } from './rules/removals/logs.js';
import { otherManagerRemovals } from './rules/removals/other-managers.js';
import { rpmRemovals } from './rules/removals/rpm.js';
import { rpmdb } from './rules/rpmdb.js';
import { rpmdbCanonical } from './rules/rpmdb-canonical.js';
import { rpmdbJournal } from './rules/rpmdb-journal.js';
import { rpmLocks } from './rules/rpmdb-locks.js';
import { runTimeFiles } from './rules/run-time-files.js';
import { shadowLastchange, shadowLastchangeAll } from './rules/shadow-lastchange.js';
import { snakeoil } from './rules/snakeoil.js';
import { sshHostKeys, sshHostKeysRemade } from './rules/ssh-host-keys.js';

export const scrubRules: readonly ScrubRule[] = [
  scrubLeftOver,
  machineId,
  dbusMachineId,
  ...identityRemovals,
  sshHostKeysRemade,
  sshHostKeys,
  snakeoil,
  injectedHostFiles,
  shadowLastchange,
  shadowLastchangeAll,
  accountOrder,
  loginRecords,
  ...logRemovals,
  // After those that name their logs.
  log,
  ...dpkgRemovals,
  // Of the three that write the database the first that does something leaves nothing to the others.
  rpmdbCanonical,
  rpmdb,
  rpmdbJournal,
  rpmLocks,
  ...rpmRemovals,
  apkScripts,
  apkVirtualVersions,
  pacmanInstallDate,
  ...otherManagerRemovals,
  ...cacheRemovals,
  runTimeFiles,
  javaKeystore,
  bootupdEfiJson,
  authselectHeader,
  pycUnowned,
  pycAll,
  ...normalizeRules,
  // After those that remove or rewrite compiled modules, before the times of all else.
  pycTimes,
  // Last: it leaves alone what the others remove.
  mtimeClamp,
  // After all that may give a shared inode a copy of its own, whose attributes can go.
  overlayXattrs,
];
