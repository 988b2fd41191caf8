/** Showing only what has a certain nature or cause. */

import { CAUSES, type CauseId } from '../../core/explanation.js';
import type { Change, Finding, Nature, Report } from '../../core/report.js';
import { SHOWN_KINDS } from './change-kind.js';
import type { ChangeIndex } from './change-index.js';

/** Null shows all. */
export interface Why {
  readonly nature: Nature | null;
  readonly cause: CauseId | null;
}

export const ANY_WHY: Why = { nature: null, cause: null };

const NATURES: readonly Nature[] = ['nondeterminism', 'input-drift', 'consequence', 'unknown'];

/** What there is to filter by in a report, in a fixed order. */
export function presentWhys({ findings, changes }: Pick<Report, 'findings' | 'changes'>): {
  readonly natures: readonly Nature[];
  readonly causes: readonly CauseId[];
} {
  const natures = new Set(findings.map(({ nature }) => nature));
  const causes = new Set(findings.flatMap((finding) => finding.causes.map(({ cause }) => cause)));
  for (const { explanation } of changes)
    for (const { cause } of explanation?.counts ?? []) causes.add(cause);
  return {
    natures: NATURES.filter((nature) => natures.has(nature)),
    causes: CAUSES.filter((cause) => causes.has(cause)),
  };
}

/** The one after or before, with `null` (all) between the last and the first. */
export function turned<T>(values: readonly T[], value: T | null, step: 1 | -1): T | null {
  const ring: readonly (T | null)[] = [null, ...values];
  return ring[(ring.indexOf(value) + step + ring.length) % ring.length] ?? null;
}

/** The index in which what is filtered out has no kind that is ever shown. */
export function filteredIndex(
  report: Pick<Report, 'changes' | 'findings'>,
  index: ChangeIndex,
  why: Why,
): ChangeIndex {
  if (why.nature === null && why.cause === null) return index;
  const key = `${why.nature} ${why.cause}`;
  const known = last.get(index);
  if (known?.key === key) return known.index;
  const kindNumber = SHOWN_KINDS.length;
  const kinds = index.kinds.slice();
  const kindCounts = new Uint32Array(index.kindCounts.length);
  const kindSizes = new Float64Array(index.kindSizes.length);
  const totals = SHOWN_KINDS.map(() => 0);
  const totalSizes = SHOWN_KINDS.map(() => 0);
  for (let i = 0; i < index.count; i++) {
    const finding = index.findings[i]!;
    const kind = kinds[i]!;
    if (!passes(report.changes[i]!, report.findings[finding] ?? null, why)) {
      kinds[i] = HIDDEN;
      continue;
    }
    totals[kind]!++;
    totalSizes[kind]! += index.sizes[i]!;
    if (finding < 0) continue;
    kindCounts[finding * kindNumber + kind]!++;
    kindSizes[finding * kindNumber + kind]! += index.sizes[i]!;
  }
  const filtered = { ...index, kinds, kindCounts, kindSizes, totals, totalSizes };
  last.set(index, { key, index: filtered });
  return filtered;
}

/** No bit of `KindMask`. */
const HIDDEN = SHOWN_KINDS.length;

const last = new WeakMap<ChangeIndex, { readonly key: string; readonly index: ChangeIndex }>();

/** A file that was looked into has its own causes; for others those of the finding count. */
function passes({ explanation }: Change, finding: Finding | null, { nature, cause }: Why): boolean {
  if (nature !== null && finding?.nature !== nature) return false;
  if (cause === null) return true;
  const causes: readonly { readonly cause: CauseId }[] =
    explanation === null ? (finding?.causes ?? []) : explanation.counts;
  return causes.some((each) => each.cause === cause);
}
