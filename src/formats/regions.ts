/** Files taken apart without a rest: claims on stretches of bytes become regions that cover the file once. */

/** A stretch of bytes; `offset` counts from the start of the file. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface Region<K extends string = string> extends Extent {
  readonly kind: K;
  /** Unique among the regions of a file: a second stretch of the same name ends in `#2`. */
  readonly name: string;
}

/**
 * Regions that cover [0, `size`) exactly once, in order of offset. Of two claims on a byte the earlier one in the list has
 * it, so that a claim may fall into pieces, or away; a claim beyond the end is cut. Unclaimed bytes are `gap`; neighbours
 * from different claims are never joined.
 */
export function partition<K extends string>(
  size: number,
  claims: readonly Region<K>[],
  gap: K,
): readonly Region<K>[] {
  const cuts = cutsOf(size, claims);
  const indexOf = new Map(cuts.map((cut, index) => [cut, index]));
  const owners = new Int32Array(cuts.length).fill(-1);
  // For every piece the next one without an owner: a claim steps over what is taken without looking at it.
  const next = Int32Array.from(cuts.keys());
  for (const [claim, { offset, length }] of claims.entries()) {
    const end = indexOf.get(clamp(offset + length, size)) ?? 0;
    let piece = findFree(next, indexOf.get(clamp(offset, size)) ?? 0);
    while (piece < end) {
      owners[piece] = claim;
      next[piece] = piece + 1;
      piece = findFree(next, piece + 1);
    }
  }
  return joined(cuts, owners, claims, gap);
}

function cutsOf(size: number, claims: readonly Extent[]): readonly number[] {
  const all = claims.flatMap(({ offset, length }) => [offset, offset + length]);
  return [...new Set([0, size, ...all.map((at) => clamp(at, size))])].sort((a, b) => a - b);
}

function clamp(at: number, size: number): number {
  return Math.min(Math.max(at, 0), size);
}

function findFree(next: Int32Array, from: number): number {
  let root = from;
  while (next[root]! !== root) root = next[root]!;
  for (let at = from; at !== root;) {
    const after = next[at]!;
    next[at] = root;
    at = after;
  }
  return root;
}

function joined<K extends string>(
  cuts: readonly number[],
  owners: Int32Array,
  claims: readonly Region<K>[],
  gap: K,
): readonly Region<K>[] {
  const uniqueName = nameCounter();
  const regions: Region<K>[] = [];
  for (let first = 0; first < cuts.length - 1;) {
    const owner = owners[first]!;
    let last = first + 1;
    while (last < cuts.length - 1 && owners[last] === owner) last++;
    const { kind, name } = claims[owner] ?? { kind: gap, name: gap };
    const offset = cuts[first]!;
    regions.push({ kind, name: uniqueName(name), offset, length: cuts[last]! - offset });
    first = last;
  }
  return regions;
}

/** Gives out names once: the second `x` is `x#2`, or the next number that is free. */
export function nameCounter(): (name: string) => string {
  const used = new Set<string>();
  const counts = new Map<string, number>();
  return (name) => {
    let count = counts.get(name) ?? 0;
    let unique = name;
    do {
      count++;
      unique = count === 1 ? name : `${name}#${count}`;
    } while (used.has(unique));
    counts.set(name, count);
    used.add(unique);
    return unique;
  };
}
