/** Builds that hold several artifacts: which of them differ, and a heading for each. */

import { displayText } from '../core/path.js';
import { ownVerdict, type ArtifactComparison, type Report } from '../core/report.js';
import { countOf, formatCount } from '../util/format.js';
import type { TextStyle } from './text-style.js';

export function overallLine({ artifact, artifacts, verdict, complete, ...report }: Report): string {
  const own = { ...artifact, verdict: ownVerdict(report) };
  const all = [own, ...artifacts.map((each) => ({ ...each, verdict: verdictOf(each) }))];
  const names = (wanted: string): string =>
    all
      .filter((each) => each.verdict === wanted)
      .map(({ name }) => displayText(name))
      .join(', ');
  const total = countOf(all.length, 'artifact');
  if (verdict === 'same') return `same: ${total} compared, no difference`;
  if (verdict === 'incomplete')
    return `incomplete: no difference seen in ${total}, but not everything could be compared (${names('incomplete')})`;
  const differing = all.filter((each) => each.verdict === 'different').length;
  const unseen = complete ? '' : '; not everything could be compared';
  return `different: ${formatCount(differing)} of ${total} (${names('different')})${unseen}`;
}

function verdictOf({ report, isAsked }: ArtifactComparison): string {
  if (report !== null) return report.verdict;
  return isAsked ? 'different' : 'not compared';
}

export function* headingLines(
  { artifact }: { readonly artifact: Pick<ArtifactComparison, 'name'> },
  verdict: string,
  style: TextStyle,
): Generator<string> {
  yield '';
  yield style.strong(`== ${displayText(artifact.name)} ==`);
  yield verdict;
}

export function absenceLine({
  side,
  isAsked,
}: Pick<ArtifactComparison, 'side' | 'isAsked'>): string {
  const other = side === 'before' ? 'after' : 'before';
  return isAsked
    ? `different: only the build ${side} has it`
    : `not compared: the side ${other} is a tree alone`;
}
