/** What of a changed file was not understood, and whether it may hide a difference. */

import type { InspectionProblem } from '../../core/explanation.js';
import type { FactKind } from '../../core/facts.js';
import type { FactsComparison, PieceProblem } from '../facts/compare-facts.js';
import type { ComparedPiece, FoundChange } from '../facts/found-change.js';

type Compared = Pick<FactsComparison, 'changes' | 'problems'>;

/**
 * Whether nothing can hide where bytes were not understood: both sides have the same problems there, and no digest of bytes beside
 * them differs, though it may seem to follow from what was understood.
 */
export function isUnderstood({ changes, problems }: Compared): boolean {
  const byPiece = new Map<ComparedPiece, PieceProblem[]>();
  for (const problem of problems) {
    const known = byPiece.get(problem.piece);
    if (known === undefined) byPiece.set(problem.piece, [problem]);
    else known.push(problem);
  }
  if ([...byPiece.values()].some((of) => !areEqual(of))) return false;
  return !changes.some((change) => byPiece.has(change.piece) && isOfBytes(change));
}

/** Which bytes were not understood, the first few; told once where both sides have the same problem. */
export function toldProblems({ problems }: Compared): readonly InspectionProblem[] {
  const told = new Map<ComparedPiece, Map<string, InspectionProblem>>();
  for (const { piece, side, offset, detail } of problems) {
    let ofPiece = told.get(piece);
    if (ofPiece === undefined) told.set(piece, (ofPiece = new Map()));
    const known = ofPiece.get(detail);
    if (known === undefined) {
      const { chain, format } = piece;
      ofPiece.set(detail, { side, chain, format, offset, detail });
    } else if (known.side !== side)
      ofPiece.set(detail, {
        ...known,
        side: 'both',
        offset: known.offset === offset ? offset : null,
      });
  }
  return [...told.values()].flatMap((ofPiece) => [...ofPiece.values()]).slice(0, MAX_TOLD);
}

const MAX_TOLD = 20;

function areEqual(problems: readonly PieceProblem[]): boolean {
  const details = (wanted: PieceProblem['side']): string =>
    problems
      .flatMap(({ side, detail }) => (side === wanted ? [detail] : []))
      .toSorted()
      .join('\n');
  return details('before') === details('after');
}

/** Digests of bytes that stand for what no field tells. */
const OF_BYTES: ReadonlySet<FactKind> = new Set(['opaque', 'stream', 'secret', 'slack']);

function isOfBytes({ sort, kind }: FoundChange): boolean {
  return sort === 'range' || sort === 'untold' || OF_BYTES.has(kind);
}
