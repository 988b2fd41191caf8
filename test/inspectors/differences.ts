/** What differs between two files, by their facts alone: `member!field kind` of every change that follows from no other. */

import { DERIVED_KINDS } from '../../src/core/facts.js';
import { compareFacts } from '../../src/diff/facts/compare-facts.js';
import { lookInto } from './prove.js';

/** Changes of derived kinds are left out when another is there, as a diff shows them below it. */
export async function differences(
  name: string,
  before: Uint8Array,
  after: Uint8Array,
): Promise<readonly string[]> {
  const [a, b] = [await lookInto(name, before), await lookInto(name, after)];
  const lookup =
    ({ facts }: typeof a) =>
    (digest: string, format: string) =>
      Promise.resolve(
        facts.find((each) => each.digest === digest && each.facts.format === format)?.facts ?? null,
      );
  // What holds the others is found last.
  const { changes } = await compareFacts(a.facts.at(-1)!, b.facts.at(-1)!, {
    before: lookup(a),
    after: lookup(b),
  });
  const isRoot = ({ kind, sort }: (typeof changes)[number]): boolean =>
    sort === 'order' || !DERIVED_KINDS.has(kind);
  const roots = changes.filter(isRoot);
  return (roots.length > 0 ? roots : changes).map(
    ({ chain, field, kind, sort }) =>
      `${[...chain, field].join('!')} ${sort === 'value' ? kind : sort}`,
  );
}
