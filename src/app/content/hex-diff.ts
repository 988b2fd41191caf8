/** Compares bytes row by row, 16 to a row, and keeps the rows that differ with a few around them. */

export const ROW_BYTES = 16;

export interface HexRow {
  /** Of the first byte. */
  readonly offset: number;
  /** Up to 16 bytes; null beyond the end of that side. */
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
  readonly isChanged: boolean;
}

export interface HexDiff {
  /** Runs of rows, one after the other in the file. */
  readonly regions: readonly (readonly HexRow[])[];
  /** Bytes that differ place by place, in all; what only one side has counts as well. */
  readonly changedBytes: number;
  /** Rows that differ and are not among `regions`. */
  readonly omittedRows: number;
  /** Where sizes differ: equal bytes at the end of both, which are not compared by their place. */
  readonly equalTail: number;
}

const CONTEXT_ROWS = 2;
/** Rows that are equal are passed in steps of this many bytes. */
const STEP_BYTES = 64 * 1024;

/** At most `mostRows` rows that differ are kept, the first ones. */
export function hexDiff(before: Uint8Array, after: Uint8Array, mostRows: number): HexDiff {
  const equalTail = before.length === after.length ? 0 : commonTail(before, after);
  const a = before.subarray(0, before.length - equalTail);
  const b = after.subarray(0, after.length - equalTail);
  const rows: number[] = [];
  let [changedBytes, changedRows] = [0, 0];
  const length = Math.max(a.length, b.length);
  for (let step = 0; step < length; step += STEP_BYTES) {
    const [x, y] = [a.subarray(step, step + STEP_BYTES), b.subarray(step, step + STEP_BYTES)];
    if (Buffer.compare(x, y) === 0) continue;
    const end = Math.max(x.length, y.length);
    for (let at = 0; at < end; at += ROW_BYTES) {
      const changed = differences(x, y, at);
      if (changed === 0) continue;
      changedBytes += changed;
      changedRows++;
      if (rows.length < mostRows) rows.push(step + at);
    }
  }
  const regions = regionsOf(a, b, rows);
  // The last rows around others may differ as well.
  const shown = regions.flat().filter(({ isChanged }) => isChanged).length;
  return { regions, changedBytes, omittedRows: changedRows - shown, equalTail };
}

/** Of the part behind the first difference. */
function commonTail(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return tail;
}

function differences(x: Uint8Array, y: Uint8Array, at: number): number {
  let count = 0;
  const end = Math.min(at + ROW_BYTES, Math.max(x.length, y.length));
  for (let i = at; i < end; i++) if (x[i] !== y[i]) count++;
  return count;
}

function regionsOf(
  a: Uint8Array,
  b: Uint8Array,
  changed: readonly number[],
): readonly (readonly HexRow[])[] {
  const regions: HexRow[][] = [];
  const last = Math.max(a.length, b.length);
  let next = 0;
  for (const offset of changed) {
    const from = Math.max(next, offset - CONTEXT_ROWS * ROW_BYTES, 0);
    const to = Math.min(last, offset + (CONTEXT_ROWS + 1) * ROW_BYTES);
    if (regions.length === 0 || from > next) regions.push([]);
    const region = regions.at(-1)!;
    for (let at = from; at < to; at += ROW_BYTES) {
      const [x, y] = [rowAt(a, at), rowAt(b, at)];
      region.push({ offset: at, before: x, after: y, isChanged: differences(a, b, at) > 0 });
    }
    next = Math.max(next, from + Math.ceil(Math.max(0, to - from) / ROW_BYTES) * ROW_BYTES);
  }
  return regions;
}

function rowAt(bytes: Uint8Array, at: number): Uint8Array | null {
  return at < bytes.length ? bytes.subarray(at, at + ROW_BYTES) : null;
}
