/**
 * A Python source that is younger than SOURCE_DATE_EPOCH, together with the compiled modules that are valid for it (PEP 3147,
 * PEP 552): both get the epoch, so that the module fits its source before and after. The modules come first: a kill in
 * between leaves them stale, Python goes on with the source, and the next run sets its time.
 */

import type { DerivedContent, Edit } from '../../core/edit.js';
import type { TreePath } from '../../core/path.js';
import { readPycTimestamp, withPycSourceMtime } from '../../formats/pyc.js';
import { defineRule, type PlanContext, type ScrubEntry } from '../define.js';
import { derivedContent } from '../derived-content.js';
import { pycSourcePath } from '../pyc-source.js';
import { validForms, type CompiledForm } from './compiled-forms.js';

const RULE = 'pyc-times';
const REASON = 'time of the build';

export const pycTimes = defineRule({
  id: RULE,
  version: 1,
  summary:
    'Sets the time of a Python source that is later than SOURCE_DATE_EPOCH, and the copy of it in compiled modules that stay, to SOURCE_DATE_EPOCH.',
  varies:
    'the time at which a source was copied, in the source and in the modules compiled from it',
  rationale:
    'Both or neither: a module stays as valid as it was, by time and size. Neither where a package owns a module (`rpm -V` would show it), where the source has the time that its package recorded, or where a module is an inode of several sources. Hash-based modules hold no time. Nothing with layout ostree, which drops all times.',
  source: 'PEP 552; CPython importlib._bootstrap_external, _validate_timestamp_pyc',
  defaultOn: true,
  timeValued: true,
  wants: 'every',
  accepts: ({ path, type, mtimeNs }, epoch) =>
    epoch !== null && mtimeNs > nanoseconds(epoch) && type === 'file' && path.endsWith('.py'),
  *plan(source, context) {
    const epoch = context.sourceDateEpoch;
    if (epoch === null || epoch < 0 || epoch > MAX_STAMP || context.layout === 'ostree') return;
    const names = context.linkedNames(source.path);
    const forms = names.flatMap((path) => validForms({ ...source, path }, context));
    if (forms.length === 0 || !names.every((path) => mayChange(source, path, context))) return;
    if (!forms.every((form) => isFree(form, names, context))) return;
    const sequence = `${RULE} ${source.path}`;
    for (const { path, bytes } of forms)
      yield { ...edit(path, sequence), kind: 'rewrite', content: stamped(bytes, epoch) };
    yield { ...edit(source.path, sequence), kind: 'set-mtime', mtimeNs: nanoseconds(epoch) };
  },
});

/** The field has 32 bits. */
const MAX_STAMP = 0xffff_ffff;

function edit(
  path: TreePath,
  sequence: string,
): Pick<Edit, 'rule' | 'path' | 'reason'> & { readonly sequence: string } {
  return { rule: RULE, path, reason: REASON, sequence };
}

function nanoseconds(seconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n;
}

function stamped(bytes: Uint8Array, epoch: number): DerivedContent {
  return derivedContent(withPycSourceMtime(bytes, epoch), (old) =>
    readPycTimestamp(old) === null ? null : withPycSourceMtime(old, epoch),
  );
}

/** Whether a source may get another time: nobody recorded the one it has, and no rule makes another file of it. */
function mayChange({ mtimeNs }: ScrubEntry, path: TreePath, context: PlanContext): boolean {
  const recorded = context.ownership.shipped(path)?.mtimeSeconds ?? null;
  const isAsShipped = recorded !== null && BigInt(recorded) === mtimeNs / 1_000_000_000n;
  return !isAsShipped && context.planned(path).every(({ kind }) => kind === 'remove-xattr');
}

/** Whether a module may get other bytes: no package owns it under any name, and all names are modules of this source. */
function isFree(
  { path }: CompiledForm,
  sources: readonly TreePath[],
  context: PlanContext,
): boolean {
  return context.linkedNames(path).every((name) => {
    const source = pycSourcePath([name]);
    return (
      !context.ownership.isOwned(name) && source !== null && sources.includes(source as TreePath)
    );
  });
}
