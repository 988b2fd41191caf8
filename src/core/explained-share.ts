/** How much of what differs is explained: the figure that tells whether there is anything left to look for. */

import type { Explanation } from './explanation.js';
import type { Change, Nature, Report } from './report.js';

/** Files whose contents differ, and their bytes: of a file its size after the change. */
export interface Share {
  readonly files: number;
  readonly bytes: number;
}

export interface ExplainedShare {
  /** Both sides have the file, and its content differs. */
  readonly changed: Share;
  /** By status; `explained`: every difference has a cause with high or medium confidence, or follows from one. */
  readonly byStatus: Readonly<Record<Explanation['status'], Share>>;
  /** Why files were not inspected, most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly files: number }[];
  /** Number of findings. */
  readonly natures: Readonly<Record<Nature, number>>;
}

export function explainedShare({
  changes,
  findings,
}: Pick<Report, 'changes' | 'findings'>): ExplainedShare {
  const none = { files: 0, bytes: 0 };
  const changed = { ...none };
  const byStatus = {
    explained: { ...none },
    partly: { ...none },
    unknown: { ...none },
    'not-inspected': { ...none },
  } satisfies Record<Explanation['status'], { files: number; bytes: number }>;
  const reasons = new Map<string, number>();
  for (const change of changes) {
    if (!isChangedContent(change)) continue;
    const { explanation } = change;
    const bytes = change.after?.size ?? 0;
    // Without facts at all nothing was looked into either.
    for (const share of [changed, byStatus[explanation?.status ?? 'not-inspected']]) {
      share.files += 1;
      share.bytes += bytes;
    }
    const reason = explanation === null ? NO_FACTS : explanation.reason;
    if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const natures = {
    nondeterminism: 0,
    'input-drift': 0,
    consequence: 0,
    unknown: 0,
  } satisfies Record<Nature, number>;
  for (const { nature } of findings) natures[nature] += 1;
  return {
    changed,
    byStatus,
    reasons: [...reasons]
      .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .map(([reason, files]) => ({ reason, files })),
    natures,
  };
}

const NO_FACTS = 'no facts were asked for';

/** A file on both sides whose content differs. */
export function isChangedContent({ kind, before, after, attributes }: Change): boolean {
  return (
    kind === 'changed' &&
    before?.type === 'file' &&
    after?.type === 'file' &&
    attributes.some(({ attribute }) => attribute === 'content' || attribute === 'size')
  );
}

/** Percent with one decimal, rounded down: never 100 while something is missing. Null where nothing differs. */
export function percentOf(part: number, whole: number): string | null {
  if (whole === 0) return null;
  const tenths = part >= whole ? 1000 : Math.min(999, Math.floor((1000 * part) / whole));
  return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)} %`;
}
