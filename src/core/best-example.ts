/** The one difference that shows a cause best. */

import type { CauseId, ExplainedChange } from './explanation.js';
import type { Change } from './report.js';

export interface Example {
  readonly change: Change;
  readonly explained: ExplainedChange;
}

/** Of the highest confidence, where both values are told; the first of equals. Null: the cause has no difference that is kept. */
export function bestExample(changes: Iterable<Change>, cause: CauseId): Example | null {
  let best: Example | null = null;
  let rank = -1;
  for (const change of changes)
    for (const explained of change.explanation?.changes ?? []) {
      if (explained.cause !== cause) continue;
      const own =
        (explained.confidence === null ? 0 : RANK[explained.confidence]) +
        Number(explained.before !== null && explained.after !== null);
      if (own <= rank) continue;
      best = { change, explained };
      rank = own;
      if (rank === MAX_RANK) return best;
    }
  return best;
}

const RANK = { high: 6, medium: 4, low: 2 } as const;
const MAX_RANK = 7;
