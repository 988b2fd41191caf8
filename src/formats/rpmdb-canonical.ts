/**
 * rpm's SQLite database with every choice that the history of installations made taken back: the numbers of packages, and
 * with them the order of all rows. Nothing but a query for `%{DBINSTANCE}` shows the number of a package.
 */

import type { Database } from 'better-sqlite3';

import { FormatError } from '../core/errors.js';
import { dropStatistics } from './rpmdb.js';
import { rewriteRpmdbImage, rpmdbBlob } from './rpmdb-image.js';
import { comparePackages, rankPackage, type RankedPackage } from './rpmdb-order.js';
import {
  checkInstallTimes,
  installtidByteOrder,
  setInstalltidKeys,
  withInstallTimes,
} from './rpmdb-times.js';
import { settleSqliteCounters } from './sqlite-file.js';

const FORMAT = 'rpmdb';

/**
 * Packages sorted by what they are (`rpmdb-order.ts`) and numbered from 1; rows of each index in the order of the packages
 * they point to, within one as rpm wrote them; times as `settleRpmdb` sets them, counted up in the new order. Page size,
 * encoding, tables and indexes stay. `image` comes from `checkpointedSqlite`.
 *
 * Equal sets of packages give equal bytes, whatever was installed, removed and updated when and in which order. The
 * result is a fixed point of this and of `settleRpmdb`. Throws `FormatError` and changes nothing where the database is
 * not what rpm makes.
 */
export function canonicalRpmdb(image: Uint8Array, sourceDateEpoch: number): Uint8Array {
  const bytes = rewriteRpmdbImage(image, (database) => {
    const order = installtidByteOrder(database);
    const ranked = rankPackages(database);
    checkInstallTimes(sourceDateEpoch, ranked.length);
    database.exec(
      'CREATE TEMP TABLE renumbered (before INTEGER PRIMARY KEY, after INTEGER NOT NULL)',
    );
    const renumber = database.prepare('INSERT INTO temp.renumbered VALUES (?, ?)');
    ranked.forEach(({ number }, i) => renumber.run(number, i + 1));
    for (const table of indexTables(database)) reorderRows(database, table);
    database.exec('DROP TABLE temp.renumbered');
    rewritePackages(database, ranked, sourceDateEpoch);
    setInstalltidKeys(database, sourceDateEpoch, order);
    dropStatistics(database);
  });
  settleSqliteCounters(bytes);
  return bytes;
}

function rankPackages(database: Database): readonly RankedPackage[] {
  const rows = database.prepare('SELECT hnum, blob FROM Packages').raw().all() as unknown[][];
  return rows
    .map(([number, blob]) => rankPackage(number as number, rpmdbBlob(blob)))
    .sort(comparePackages);
}

/** All tables of rpm but `Packages`: each has a key, the number of a package, and a position among its values. */
function indexTables(database: Database): readonly string[] {
  const names = database
    .prepare(
      `SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name <> 'Packages' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    )
    .pluck()
    .all() as string[];
  for (const name of names) {
    const columns = database
      .prepare('SELECT name FROM pragma_table_info(?) ORDER BY cid')
      .pluck()
      .all(name);
    if (columns.join() !== 'key,hnum,idx')
      throw new FormatError(FORMAT, 0, `table ${name} is no index of packages`);
  }
  return names;
}

/** Keys never leave SQLite: file names are declared text and need not be UTF-8. */
function reorderRows(database: Database, name: string): void {
  const table = `main."${name.replaceAll('"', '""')}"`;
  const rows = database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  database.exec(`CREATE TEMP TABLE sorted AS
    SELECT key, after AS hnum, idx FROM ${table} AS i JOIN temp.renumbered ON before = i.hnum
    ORDER BY after, idx, i.rowid`);
  if (database.prepare('SELECT count(*) FROM temp.sorted').pluck().get() !== rows)
    throw new FormatError(FORMAT, 0, `table ${name} has a row of no package`);
  database.exec(`DELETE FROM ${table};
    INSERT INTO ${table} (rowid, key, hnum, idx) SELECT rowid, key, hnum, idx FROM temp.sorted ORDER BY rowid;
    DROP TABLE temp.sorted`);
}

function rewritePackages(
  database: Database,
  ranked: readonly RankedPackage[],
  sourceDateEpoch: number,
): void {
  // Emptied too, or the number of the next package would tell how many there have been.
  database.exec('DELETE FROM Packages');
  const counts = "SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'";
  if (database.prepare(counts).get() !== undefined) database.exec('DELETE FROM sqlite_sequence');
  const insert = database.prepare('INSERT INTO Packages (hnum, blob) VALUES (?, ?)');
  ranked.forEach(({ blob }, i) =>
    insert.run(i + 1, withInstallTimes(blob, sourceDateEpoch + i, sourceDateEpoch)),
  );
}
