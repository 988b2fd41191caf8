/** Values in bytes of unknown format, those of one side against those of the other. */

import type { FactContent } from '../../core/facts.js';
import { gapsBetween, matchLines } from './match-lines.js';

export type BlockToken = Extract<FactContent, { kind: 'blocks' }>['tokens'][number];

type Pair = readonly [BlockToken | null, BlockToken | null];

/**
 * Of blocks that are equal but for their values: those at one place that differ, and those that one side alone has, as where they
 * lie the other has something else. `shift`: how much farther back the bytes lie after.
 */
export function differingTokens(
  before: readonly BlockToken[],
  after: readonly BlockToken[],
  shift: number,
): readonly Pair[] {
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, now] = [before[i], after[j]];
    const order = old === undefined ? 1 : now === undefined ? -1 : old.offset + shift - now.offset;
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
    if (order < 0) pairs.push([old!, null]);
    else if (order > 0) pairs.push([null, now!]);
    else if (wordOf(old!) !== wordOf(now!)) pairs.push([old!, now!]);
  }
  return pairs;
}

/**
 * Of blocks that differ in more than their values: pairs that surely belong together, by their place where as many bytes lie on
 * both sides, else by their order between values that are equal.
 */
export function pairedTokens(
  before: readonly BlockToken[],
  after: readonly BlockToken[],
  range: Readonly<Record<'before' | 'after', { readonly from: number; readonly end: number }>>,
): readonly Pair[] {
  const [a, b] = [range.before, range.after];
  const isBoth = ([old, now]: Pair): boolean =>
    old !== null && now !== null && typeOf(old) === typeOf(now);
  if (a.end - a.from === b.end - b.from)
    return differingTokens(before, after, b.from - a.from).filter(isBoth);
  const whole = { a0: 0, a1: before.length, b0: 0, b1: after.length };
  const equal = matchLines(before.map(wordOf), after.map(wordOf), whole);
  return gapsBetween(equal, whole).flatMap(({ a0, a1, b0, b1 }): readonly Pair[] => {
    if (a1 - a0 !== b1 - b0) return [];
    const pairs = before.slice(a0, a1).map((old, i): Pair => [old, after[b0 + i]!]);
    return pairs.every(isBoth) ? pairs : [];
  });
}

function wordOf(token: BlockToken): string {
  return `${typeOf(token)} ${token.length} ${token.value}`;
}

function typeOf({ kind, encoding }: BlockToken): string {
  return `${kind} ${encoding}`;
}
