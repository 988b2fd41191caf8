/**
 * rpm's package database in SQLite (`lib/backend/sqlite.cc` of rpm): table `Packages` holds one header blob per
 * package, the other tables index tags of it. Works on bytes in memory; nothing is opened on disk.
 */

import type { Database } from 'better-sqlite3';

import { FormatError } from '../core/errors.js';
import { readRpmHeader, type RpmHeader } from './rpm-header.js';
import {
  checkRpmdbSchema,
  guardRpmdb,
  openRpmdbImage,
  rewriteRpmdbImage,
  rpmdbBlob,
} from './rpmdb-image.js';
import {
  checkInstallTimes,
  installtidByteOrder,
  setInstalltidKeys,
  withInstallTimes,
} from './rpmdb-times.js';
import { checkpointedSqlite, settleSqliteCounters } from './sqlite-file.js';

/** Yields the header of every package, by package number. Throws `FormatError`. */
export function* readRpmdb(main: Uint8Array, wal: Uint8Array | null): Generator<RpmHeader> {
  const database = openRpmdbImage(checkpointedSqlite(main, wal), true);
  let rows: IterableIterator<unknown> | null = null;
  try {
    guardRpmdb(() => checkRpmdbSchema(database));
    rows = guardRpmdb(() =>
      database.prepare('SELECT blob FROM main.Packages ORDER BY hnum').pluck().iterate(),
    );
    const query = rows;
    for (;;) {
      const row = guardRpmdb(() => query.next());
      if (row.done === true) return;
      yield readRpmHeader(rpmdbBlob(row.value));
    }
  } finally {
    // A connection with an open query cannot be closed.
    rows?.return?.();
    database.close();
  }
}

/**
 * The same packages as if they had been installed with SOURCE_DATE_EPOCH set, in the same order: INSTALLTID is the
 * epoch, INSTALLTIME counts up from it, index `Installtid` follows. Everything else that depends on the history and
 * not on the packages goes: free pages, statistics, counters. `image` comes from `checkpointedSqlite`.
 *
 * Equal sets of packages installed in equal order give equal bytes, in one transaction or in many, and the result
 * is a fixed point. Throws `FormatError` and changes nothing where the database is not what rpm makes.
 */
export function settleRpmdb(image: Uint8Array, sourceDateEpoch: number): Uint8Array {
  const bytes = rewriteRpmdbImage(image, (database) => settleRows(database, sourceDateEpoch));
  settleSqliteCounters(bytes);
  return bytes;
}

/** Throws `FormatError` unless SQLite finds the image and its indexes sound. */
export function checkRpmdb(image: Uint8Array): void {
  const database = openRpmdbImage(image, true);
  try {
    guardRpmdb(() => {
      checkRpmdbSchema(database);
      const verdict = database.pragma('integrity_check(1)', { simple: true });
      if (verdict !== 'ok') throw new FormatError('rpmdb', 0, String(verdict));
    });
  } finally {
    database.close();
  }
}

function settleRows(database: Database, sourceDateEpoch: number): void {
  const select = database.prepare('SELECT blob FROM Packages WHERE hnum = ?').pluck();
  const update = database.prepare('UPDATE Packages SET blob = ? WHERE hnum = ?');
  const order = installtidByteOrder(database);
  const numbers = database.prepare('SELECT hnum FROM Packages ORDER BY hnum').pluck().all();
  checkInstallTimes(sourceDateEpoch, numbers.length);
  numbers.forEach((number, i) => {
    const blob = rpmdbBlob(select.get(number));
    update.run(withInstallTimes(blob, sourceDateEpoch + i, sourceDateEpoch), number);
  });
  setInstalltidKeys(database, sourceDateEpoch, order);
  dropStatistics(database);
}

/**
 * Row counts as they were when rpm last looked, which depends on the transactions. A hint for the query planner only, of
 * no use to rpm's queries (one table, one indexed column); rpm makes it again when it next writes.
 */
export function dropStatistics(database: Database): void {
  database.exec('DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4');
}
