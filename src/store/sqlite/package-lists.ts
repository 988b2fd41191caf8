/** Package lists, stored once each; a list that changed shares the unchanged rows with the one before. */

import { createHash } from 'node:crypto';

import type { Package } from '../../core/build.js';
import type { Connection } from './connection.js';
import type { Counters } from './counters.js';
import { damaged } from './errors.js';
import { decodeRuns, encodeRuns } from './runs.js';

/** `former`: the list of the build before, or null. */
export function writePackageList(
  connection: Connection,
  counters: Counters,
  packages: readonly Package[],
  former: number | null,
): number {
  const rows = packages.map(rowOf);
  const digest = digestOf(rows);
  const found = connection
    .prepare('SELECT id FROM package_list WHERE digest = ?')
    .pluck()
    .get(digest) as number | undefined;
  if (found !== undefined) return found;
  const known = new Map<string, number>();
  if (former !== null)
    for (const { id, row } of readRows(connection, former)) known.set(JSON.stringify(row), id);
  const insert = connection.prepare('INSERT INTO package VALUES (?, ?, ?, ?, ?)');
  const ids = rows.map((row) => {
    const shared = known.get(JSON.stringify(row));
    if (shared !== undefined) return shared;
    const id = counters.next('package');
    insert.run(id, ...row);
    return id;
  });
  const list = counters.next('package_list');
  connection
    .prepare('INSERT INTO package_list VALUES (?, ?, ?)')
    .run(list, digest, encodeRuns(ids));
  return list;
}

/** Throws `STORE_DAMAGED` when the rows have not the digest of the list. */
export function readPackageList(
  connection: Connection,
  location: string,
  list: number,
): readonly Package[] {
  const rows = readRows(connection, list);
  const digest = connection
    .prepare('SELECT digest FROM package_list WHERE id = ?')
    .pluck()
    .get(list) as Buffer;
  if (!digestOf(rows.map(({ row }) => row)).equals(digest))
    throw damaged(location, 'a list of packages is not what was recorded');
  return rows.map(({ row: [manager, name, version, architecture] }) => ({
    manager,
    name,
    version,
    architecture,
  }));
}

function digestOf(rows: readonly PackageRow[]): Buffer {
  return createHash('sha256').update(JSON.stringify(rows)).digest();
}

type PackageRow = readonly [manager: string, name: string, version: string, architecture: string];

function rowOf({ manager, name, version, architecture }: Package): PackageRow {
  return [manager, name, version, architecture];
}

function readRows(
  connection: Connection,
  list: number,
): readonly { readonly id: number; readonly row: PackageRow }[] {
  const packages = connection
    .prepare('SELECT packages FROM package_list WHERE id = ?')
    .pluck()
    .get(list) as string;
  const select = connection
    .prepare(
      'SELECT id, manager, name, version, architecture FROM package WHERE id BETWEEN ? AND ?',
    )
    .raw();
  return decodeRuns(packages).flatMap(([, first, count]) =>
    (select.all(first, first + count - 1) as [number, ...PackageRow][]).map(([id, ...row]) => ({
      id,
      row,
    })),
  );
}
