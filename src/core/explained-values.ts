/** Values of a difference as they may be shown to anybody. */

import { formatCount } from '../util/format.js';
import type { Entry } from './entry.js';
import type { ExplainedChange, Witness } from './explanation.js';

export interface ShownValues {
  readonly before: string | null;
  readonly after: string | null;
  readonly witness: Witness | null;
}

/**
 * A secret is told by its length, where it is that of the file, and never by the digest that stands for it: that depends
 * on a key which is drawn anew for every store.
 */
export function shownValues(
  explained: ExplainedChange,
  entries: { readonly before: Entry | null; readonly after: Entry | null },
): ShownValues {
  const { before, after, witness, kind, chain, field } = explained;
  if (kind !== 'secret') return { before, after, witness };
  const isFile = chain.length === 0 && field === 'content';
  const shown = (value: string | null, entry: Entry | null): string | null =>
    value === null ? null : secretText(isFile && entry !== null ? entry.size : null);
  const [old, now] = [shown(before, entries.before), shown(after, entries.after)];
  return {
    before: old,
    after: now,
    witness: witness === null ? null : { ...witness, before: old ?? 'none', after: now ?? 'none' },
  };
}

/** `(secret, 33 bytes)`; null: its length is not known. */
export function secretText(bytes: number | null): string {
  return bytes === null
    ? '(secret)'
    : `(secret, ${formatCount(bytes)} ${bytes === 1 ? 'byte' : 'bytes'})`;
}
