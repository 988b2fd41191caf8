/** What the causes of all findings add up to. */

import type { CauseId } from './explanation.js';
import type { Finding } from './report.js';

export interface CauseTotal {
  readonly cause: CauseId;
  /** Number of changes of which it is a cause; one change may have several. */
  readonly count: number;
}

/** Most frequent first; what is not known comes last. */
export function causeTotals(findings: readonly Pick<Finding, 'causes'>[]): readonly CauseTotal[] {
  const totals = new Map<CauseId, number>();
  for (const { causes } of findings)
    for (const { cause, count } of causes) totals.set(cause, (totals.get(cause) ?? 0) + count);
  return [...totals]
    .map(([cause, count]) => ({ cause, count }))
    .toSorted(
      (a, b) =>
        Number(a.cause === 'unknown') - Number(b.cause === 'unknown') ||
        b.count - a.count ||
        (a.cause < b.cause ? -1 : 1),
    );
}
