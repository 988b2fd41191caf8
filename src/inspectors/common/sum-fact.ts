/** Sums over other bytes of a file, told as what they are. */

import { WRONG_SUM, type Fact } from '../../core/facts.js';

/**
 * A sum that is right follows from the bytes that it is of. One that is not follows from nothing: it has another name and no
 * meaning, so that no difference between the bytes is taken for why it differs.
 */
export function sumFact(fact: Fact, isRight: boolean): Fact {
  if (isRight) return fact;
  const { name, value } = fact;
  return { ...fact, name: WRONG_SUM + name, kind: 'opaque', value: String(value) };
}

/** The same for those of the facts that have one of these names. Names that are not among them say nothing. */
export function sumFacts(
  facts: readonly Fact[],
  areRight: Readonly<Record<string, boolean>>,
): Fact[] {
  return facts.map((fact) => sumFact(fact, areRight[fact.name] ?? true));
}
