/** The changes of a report as typed arrays, made once when the screen opens; lists are arrays of positions in it. */

import type { Change, Report } from '../../core/report.js';
import { kindCode, SHOWN_KINDS } from './change-kind.js';

export interface ChangeIndex {
  readonly count: number;
  /** Position in `SHOWN_KINDS` by change. */
  readonly kinds: Uint8Array;
  /** Size in bytes by change: the new one, of removed paths the old one. */
  readonly sizes: Float64Array;
  /** Position of the finding by change. */
  readonly findings: Int32Array;
  /** Changes of all findings, one finding after the other, each in tree order. */
  readonly byFinding: Uint32Array;
  /** Where each finding begins in `byFinding`; one more element than there are findings. */
  readonly findingStart: Uint32Array;
  /** Number of changes by finding and kind: element `finding * 4 + kind`. */
  readonly kindCounts: Uint32Array;
  /** Number of changes by kind, all findings together. */
  readonly totals: readonly number[];
  /** Sum of sizes by kind, all findings together. */
  readonly totalSizes: readonly number[];
  /** Sum of sizes by finding and kind, as `kindCounts`. */
  readonly kindSizes: Float64Array;
}

export function indexChanges(report: Pick<Report, 'changes' | 'findings'>): ChangeIndex {
  const { changes, findings } = report;
  const kindNumber = SHOWN_KINDS.length;
  const ordinals = new Map(findings.map(({ id }, ordinal) => [id, ordinal]));
  const kinds = new Uint8Array(changes.length);
  const sizes = new Float64Array(changes.length);
  const findingOf = new Int32Array(changes.length);
  const findingStart = new Uint32Array(findings.length + 1);
  const kindCounts = new Uint32Array(findings.length * kindNumber);
  const kindSizes = new Float64Array(findings.length * kindNumber);
  const totals = SHOWN_KINDS.map(() => 0);
  const totalSizes = SHOWN_KINDS.map(() => 0);
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i]!;
    const kind = kindCode(change);
    const size = sizeOf(change);
    // A change whose finding is not listed still shows among all changes.
    const finding = ordinals.get(change.finding) ?? -1;
    kinds[i] = kind;
    sizes[i] = size;
    findingOf[i] = finding;
    totals[kind]!++;
    totalSizes[kind]! += size;
    if (finding < 0) continue;
    findingStart[finding + 1]!++;
    kindCounts[finding * kindNumber + kind]!++;
    kindSizes[finding * kindNumber + kind]! += size;
  }
  for (let f = 0; f < findings.length; f++) findingStart[f + 1]! += findingStart[f]!;
  const byFinding = new Uint32Array(findingStart[findings.length]!);
  const next = findingStart.slice();
  for (let i = 0; i < changes.length; i++) {
    const finding = findingOf[i]!;
    if (finding >= 0) byFinding[next[finding]!++] = i;
  }
  return {
    count: changes.length,
    kinds,
    sizes,
    findings: findingOf,
    byFinding,
    findingStart,
    kindCounts,
    totals,
    totalSizes,
    kindSizes,
  };
}

function sizeOf({ before, after }: Change): number {
  return after?.size ?? before?.size ?? 0;
}
