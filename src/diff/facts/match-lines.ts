/**
 * Longest common subsequences of line digests with bounded cost: equal ends, then lines that occur once on either side (the
 * patience method of B. Cohen), then a table for what is small. What is left stays unpaired.
 */

type Pairs = [number, number][];

interface Range {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

const MAX_DEPTH = 12;
const MAX_TABLE_CELLS = 250_000;
const MAX_CELLS = 4_000_000;

/** Positions of equal words, ascending on both sides. */
export function matchLines(
  a: readonly string[],
  b: readonly string[],
  range: Range = { a0: 0, a1: a.length, b0: 0, b1: b.length },
): Pairs {
  const pairs: Pairs = [];
  const budget = { cells: MAX_CELLS };
  match(a, b, range, 0, pairs, budget);
  return pairs;
}

/** The ranges between pairs, in which nothing was paired. */
export function gapsBetween(pairs: readonly (readonly [number, number])[], range: Range): Range[] {
  const gaps: Range[] = [];
  let [a, b] = [range.a0, range.b0];
  for (const [i, j] of [...pairs, [range.a1, range.b1] as const]) {
    if (i > a || j > b) gaps.push({ a0: a, a1: i, b0: b, b1: j });
    [a, b] = [i + 1, j + 1];
  }
  return gaps;
}

function match(
  a: readonly string[],
  b: readonly string[],
  range: Range,
  depth: number,
  pairs: Pairs,
  budget: { cells: number },
): void {
  let { a0, a1, b0, b1 } = range;
  while (a0 < a1 && b0 < b1 && a[a0] === b[b0]) pairs.push([a0++, b0++]);
  let tail = 0;
  while (a0 < a1 && b0 < b1 && a[a1 - 1] === b[b1 - 1]) {
    a1 -= 1;
    b1 -= 1;
    tail += 1;
  }
  if (a0 < a1 && b0 < b1) {
    const inner = { a0, a1, b0, b1 };
    const anchors = depth < MAX_DEPTH ? uniqueAnchors(a, b, inner) : [];
    if (anchors.length > 0) {
      let [i, j] = [a0, b0];
      for (const [x, y] of anchors) {
        match(a, b, { a0: i, a1: x, b0: j, b1: y }, depth + 1, pairs, budget);
        pairs.push([x, y]);
        [i, j] = [x + 1, y + 1];
      }
      match(a, b, { a0: i, a1, b0: j, b1 }, depth + 1, pairs, budget);
    } else table(a, b, inner, pairs, budget);
  }
  for (let i = 0; i < tail; i++) pairs.push([a1 + i, b1 + i]);
}

/** The longest ascending run of lines that occur once on both sides. */
function uniqueAnchors(a: readonly string[], b: readonly string[], range: Range): Pairs {
  const places = new Map<string, { a: number; b: number; count: number }>();
  for (let i = range.a0; i < range.a1; i++) {
    const known = places.get(a[i]!);
    if (known === undefined) places.set(a[i]!, { a: i, b: -1, count: 1 });
    else known.count = 3;
  }
  for (let j = range.b0; j < range.b1; j++) {
    const known = places.get(b[j]!);
    if (known === undefined) continue;
    known.b = j;
    known.count += 1;
  }
  const common = [...places.values()].filter(({ count }) => count === 2);
  return longestAscending(common.map(({ a: i, b: j }) => [i, j]));
}

function longestAscending(pairs: Pairs): Pairs {
  const ends: number[] = [];
  const previous: number[] = [];
  for (const [k, [, j]] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[ends[middle]!]![1] < j) low = middle + 1;
      else high = middle;
    }
    previous[k] = low === 0 ? -1 : ends[low - 1]!;
    ends[low] = k;
  }
  const found: Pairs = [];
  for (let k = ends.at(-1) ?? -1; k >= 0; k = previous[k]!) found.push(pairs[k]!);
  return found.toReversed();
}

function table(
  a: readonly string[],
  b: readonly string[],
  { a0, a1, b0, b1 }: Range,
  pairs: Pairs,
  budget: { cells: number },
): void {
  const [n, m] = [a1 - a0, b1 - b0];
  const cells = (n + 1) * (m + 1);
  if (cells > MAX_TABLE_CELLS || cells > budget.cells) return;
  budget.cells -= cells;
  const length = new Uint16Array(cells);
  const width = m + 1;
  for (let i = n - 1; i >= 0; i--)
    for (let j = m - 1; j >= 0; j--)
      length[i * width + j] =
        a[a0 + i] === b[b0 + j]
          ? length[(i + 1) * width + j + 1]! + 1
          : Math.max(length[(i + 1) * width + j]!, length[i * width + j + 1]!);
  for (let i = 0, j = 0; i < n && j < m;)
    if (a[a0 + i] === b[b0 + j]) pairs.push([a0 + i++, b0 + j++]);
    else if (length[(i + 1) * width + j]! >= length[i * width + j + 1]!) i += 1;
    else j += 1;
}
