/** Pairs the rows of two tables by key; rows of one key are paired by equality first, then in the order in which they come. */

import type { FactRow } from '../../core/facts.js';

export interface MatchedRows {
  /** Positions before and after, in the order before. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Positions of rows without a counterpart. */
  readonly gone: readonly number[];
  readonly come: readonly number[];
}

export function matchRows(before: readonly FactRow[], after: readonly FactRow[]): MatchedRows {
  const shared = sharedStart(before, after);
  const pairs: [number, number][] = Array.from({ length: shared }, (_, i) => [i, i]);
  const gone: number[] = [];
  const come: number[] = [];
  const [old, now] = [byKey(before, shared), byKey(after, shared)];
  for (const [key, rows] of old) {
    const others = now.get(key) ?? NONE;
    pairUp(before, rows, after, others, pairs, gone, come);
  }
  for (const [key, rows] of now) if (!old.has(key)) come.push(...rows);
  if (pairs.length > shared) pairs.sort(([a], [b]) => a - b);
  return { pairs, gone: gone.toSorted(ascending), come: come.toSorted(ascending) };
}

const NONE: readonly number[] = [];

/** Rows at the start whose keys agree one by one. With repeated keys further on the pairs could be others: then nothing is shared. */
function sharedStart(before: readonly FactRow[], after: readonly FactRow[]): number {
  if (before.length !== after.length) return 0;
  for (let i = 0; i < before.length; i++) if (before[i]!.key !== after[i]!.key) return 0;
  return before.length;
}

function byKey(rows: readonly FactRow[], from: number): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (let i = from; i < rows.length; i++) {
    const { key } = rows[i]!;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  }
  return groups;
}

function pairUp(
  before: readonly FactRow[],
  old: readonly number[],
  after: readonly FactRow[],
  now: readonly number[],
  pairs: [number, number][],
  gone: number[],
  come: number[],
): void {
  let [left, right] = [old, now];
  if (old.length !== now.length && now.length > 0) {
    // One of several alike came or went: those that are equal belong together.
    const waiting = new Map<string, number[]>();
    for (const i of now) {
      const word = rowWord(after[i]!);
      const group = waiting.get(word);
      if (group === undefined) waiting.set(word, [i]);
      else group.push(i);
    }
    const taken = new Set<number>();
    left = old.filter((i) => {
      const equal = waiting.get(rowWord(before[i]!))?.shift();
      if (equal === undefined) return true;
      taken.add(equal);
      pairs.push([i, equal]);
      return false;
    });
    right = now.filter((i) => !taken.has(i));
  }
  const both = Math.min(left.length, right.length);
  for (let i = 0; i < both; i++) pairs.push([left[i]!, right[i]!]);
  for (let i = both; i < left.length; i++) gone.push(left[i]!);
  for (let i = both; i < right.length; i++) come.push(right[i]!);
}

/** What a row says, in one word. */
export function rowWord({ values, part }: FactRow): string {
  return `${JSON.stringify(values)} ${part === null ? '' : part.digest}`;
}

function ascending(a: number, b: number): number {
  return a - b;
}
