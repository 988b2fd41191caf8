/**
 * Times of a directory's entries where they differ from those its rows were first recorded with. A stamp is bound
 * to no tree, so equal ones are one row:
 *
 *     times   JSON array, the distinct times in ascending order: the first in nanoseconds since 1970, the others as
 *             differences to the first
 *     marks   one mark per entry: `.` leaves the time as it is in its row, otherwise the place in `times` as a number
 *             with digits from `0` (0) to `~` (78). As many digits as the number of times needs; trailing `.` dropped.
 *             NULL: every entry here and in everything below has the one time in `times`
 *     stamps  JSON object, the stamps of the subdirectories that have one, by ordinal
 */

export interface StampRow {
  readonly times: string | null;
  readonly marks: string | null;
  readonly stamps: string | null;
}

/** Code of the digit 0, and how many digits there are. */
export const FIRST_MARK = 48;
export const MARK_DIGITS = 79;

/** Null when every time is the recorded one and no subdirectory has a stamp. */
export function encodeStamp(
  times: BigInt64Array,
  recorded: BigInt64Array,
  stamps: readonly (readonly [ordinal: number, stamp: number])[],
): StampRow | null {
  const distinct = new Set<bigint>();
  let end = 0;
  for (let i = 0; i < times.length; i++) {
    if (times[i] === recorded[i]) continue;
    distinct.add(times[i]!);
    end = i + 1;
  }
  if (end === 0 && stamps.length === 0) return null;
  const sorted = BigInt64Array.from(distinct).sort();
  const width = markWidth(sorted.length);
  const markOf = new Map<bigint, string>();
  for (const [i, time] of sorted.entries()) markOf.set(time, mark(i, width));
  const unmarked = '.'.repeat(width);
  let marks = '';
  for (let i = 0; i < end; i++)
    marks += times[i] === recorded[i] ? unmarked : markOf.get(times[i]!)!;
  return {
    times:
      end === 0 ? null : `[${[...sorted].map((t, i) => (i === 0 ? t : t - sorted[0]!)).join()}]`,
    marks,
    stamps: stamps.length === 0 ? null : JSON.stringify(Object.fromEntries(stamps)),
  };
}

/** One time for everything here and below. */
export function uniformStamp(time: bigint): StampRow {
  return { times: `[${time}]`, marks: null, stamps: null };
}

/** Reads a stamp. */
export interface Stamp {
  /** The time of an entry; null: as its row has it. */
  timeOf(ordinal: number): bigint | null;
  /** The stamp of a subdirectory. */
  stampOf(ordinal: number): number | null;
}

/** `id` is the row's own, which a uniform stamp hands down. */
export function decodeStamp(id: number, row: StampRow): Stamp {
  const times = row.times === null ? [] : row.times.slice(1, -1).split(',').map(BigInt);
  const base = times[0] ?? 0n;
  const { marks } = row;
  if (marks === null) return { timeOf: () => base, stampOf: () => id };
  const stamps = (row.stamps === null ? {} : JSON.parse(row.stamps)) as Record<number, number>;
  const width = markWidth(times.length);
  return {
    timeOf: (ordinal) => {
      const at = ordinal * width;
      if (at >= marks.length || marks[at] === '.') return null;
      let place = 0;
      for (let i = at; i < at + width; i++)
        place = place * MARK_DIGITS + marks.charCodeAt(i) - FIRST_MARK;
      return place === 0 ? base : base + times[place]!;
    },
    stampOf: (ordinal) => stamps[ordinal] ?? null,
  };
}

function markWidth(times: number): number {
  return times <= MARK_DIGITS
    ? 1
    : times <= MARK_DIGITS ** 2
      ? 2
      : times <= MARK_DIGITS ** 3
        ? 3
        : 4;
}

function mark(place: number, width: number): string {
  let digits = '';
  for (let i = 0, rest = place; i < width; i++, rest = Math.floor(rest / MARK_DIGITS))
    digits = String.fromCharCode(FIRST_MARK + (rest % MARK_DIGITS)) + digits;
  return digits;
}
