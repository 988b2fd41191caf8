/**
 * Connections to a store's file. Rollback journal, not WAL: a closed store is one plain file that a read-only folder
 * can hold, and a killed writer leaves at most a journal that the next one rolls back
 * (docs/decisions/0002-rollback-journal.md).
 */

import { resolve } from 'node:path';

import type Database from 'better-sqlite3';

import { AuditError } from '../../core/errors.js';
import { openSqlite } from '../../util/open-sqlite.js';
import { damaged, foreign, guarded, isUnfinished } from './errors.js';
import { readHeader } from './file.js';
import { holdsLocks } from './held-locks.js';
import { APPLICATION_ID, migrate, SCHEMA_VERSION } from './schema.js';

export type Connection = Database.Database;

/** A reader waits this long for a commit to end; commits take well under a second. */
export const READ_WAIT_MS = 10_000;
/**
 * Changed pages kept in memory before some are written ahead of the commit, which locks readers out: 128 MiB. Not a
 * multiple of 256: SQLite takes the low byte of the number for a switch as well and would never write ahead.
 */
const SPILL_PAGES = 32_769;

/**
 * A connection that reads alone; rolls back first what a killed writer has left, where that is allowed. Throws
 * `STORE_FOREIGN`, `STORE_DAMAGED`, `STORE_NEWER`.
 */
export function openReader(location: string, waitMs = READ_WAIT_MS): Connection {
  return guarded(location, 'read', () => {
    checkHeader(location);
    try {
      return readerOf(location, waitMs);
    } catch (error) {
      if (!isUnfinished(error)) throw error;
      rollBackUnfinished(location, error);
      return readerOf(location, waitMs);
    }
  });
}

/** A connection that may write; makes an empty file where there is none. Throws `STORE_WRITE`. */
export function openWriter(location: string): Connection {
  return guarded(location, 'write', () => {
    const connection = openSqlite(exactName(location), { timeout: 0 });
    connection.pragma(`cache_spill = ${SPILL_PAGES}`);
    return connection;
  });
}

/** A store that lives in memory, ready for use. */
export function openMemory(): Connection {
  const connection = openSqlite(':memory:');
  connection.transaction(() => migrate(connection))();
  return connection;
}

/** `blank`: holds nothing yet. Throws `STORE_FOREIGN` or `STORE_NEWER` when it is not for us. */
export function checkOurs(connection: Connection, location: string): 'ours' | 'blank' {
  const application = connection.pragma('application_id', { simple: true }) as number;
  const version = connection.pragma('user_version', { simple: true }) as number;
  if (application !== APPLICATION_ID) {
    const objects = connection.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    if (application === 0 && version === 0 && objects === 0) return 'blank';
    throw foreign(location, 'it is an SQLite file of another program');
  }
  if (version <= SCHEMA_VERSION) return 'ours';
  throw new AuditError(
    'STORE_NEWER',
    `${location} has store version ${version}, this program knows up to ${SCHEMA_VERSION}`,
    { hint: 'Use the release that wrote it, or a later one.' },
  );
}

/** Whether the store's version has it. */
export function hasTable(connection: Connection, name: string): boolean {
  return connection.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;
}

/** Tells by the first bytes, so that a database of another program is not even opened: that may make files beside it. */
function checkHeader(location: string): void {
  if (holdsLocks()) return;
  const { isSqlite, applicationId } = readHeader(location);
  if (isSqlite && applicationId === APPLICATION_ID) return;
  if (applicationId === APPLICATION_ID) throw damaged(location, 'its first bytes are lost');
  throw foreign(
    location,
    isSqlite ? 'it is an SQLite file of another program' : 'it is not an SQLite file',
  );
}

function readerOf(location: string, waitMs: number): Connection {
  const connection = openSqlite(exactName(location), {
    readonly: true,
    fileMustExist: true,
    timeout: waitMs,
  });
  try {
    checkOurs(connection, location);
    connection.prepare('SELECT count(*) FROM build').get();
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** better-sqlite3 trims names, which would make a name that ends in a space another file. */
function exactName(location: string): string {
  const path = resolve(location);
  if (path === path.trim()) return path;
  throw new AuditError(
    'USAGE',
    `the store ${JSON.stringify(location)} has a name that ends in white space`,
  );
}

function rollBackUnfinished(location: string, cause: unknown): void {
  let writer: Connection;
  try {
    writer = openSqlite(exactName(location), { fileMustExist: true, timeout: READ_WAIT_MS });
  } catch {
    throw cause;
  }
  try {
    writer.pragma('user_version');
  } catch {
    throw cause;
  } finally {
    writer.close();
  }
}
