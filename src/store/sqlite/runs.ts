/**
 * Ordered lists of row ids as runs of consecutive ones: JSON `[[ordinal, first id, count], ...]`. A list whose rows
 * were written in one go is one run, and one that shares all but one row with it is three.
 */

/** `ordinal`: place of the first id in the list. */
export type Run = readonly [ordinal: number, first: number, count: number];

export function encodeRuns(ids: readonly number[]): string {
  const runs: [number, number, number][] = [];
  let last: [number, number, number] | undefined;
  for (const [ordinal, id] of ids.entries()) {
    if (last !== undefined && id === last[1] + last[2]) last[2] += 1;
    else runs.push((last = [ordinal, id, 1]));
  }
  return JSON.stringify(runs);
}

export function decodeRuns(json: string): readonly Run[] {
  return JSON.parse(json) as Run[];
}

export function lengthOfRuns(runs: readonly Run[]): number {
  const last = runs.at(-1);
  return last === undefined ? 0 : last[0] + last[2];
}

export function* idsOfRuns(runs: readonly Run[]): Generator<number> {
  for (const [, first, count] of runs) for (let i = 0; i < count; i++) yield first + i;
}

/** The part of the list whose ids satisfy `wanted`, at the ordinals they have in the whole. */
export function runsWhere(
  runs: readonly Run[],
  wanted: (id: number, ordinal: number) => boolean,
): readonly Run[] {
  const found: [number, number, number][] = [];
  for (const [ordinal, first, count] of runs) {
    let open: [number, number, number] | null = null;
    for (let i = 0; i < count; i++) {
      if (!wanted(first + i, ordinal + i)) open = null;
      else if (open !== null) open[2] += 1;
      else found.push((open = [ordinal + i, first + i, 1]));
    }
  }
  return found;
}
