/** Order of lines in the account files: useradd and sysusers append, so it is the order of installation. */

import type { Edit } from '../../core/edit.js';
import { baseName, joinPath, parentPath } from '../../core/path.js';
import { defineRule, type PlanContext, type ScrubEntry } from '../define.js';
import { plannedContent } from '../planned-content.js';

/** Each secret file follows the order of the public one, as `pwck -s` and `grpck -s` have it. */
const PUBLIC: Readonly<Record<string, string>> = { shadow: 'passwd', gshadow: 'group' };

export const accountOrder = defineRule({
  id: 'account-order',
  version: 1,
  summary: 'Sorts passwd and group by id, and shadow and gshadow like them.',
  varies: 'order in which packages made their accounts',
  rationale:
    'Off: it helps only where the ids are fixed, because they are in every inode as well. Lines of one id keep their order: the first of them answers. Files with NIS entries, comments or anything else that is no account are left.',
  source: 'pwck(8), grpck(8)',
  defaultOn: false,
  timeValued: false,
  wants: ['etc/{passwd,group,shadow,gshadow}', 'usr/lib/{passwd,group}'],
  plan(entry, context) {
    const before = linesOf(entry, context);
    const order = before === null ? null : orderOf(entry, context, before);
    if (before === null || order === null) return [];
    const after = before.toSorted((a, b) => order(a) - order(b));
    if (after.every((line, i) => line === before[i])) return [];
    return rewriteOf(entry, after);
  },
});

function rewriteOf({ path }: ScrubEntry, lines: readonly string[]): readonly Edit[] {
  const content = Buffer.from(`${lines.join('\n')}\n`, 'latin1');
  const reason = 'order of installation';
  return [{ kind: 'rewrite', rule: 'account-order', path, reason, content }];
}

/** Null for what holds anything but accounts. */
function linesOf({ path, type }: ScrubEntry, context: PlanContext): readonly string[] | null {
  if (type !== 'file') return null;
  const bytes = plannedContent(path, context);
  const text = Buffer.from(bytes ?? []).toString('latin1');
  const lines = text.split('\n');
  if (lines.pop() !== '') return null;
  return lines.every((line) => /^[^:+\-#\s][^:]*:/.test(line)) ? lines : null;
}

/** Where a line belongs; null when that is not clear. */
function orderOf(
  { path }: ScrubEntry,
  context: PlanContext,
  lines: readonly string[],
): ((line: string) => number) | null {
  const publicName = PUBLIC[baseName(path)];
  if (publicName === undefined) {
    const id = (line: string): number => Number(/^[^:]*:[^:]*:([0-9]+):/.exec(line)?.[1] ?? NaN);
    return lines.some((line) => Number.isNaN(id(line))) ? null : id;
  }
  const bytes = context.files.read(joinPath(parentPath(path), publicName));
  const names = Buffer.from(bytes ?? [])
    .toString('latin1')
    .split('\n');
  const rank = new Map(
    names
      .filter((line) => /^[^:]+:[^:]*:[0-9]+:/.test(line))
      .toSorted((a, b) => Number(a.split(':')[2]) - Number(b.split(':')[2]))
      .map((line, i) => [nameOf(line), i]),
  );
  return lines.every((line) => rank.has(nameOf(line))) ? (line) => rank.get(nameOf(line))! : null;
}

const nameOf = (line: string): string => line.slice(0, line.indexOf(':'));
