/** shadow(5) field 3, the day of the last password change: the day of the build for accounts made by packages. */

import type { Edit } from '../../core/edit.js';
import { defineRule, type PlanContext, type ScrubEntry } from '../define.js';
import { plannedContent } from '../planned-content.js';

const LOCKED = /^[!*]/;

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
  plan: (entry, context) =>
    rewrite('shadow-lastchange', entry, context, (password, day) =>
      LOCKED.test(password) ? '' : day,
    ),
});

export const shadowLastchangeAll = defineRule({
  id: 'shadow-lastchange-all',
  version: 1,
  summary:
    'Sets the day of the last password change of accounts with a password to SOURCE_DATE_EPOCH.',
  varies: 'day on which the password was set',
  rationale:
    'Off: where passwords age, one that was set long ago has run out, and its owner has to change it to log in. Days that are blank or 0 mean something else and stay.',
  source: 'shadow(5); edgelesssys/constellation 3465',
  defaultOn: false,
  timeValued: true,
  wants: ['etc/shadow'],
  plan: (entry, context) => {
    // Day 0 would ask for a new password at the next login.
    const today = String(Math.max(1, Math.floor((context.sourceDateEpoch ?? 0) / 86_400)));
    return rewrite('shadow-lastchange-all', entry, context, (password, day) =>
      LOCKED.test(password) || !/^0*[1-9][0-9]*$/.test(day) ? day : today,
    );
  },
});

function rewrite(
  rule: string,
  { path, type }: ScrubEntry,
  context: PlanContext,
  dayOf: (password: string, day: string) => string,
): readonly Edit[] {
  if (type !== 'file') return [];
  // Both rules may run: the second builds on what the first planned.
  const bytes = plannedContent(path, context);
  const before = Buffer.from(bytes ?? []).toString('latin1');
  const after = before
    .split('\n')
    .map((line) => {
      const fields = line.split(':');
      const [, password, day] = fields;
      if (password === undefined || day === undefined) return line;
      return [...fields.slice(0, 2), dayOf(password, day), ...fields.slice(3)].join(':');
    })
    .join('\n');
  if (after === before) return [];
  const content = Buffer.from(after, 'latin1');
  return [{ kind: 'rewrite', rule, path, reason: 'day on which the account was made', content }];
}
