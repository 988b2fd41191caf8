/**
 * Times of a directory's entries where they differ from those its rows were first recorded with. A stamp is bound
 * to no tree, so equal ones are one row:
 *
 *     base    earliest of the times, nanoseconds since 1970; NULL when there is none
 *     width   bytes of a mark
 *     marks   one big-endian number per entry, in order: all bits set leaves the time as it is in the row; trailing ones
 *             of these are dropped. NULL: every entry here and in everything below has the time `base`
 *     times   NULL: a mark is what to add to `base`. Otherwise a JSON array of what to add, and a mark is a place in it
 *     stamps  JSON object: the stamps of the subdirectories that have one, by ordinal
 *
 * A tree copied file by file has a time of its own for nearly every file, a touched one a few for all: `times` is there
 * when that is shorter.
 */

export interface StampRow {
  readonly base: bigint | null;
  readonly width: number;
  readonly marks: Buffer | null;
  readonly times: string | null;
  readonly stamps: string | null;
}

/** Null when every time is the recorded one and no subdirectory has a stamp. */
export function encodeStamp(
  times: BigInt64Array,
  recorded: BigInt64Array,
  stamps: readonly (readonly [ordinal: number, stamp: number])[],
): StampRow | null {
  const distinct = new Set<bigint>();
  let count = 0;
  for (let i = 0; i < times.length; i++) {
    if (times[i] === recorded[i]) continue;
    distinct.add(times[i]!);
    count = i + 1;
  }
  if (count === 0 && stamps.length === 0) return null;
  const links = stamps.length === 0 ? null : JSON.stringify(Object.fromEntries(stamps));
  if (count === 0)
    return { base: null, width: 1, marks: Buffer.alloc(0), times: null, stamps: links };

  const sorted = BigInt64Array.from(distinct).sort();
  const base = sorted[0]!;
  const list = `[${Array.from(sorted, (time) => time - base).join()}]`;
  const listWidth = widthFor(BigInt(sorted.length - 1));
  const directWidth = widthFor(sorted.at(-1)! - base);
  const isDirect = directWidth <= 8 && directWidth * count <= listWidth * count + list.length;
  const width = isDirect ? directWidth : listWidth;
  const marks = Buffer.alloc(width * count, 0xff);
  const places = new Map(Array.from(sorted, (time, place) => [time, place]));
  for (let i = 0; i < count; i++) {
    const time = times[i]!;
    if (time !== recorded[i])
      writeMark(marks, i, width, isDirect ? time - base : BigInt(places.get(time)!));
  }
  return { base, width, marks, times: isDirect ? null : list, stamps: links };
}

/** One time for everything here and below. */
export function uniformStamp(time: bigint): StampRow {
  return { base: time, width: 1, marks: null, times: null, stamps: null };
}

/** Reads a stamp. */
export interface Stamp {
  /** The time of an entry; null: as its row has it. */
  timeOf(ordinal: number): bigint | null;
  /** The stamp of a subdirectory. */
  stampOf(ordinal: number): number | null;
}

/** `id` is the row's own, which a stamp without marks hands down. */
export function decodeStamp(id: number, row: StampRow): Stamp {
  const { base, width, marks } = row;
  if (marks === null) return { timeOf: () => base, stampOf: () => id };
  const times = row.times === null ? null : row.times.slice(1, -1).split(',').map(BigInt);
  const stamps = (row.stamps === null ? {} : JSON.parse(row.stamps)) as Record<number, number>;
  const unmarked = unmarkedOf(width);
  return {
    timeOf: (ordinal) => {
      if (base === null || (ordinal + 1) * width > marks.length) return null;
      const mark = readMark(marks, ordinal, width);
      if (mark === unmarked) return null;
      return base + (times === null ? mark : times[Number(mark)]!);
    },
    stampOf: (ordinal) => stamps[ordinal] ?? null,
  };
}

/** Bytes that hold the value with the unmarked one to spare; more than 8 for what no mark can hold. */
function widthFor(value: bigint): number {
  let width = 1;
  while (value >= unmarkedOf(width)) width++;
  return width;
}

function unmarkedOf(width: number): bigint {
  return (1n << BigInt(8 * width)) - 1n;
}

function writeMark(marks: Buffer, ordinal: number, width: number, value: bigint): void {
  const at = ordinal * width;
  if (width <= 6) marks.writeUIntBE(Number(value), at, width);
  else marks.write(value.toString(16).padStart(2 * width, '0'), at, 'hex');
}

function readMark(marks: Buffer, ordinal: number, width: number): bigint {
  const at = ordinal * width;
  if (width <= 6) return BigInt(marks.readUIntBE(at, width));
  return BigInt(`0x${marks.toString('hex', at, at + width)}`);
}
