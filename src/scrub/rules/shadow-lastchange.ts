/** shadow(5) field 3, the day of the last password change: the day of the build for accounts made by packages. */

import { defineRule } from '../define.js';

export const shadowLastchange = defineRule({
  id: 'shadow-lastchange',
  version: 1,
  summary: 'Blanks the day of the last password change of locked accounts.',
  rationale:
    'Nobody logs in with a password that starts with `!` or `*`, so its age means nothing. Accounts with a password stay: blank would switch ageing off for them.',
  source: 'rpm-ostree, which does the same to every compose',
  defaultOn: true,
  timeValued: false,
  wants: ['etc/shadow'],
  *plan({ path, type }, { files }) {
    if (type !== 'file') return;
    const before = Buffer.from(files.read(path) ?? []).toString('latin1');
    const after = before.split('\n').map(blankLastChange).join('\n');
    if (after === before) return;
    yield {
      kind: 'rewrite',
      rule: 'shadow-lastchange',
      path,
      reason: 'day on which the account was made',
      content: Buffer.from(after, 'latin1'),
    };
  },
});

function blankLastChange(line: string): string {
  const fields = line.split(':');
  const [, password = '', lastChange = ''] = fields;
  if (!/^[!*]/.test(password) || lastChange === '') return line;
  return [...fields.slice(0, 2), '', ...fields.slice(3)].join(':');
}
