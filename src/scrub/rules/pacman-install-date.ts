/** The local database of pacman: one folder per package, `desc` in it a list of `%FIELD%` lines, values, and a blank line. */

import { defineRule } from '../define.js';

/** The field as libalpm writes it: its name, one number of seconds, the end of the paragraph. */
const INSTALL_DATE = /(?<=(?:^|\n\n)%INSTALLDATE%\n)[0-9]+(?=\n\n|\n?$)/g;

export const pacmanInstallDate = defineRule({
  id: 'pacman-install-date',
  version: 1,
  summary: 'Sets %INSTALLDATE% of every package that pacman installed to SOURCE_DATE_EPOCH.',
  varies: 'install time of each package',
  rationale:
    'pacman shows the date and decides nothing by it; the field stays, in its place. Every other byte stays.',
  source: 'libalpm lib/libalpm/be_local.c; tried with pacman 6',
  defaultOn: true,
  timeValued: true,
  wants: ['var/lib/pacman/local/*/desc'],
  *plan({ path, type }, { files, sourceDateEpoch }) {
    if (type !== 'file' || sourceDateEpoch === null) return;
    const before = Buffer.from(files.read(path) ?? []).toString('latin1');
    const after = before.replace(INSTALL_DATE, String(sourceDateEpoch));
    if (after === before) return;
    const content = Buffer.from(after, 'latin1');
    const reason = 'time of the installation';
    yield { kind: 'rewrite', rule: 'pacman-install-date', path, reason, content };
  },
});
