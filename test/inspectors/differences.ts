/** What differs between two files, by their facts alone: `member!field kind` of every change that follows from no other. */

import assert from 'node:assert/strict';

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
    ({ piece, row, field, kind, sort }) =>
      `${[...(row ?? piece).chain, field].join('!')} ${sort === 'value' ? kind : sort}`,
  );
}

/**
 * Plants a difference in each field of the file itself, one at a time, and returns the names of those that are told alone, but
 * for what follows from them. Others decide how the rest is read, or their damage ends the format; they have to be told somehow.
 */
export async function fieldsToldAlone(name: string, bytes: Uint8Array): Promise<readonly string[]> {
  const whole = await lookInto(name, bytes);
  const alone: string[] = [];
  for (const { name: field, kind, offset } of whole.facts.at(-1)!.facts.facts) {
    if (offset === null || offset >= bytes.length) continue;
    const changed = Uint8Array.from(bytes);
    changed[offset]! ^= 1;
    const found = await differences(name, bytes, changed);
    assert.notDeepEqual(found, [], field);
    const isTold = found.includes(`${field} ${kind}`);
    if (isTold && (found.length === 1 || DERIVED_KINDS.has(kind))) alone.push(field);
  }
  return alone;
}
