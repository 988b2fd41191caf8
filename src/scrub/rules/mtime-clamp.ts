/**
 * Every time after SOURCE_DATE_EPOCH becomes SOURCE_DATE_EPOCH: what the build wrote carries the time of the build. Clamped, not
 * set: earlier times come from packages and are the same in every build. Runs last and sees what is removed.
 */

import type { TreePath } from '../../core/path.js';
import { defineRule, type PlanContext, type ScrubEntry } from '../define.js';
import { validForms, wholeSeconds } from './compiled-forms.js';

export const mtimeClamp = defineRule({
  id: 'mtime-clamp',
  version: 1,
  summary: 'Clamps modification times to SOURCE_DATE_EPOCH.',
  rationale:
    'A file keeps the time that its package recorded (`rpm -V` would show T), and a Python source the time that its compiled module was made for (Python would compile at each start) where `pyc-times` leaves both. With layout ostree only the root directory is clamped: ostree drops all times, and inodes are shared with its cache.',
  source: 'mkosi 2635; umoci 601; rpm-ostree compose build-chunked-oci for the root directory',
  defaultOn: true,
  timeValued: true,
  wants: 'every',
  accepts: (entry, epoch) => epoch !== null && entry.mtimeNs > nanoseconds(epoch),
  *plan(entry, context) {
    const { path } = entry;
    if (context.sourceDateEpoch === null || (context.layout === 'ostree' && path !== '')) return;
    const mtimeNs = nanoseconds(context.sourceDateEpoch);
    if (entry.mtimeNs <= mtimeNs) return;
    if (hasTime(mtimeNs, entry, context)) return;
    if (entry.type === 'file' && isAsShipped(entry, context)) return;
    // Python would compile at each start: `pyc-times` has left both for a reason.
    if (entry.type === 'file' && validForms(entry, context).length > 0) return;
    yield { kind: 'set-mtime', rule: 'mtime-clamp', path, reason: 'time of the build', mtimeNs };
  },
});

function nanoseconds(seconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n;
}

/** Whether a rule before this one sets the same time, under any name. */
function hasTime(mtimeNs: bigint, { path }: ScrubEntry, context: PlanContext): boolean {
  const isSet = (name: TreePath): boolean =>
    context.planned(name).some((edit) => edit.kind === 'set-mtime' && edit.mtimeNs === mtimeNs);
  return isSet(path) || (path.endsWith('.py') && context.linkedNames(path).some(isSet));
}

function isAsShipped({ path, mtimeNs }: ScrubEntry, { ownership }: PlanContext): boolean {
  const recorded = ownership.shipped(path)?.mtimeSeconds ?? null;
  return recorded !== null && BigInt(recorded) === wholeSeconds(mtimeNs);
}
