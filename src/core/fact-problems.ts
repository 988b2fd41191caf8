/** All that is wrong with facts: what their inspector told, and parts that could not be looked into. */

import { NOT_ASKED_FOR, type FactProblem, type Facts } from './facts.js';
import { displayBytes } from './path.js';

/** Of these bytes alone: parts with facts of their own have problems of their own. */
export function problemsOf({
  problems,
  tables,
}: Pick<Facts, 'problems' | 'tables'>): FactProblem[] {
  const all = [...problems];
  for (const { rows } of tables)
    for (const { key, part, offset } of rows)
      if (part !== null && part.skipped !== null && part.skipped !== NOT_ASKED_FOR)
        all.push({ offset, detail: `${displayBytes(key)}: ${part.skipped}` });
  return all;
}
