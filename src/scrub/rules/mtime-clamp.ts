/**
 * Every time after SOURCE_DATE_EPOCH becomes SOURCE_DATE_EPOCH: what the build wrote carries the time of the build. Clamped, not
 * set: earlier times come from packages and are the same in every build. Runs last and sees what is removed.
 */

import type { TreePath } from '../../core/path.js';
import { defineRule, type PlanContext, type ScrubEntry } from '../define.js';
import { readPycTimestamp } from '../../formats/pyc.js';
import { compiledForms } from './pyc.js';

export const mtimeClamp = defineRule({
  id: 'mtime-clamp',
  version: 1,
  summary: 'Clamps modification times to SOURCE_DATE_EPOCH.',
  rationale:
    'A file keeps the time that its package recorded (`rpm -V` would show T), and a Python source the time that its compiled module was made for (Python would compile at each start). With layout ostree only the root directory is clamped: ostree drops all times, and inodes are shared with its cache.',
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
    if (entry.type === 'file' && (isAsShipped(entry, context) || hasCompiledForm(entry, context)))
      return;
    yield { kind: 'set-mtime', rule: 'mtime-clamp', path, reason: 'time of the build', mtimeNs };
  },
});

function nanoseconds(seconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n;
}

function isAsShipped({ path, mtimeNs }: ScrubEntry, { ownership }: PlanContext): boolean {
  const recorded = ownership.shipped(path)?.mtimeSeconds ?? null;
  return recorded !== null && BigInt(recorded) === wholeSeconds(mtimeNs);
}

/** Whether a compiled module stays that is valid for this very source only while the time stays. */
function hasCompiledForm(source: ScrubEntry, context: PlanContext): boolean {
  if (!source.path.endsWith('.py')) return false;
  return compiledForms(source.path, context).some((path) => {
    if (context.planned(path).some((edit) => edit.kind === 'remove')) return false;
    const stamp = timestampOf(path, context);
    return (
      stamp !== null &&
      BigInt(stamp.sourceMtime) === (wholeSeconds(source.mtimeNs) & 0xffff_ffffn) &&
      (stamp.sourceSize === null || stamp.sourceSize === source.size % 0x1_0000_0000)
    );
  });
}

function timestampOf(path: TreePath, { files }: PlanContext): ReturnType<typeof readPycTimestamp> {
  const bytes = files.read(path);
  return bytes === null ? null : readPycTimestamp(bytes);
}

/** Rounded down, as time_t. */
function wholeSeconds(ns: bigint): bigint {
  const seconds = ns / 1_000_000_000n;
  return ns < 0n && ns % 1_000_000_000n !== 0n ? seconds - 1n : seconds;
}
