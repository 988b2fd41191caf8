/** All scrub rules, in the order in which they plan and are applied. */

import type { ScrubRule } from './define.js';
import { dbusMachineId } from './rules/dbus-machine-id.js';
import { scrubLeftOver } from './rules/left-over.js';
import { loginRecords } from './rules/login-records.js';
import { machineId } from './rules/machine-id.js';
import { mtimeClamp } from './rules/mtime-clamp.js';
import { pycAll, pycUnowned } from './rules/pyc.js';
import {
  accountBackups,
  aptCache,
  aptLists,
  aptLog,
  debconfOld,
  dnfCache,
  dnfHistory,
  dnfLog,
  dpkgLog,
  dpkgOld,
  fontconfigCache,
  ldconfigAuxCache,
  manCache,
  randomSeed,
} from './rules/removals.js';
import { rpmdb } from './rules/rpmdb.js';
import { rpmdbCanonical } from './rules/rpmdb-canonical.js';
import { rpmdbJournal } from './rules/rpmdb-journal.js';
import { rpmLocks } from './rules/rpmdb-locks.js';
import { shadowLastchange } from './rules/shadow-lastchange.js';

export const scrubRules: readonly ScrubRule[] = [
  scrubLeftOver,
  machineId,
  dbusMachineId,
  randomSeed,
  accountBackups,
  shadowLastchange,
  loginRecords,
  dpkgLog,
  dpkgOld,
  debconfOld,
  aptLog,
  aptLists,
  aptCache,
  // Of the three that write the database the first that does something leaves nothing to the others.
  rpmdbCanonical,
  rpmdb,
  rpmdbJournal,
  rpmLocks,
  dnfLog,
  dnfHistory,
  dnfCache,
  ldconfigAuxCache,
  fontconfigCache,
  manCache,
  pycUnowned,
  pycAll,
  // Last: it leaves alone what the others remove.
  mtimeClamp,
];
