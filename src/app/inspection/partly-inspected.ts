/** Files that could be looked into in part only: damaged, or more than a budget allows. */

import { problemsOf } from '../../core/fact-problems.js';
import type { FactPart, FactProblem, Facts } from '../../core/facts.js';
import type { TreePath } from '../../core/path.js';

export interface PartlyInspected {
  /** In the tree, latin1 bytes; of an archive that the tree came out of, its name. */
  readonly path: TreePath | string;
  /** Number of problems, and the first of them. */
  readonly problems: number;
  readonly first: string;
}

/** Facts of these bytes, whatever the format. */
export type FactsOf = (digest: string) => Promise<readonly Facts[]>;

/** Problems of pieces that were looked into before, and of all that they hold. */
export async function knownProblems(
  pieces: readonly Pick<FactPart, 'digest' | 'format'>[],
  factsOf: FactsOf,
): Promise<readonly FactProblem[]> {
  const problems: FactProblem[] = [];
  const waiting = [...pieces];
  const seen = new Set<string>();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { digest, format } = next;
    const key = `${digest} ${format}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const facts = (await factsOf(digest)).find((each) => each.format === format);
    if (facts === undefined) continue;
    problems.push(...problemsOf(facts));
    for (const { rows } of facts.tables)
      for (const { part } of rows) if (part !== null && part.format !== null) waiting.push(part);
  }
  return problems;
}
