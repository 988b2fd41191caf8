/** Which rows of the build before are equal to the records of a directory that has changed. */

import type { PlacedDirectory, WholeDirectory } from '../../core/merkle.js';
import type { Connection } from './connection.js';
import { fromStored, toStored, type StoredBytes } from './names.js';
import type { StoredDirectory } from './previous-build.js';
import type { RecordReader } from './record-reader.js';
import { decodeRuns } from './runs.js';

export interface FormerRow {
  readonly id: number;
  /** Latin1. */
  readonly name: string;
  readonly mtimeNs: bigint;
  readonly values: FormerValues;
}

type FormerValues = readonly [
  id: bigint,
  name: StoredBytes,
  mode: bigint,
  uid: bigint,
  gid: bigint,
  size: bigint,
  mtimeNs: bigint,
  coverage: bigint,
  tree: bigint | null,
  xxh64: Buffer | null,
  sha256: Buffer | null,
  target: StoredBytes | null,
  rdev: string | null,
  link: StoredBytes | null,
  xattrs: bigint | null,
];

/** Reads the rows of a directory that a build before had. */
export function formerRowReader(connection: Connection): (tree: number) => FormerRow[] {
  const entriesOf = connection.prepare('SELECT entries FROM tree WHERE id = ?').pluck();
  const select = connection
    .prepare('SELECT * FROM entry WHERE id BETWEEN ? AND ?')
    .raw()
    .safeIntegers();
  return (tree) =>
    decodeRuns(entriesOf.get(tree) as string)
      .flatMap(([, first, count]) => select.all(first, first + count - 1) as FormerValues[])
      .map((values) => ({
        id: Number(values[0]),
        name: fromStored(values[1]),
        mtimeNs: values[6],
        values,
      }));
}

/** For each record the row that equals it in everything but the time; both are in byte order of the names. */
export function matchFormerRows(
  { packed, links }: WholeDirectory,
  children: readonly PlacedDirectory<StoredDirectory>[],
  rows: readonly FormerRow[],
  record: RecordReader,
  xattrsOf: (record: RecordReader) => number | null,
): (FormerRow | null)[] {
  const equal: (FormerRow | null)[] = [];
  let at = 0;
  let child = 0;
  for (let i = 0; i < packed.count; i++) {
    record.next();
    const tree =
      packed.subdirectories[child]?.ordinal === i ? children[child++]!.handle.tree : null;
    const name = fromStored(record.name);
    while (at < rows.length && rows[at]!.name < name) at++;
    const row = rows[at];
    const link = links.get(i);
    equal.push(
      row !== undefined &&
        row.name === name &&
        isEqual(
          row.values,
          record,
          tree,
          link === undefined ? null : toStored(link),
          xattrsOf(record),
        )
        ? row
        : null,
    );
  }
  return equal;
}

function isEqual(
  row: FormerValues,
  record: RecordReader,
  tree: number | null,
  link: StoredBytes | null,
  xattrs: number | null,
): boolean {
  return (
    Number(row[2]) === record.mode &&
    Number(row[3]) === record.uid &&
    Number(row[4]) === record.gid &&
    Number(row[5]) === record.size &&
    Number(row[7]) === record.coverage &&
    idOf(row[8]) === tree &&
    isSameBytes(row[9], record.xxh64) &&
    isSameBytes(row[10], record.sha256) &&
    isSameBytes(row[11], record.target) &&
    row[12] === record.rdev &&
    isSameBytes(row[13], link) &&
    idOf(row[14]) === xattrs
  );
}

function idOf(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}

function isSameBytes(a: StoredBytes | null, b: StoredBytes | null): boolean {
  if (a === null || b === null || typeof a === 'string' || typeof b === 'string') return a === b;
  return a.equals(b);
}
