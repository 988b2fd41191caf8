/** All that a diff finds between the facts of two files, what follows from something else as well. */

import type { KeyedFacts } from '../../src/core/facts.js';
import { compareFacts } from '../../src/diff/facts/compare-facts.js';
import { lookInto, type Looked } from './prove.js';

/** `chain!field kind`, in byte order; fields `order` and `member` stand for rows that moved, came or went. */
export async function everyDifference(
  name: string,
  before: Uint8Array,
  after: Uint8Array,
): Promise<readonly string[]> {
  const [old, now] = [await lookInto(name, before), await lookInto(name, after)];
  const { changes } = await compareFacts(whole(old), whole(now), {
    before: lookup(old),
    after: lookup(now),
  });
  return changes
    .map(({ piece, row, field, kind }) => [...(row ?? piece).chain, `${field} ${kind}`].join('!'))
    .toSorted();
}

/** Members are told before what holds them. */
function whole({ facts }: Looked): KeyedFacts {
  return facts.at(-1)!;
}

function lookup({ facts }: Looked) {
  return (digest: string, format: string) =>
    Promise.resolve(
      facts.find((each) => each.digest === digest && each.facts.format === format)?.facts ?? null,
    );
}
