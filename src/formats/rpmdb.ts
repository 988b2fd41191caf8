/**
 * rpm's package database in SQLite (`lib/backend/sqlite.cc` of rpm): table `Packages` holds one header blob per
 * package, the other tables index tags of it. Works on bytes in memory; nothing is opened on disk.
 */

import { SqliteError, type Database } from 'better-sqlite3';

import { FormatError } from '../core/errors.js';
import { openSqlite } from '../util/open-sqlite.js';
import { RPM_TAG, RPM_TYPE, readRpmHeader, type RpmHeader } from './rpm-header.js';
import { checkpointedSqlite, settleSqliteCounters } from './sqlite-file.js';

const FORMAT = 'rpmdb';
const MAX_TIME = 0xffffffff;

/** Yields the header of every package, by package number. Throws `FormatError`. */
export function* readRpmdb(main: Uint8Array, wal: Uint8Array | null): Generator<RpmHeader> {
  const database = openImage(checkpointedSqlite(main, wal), true);
  let rows: IterableIterator<unknown> | null = null;
  try {
    guarded(() => checkSchema(database));
    rows = guarded(() =>
      database.prepare('SELECT blob FROM main.Packages ORDER BY hnum').pluck().iterate(),
    );
    const query = rows;
    for (;;) {
      const row = guarded(() => query.next());
      if (row.done === true) return;
      yield readRpmHeader(blobOf(row.value));
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
  const database = openImage(image, false);
  try {
    return guarded(() => {
      // What is deleted must not stay in the gaps of a page.
      database.pragma('secure_delete = ON');
      checkSchema(database);
      database.transaction(() => settleRows(database, sourceDateEpoch))();
      database.exec('VACUUM');
      const bytes = database.serialize();
      settleSqliteCounters(bytes);
      return bytes;
    });
  } finally {
    database.close();
  }
}

/** Throws `FormatError` unless SQLite finds the image and its indexes sound. */
export function checkRpmdb(image: Uint8Array): void {
  const database = openImage(image, true);
  try {
    guarded(() => {
      checkSchema(database);
      const verdict = database.pragma('integrity_check(1)', { simple: true });
      if (verdict !== 'ok') throw new FormatError(FORMAT, 0, String(verdict));
    });
  } finally {
    database.close();
  }
}

function openImage(image: Uint8Array, readonly: boolean): Database {
  return guarded(() => {
    const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
    const database = openSqlite(bytes, { readonly });
    // The schema comes from the audited tree: it may not call anything, and no copy of it may reach the disk.
    database.pragma('trusted_schema = OFF');
    database.pragma('temp_store = MEMORY');
    database.pragma('cell_size_check = ON');
    return database;
  });
}

/** rpm makes tables and indexes only; a trigger or a view would run while the rows are read or written. */
function checkSchema(database: Database): void {
  const objects = database.prepare('SELECT type, name, sql FROM main.sqlite_schema').raw().all();
  const tables = new Set<unknown>();
  for (const [type, name, sql] of objects as unknown[][]) {
    const virtual = typeof sql === 'string' && /^\s*create\s+virtual/i.test(sql);
    if ((type !== 'table' && type !== 'index') || virtual)
      throw new FormatError(FORMAT, 0, `an rpm database has no ${String(type)} ${String(name)}`);
    if (type === 'table') tables.add(name);
  }
  for (const table of ['Packages', 'Name', 'Installtid'])
    if (!tables.has(table)) throw new FormatError(FORMAT, 0, `table ${table} is missing`);
}

function settleRows(database: Database, sourceDateEpoch: number): void {
  const select = database.prepare('SELECT blob FROM Packages WHERE hnum = ?').pluck();
  const update = database.prepare('UPDATE Packages SET blob = ? WHERE hnum = ?');
  const littleEndian = readByteOrder(database);
  const numbers = database.prepare('SELECT hnum FROM Packages ORDER BY hnum').pluck().all();
  if (sourceDateEpoch < 0 || sourceDateEpoch + numbers.length > MAX_TIME)
    throw new FormatError(FORMAT, 0, `time ${sourceDateEpoch} does not fit into 32 bits`);
  numbers.forEach((number, i) => {
    const blob = Buffer.from(blobOf(select.get(number)));
    const header = readRpmHeader(blob);
    setTime(header, RPM_TAG.INSTALLTIME, sourceDateEpoch + i);
    setTime(header, RPM_TAG.INSTALLTID, sourceDateEpoch);
    update.run(blob, number);
  });
  const key = Buffer.alloc(4);
  if (littleEndian) key.writeUInt32LE(sourceDateEpoch);
  else key.writeUInt32BE(sourceDateEpoch);
  database.prepare('UPDATE Installtid SET key = ?').run(key);
  // Row counts as they were when rpm last looked, which depends on the transactions. A hint for the query planner
  // only, of no use to rpm's queries (one table, one indexed column); rpm makes it again when it next writes.
  database.exec('DROP TABLE IF EXISTS sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4');
}

/** Writes into the header's blob. Nothing to do where the tag is absent. */
function setTime(header: RpmHeader, tag: number, seconds: number): void {
  for (const entry of header.entries) {
    if (entry.tag !== tag) continue;
    if (!entry.dribble || entry.type !== RPM_TYPE.INT32 || entry.count !== 1)
      throw new FormatError(
        FORMAT,
        entry.offset,
        `tag ${tag} is not one number outside the region`,
      );
    header.blob.writeUInt32BE(seconds, entry.offset);
  }
}

/**
 * Keys of `Installtid` are raw 32-bit numbers of the machine that ran rpm, which need not be this one: told by the
 * transaction id in the header that a key belongs to. True for an empty database.
 */
function readByteOrder(database: Database): boolean {
  const rows = database
    .prepare('SELECT i.key, p.blob FROM Installtid i JOIN Packages p USING (hnum)')
    .raw()
    .iterate();
  let order: boolean | null = null;
  for (const [rawKey, rawBlob] of rows as Iterable<unknown[]>) {
    const key = blobOf(rawKey);
    const header = readRpmHeader(blobOf(rawBlob));
    const entry = header.entries.find(({ tag }) => tag === RPM_TAG.INSTALLTID);
    const id = entry === undefined ? null : header.blob.readUInt32BE(entry.offset);
    const little = key.length === 4 && key.readUInt32LE() === id;
    const big = key.length === 4 && key.readUInt32BE() === id;
    if (!little && !big)
      throw new FormatError(FORMAT, 0, 'a key of Installtid is not the id in its header');
    if (little !== big) order ??= little;
    if (order !== null && !(order ? little : big))
      throw new FormatError(FORMAT, 0, 'the keys of Installtid have two byte orders');
  }
  return order ?? true;
}

function blobOf(value: unknown): Buffer {
  if (!Buffer.isBuffer(value)) throw new FormatError(FORMAT, 0, 'expected a blob');
  return value;
}

/** What SQLite finds wrong with the image is a fault of the format. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SqliteError)
      throw new FormatError(FORMAT, 0, `${error.code}: ${error.message}`);
    throw error;
  }
}
