/** The scripts of installed packages, which apk before version 3 keeps in one tar file. */

import { settleApkScripts } from '../../formats/apk-scripts.js';
import { defineRule } from '../define.js';

export const apkScripts = defineRule({
  id: 'apk-scripts',
  version: 1,
  summary:
    "Sorts apk's archive of package scripts by name, gives its members to owner 0 and clamps their times to SOURCE_DATE_EPOCH.",
  rationale:
    'apk finds a script by the checksum in its name and looks at neither order, owner nor time. Contents stay; an archive that apk would not have written is left, and so is the compressed one of apk 3.',
  source: 'alpine-make-rootfs #24, apko #51, openwrt #20236; apk-tools src/database.c',
  defaultOn: true,
  timeValued: true,
  wants: ['{lib,usr/lib}/apk/db/scripts.tar'],
  *plan({ path, type }, { files, sourceDateEpoch }) {
    if (type !== 'file' || sourceDateEpoch === null) return;
    const before = files.read(path);
    if (before === null) return;
    const content = settleApkScripts(before, sourceDateEpoch);
    if (Buffer.from(before).equals(content)) return;
    const reason = 'times, owners and order of package scripts';
    yield { kind: 'rewrite', rule: 'apk-scripts', path, reason, content };
  },
});
