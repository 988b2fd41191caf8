/** An image of rpm's SQLite database, opened in memory, and what has to hold before any of it is believed. */

import { SqliteError, type Database } from 'better-sqlite3';

import { FormatError } from '../core/errors.js';
import { openSqlite } from '../util/open-sqlite.js';

const FORMAT = 'rpmdb';

/** `image` comes from `checkpointedSqlite`. The caller closes it. Throws `FormatError`. */
export function openRpmdbImage(image: Uint8Array, readonly: boolean): Database {
  return guardRpmdb(() => {
    const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
    const database = openSqlite(bytes, { readonly });
    // The schema comes from the audited tree: it may not call anything, and no copy of it may reach the disk.
    database.pragma('trusted_schema = OFF');
    database.pragma('temp_store = MEMORY');
    database.pragma('cell_size_check = ON');
    return database;
  });
}

/**
 * Changes an image and gives back its bytes, without what only its history decides: free pages, bytes left in the gaps of
 * pages. What `change` throws goes through, `FormatError` for what SQLite finds wrong.
 */
export function rewriteRpmdbImage(
  image: Uint8Array,
  change: (database: Database) => void,
): Uint8Array {
  const database = openRpmdbImage(image, false);
  try {
    return guardRpmdb(() => {
      // What is deleted must not stay in the gaps of a page.
      database.pragma('secure_delete = ON');
      // rpm does not have them enforced either, and rows of an index may be renumbered before their package.
      database.pragma('foreign_keys = OFF');
      checkRpmdbSchema(database);
      database.transaction(() => change(database))();
      database.exec('VACUUM');
      return database.serialize();
    });
  } finally {
    database.close();
  }
}

/** rpm makes tables and indexes only; a trigger or a view would run while the rows are read or written. */
export function checkRpmdbSchema(database: Database): void {
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

export function rpmdbBlob(value: unknown): Buffer {
  if (!Buffer.isBuffer(value)) throw new FormatError(FORMAT, 0, 'expected a blob');
  return value;
}

/** What SQLite finds wrong with the image is a fault of the format. */
export function guardRpmdb<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SqliteError)
      throw new FormatError(FORMAT, 0, `${error.code}: ${error.message}`);
    throw error;
  }
}
