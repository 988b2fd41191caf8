/** One write transaction from the attempt to get the lock to its end. */

import { unlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { checkOurs, openWriter, type Connection } from './connection.js';
import { busy, explained, guarded, isBusy } from './errors.js';
import { fileIdentity } from './file.js';
import { migrate } from './schema.js';

const RETRY_MS = 20;

export class WriteSession {
  readonly #location: string;
  readonly #waitMs: number;
  readonly #shared: Connection | null;
  #connection: Connection | null = null;
  /** What the connection was opened on. */
  #identity: string | null = null;
  #madeFile = false;
  #started = false;

  /** `shared`: the connection of a store in memory; null: one of its own to `location`. */
  constructor(location: string, waitMs: number, shared: Connection | null) {
    this.#location = location;
    this.#waitMs = waitMs;
    this.#shared = shared;
  }

  /** The connection within a transaction, schema up to date; null while another writer is at work. */
  tryStart(): Connection | null {
    if (this.#started) return this.#connection;
    const connection = this.#connect();
    if (!this.#begin(connection)) return null;
    if (this.#shared === null && fileIdentity(this.#location) !== this.#identity) {
      // Someone put another file in its place, or took away the empty one that he had made.
      connection.exec('ROLLBACK');
      connection.close();
      this.#connection = null;
      return this.tryStart();
    }
    this.#started = true;
    return connection;
  }

  /** Waits for other writers; throws `STORE_BUSY` when that takes too long. */
  async start(): Promise<Connection> {
    await this.#retry(() => this.tryStart() !== null);
    return this.#connection!;
  }

  /** Makes the transaction last; waits for readers that are in the middle of a statement. */
  async commit(): Promise<void> {
    const connection = this.#connection!;
    await this.#retry(() => {
      try {
        connection.exec('COMMIT');
        return true;
      } catch (error) {
        if (isBusy(error) && connection.inTransaction) return false;
        throw explained(this.#location, 'write', error);
      }
    });
    this.#started = false;
  }

  /** Rolls back what was not committed, removes the file if it holds nothing, and closes. */
  end(): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    if (this.#started && connection.inTransaction) connection.exec('ROLLBACK');
    this.#started = false;
    if (this.#shared !== null) return;
    if (this.#madeFile) removeUnborn(connection, this.#location);
    connection.close();
  }

  #connect(): Connection {
    if (this.#connection !== null) return this.#connection;
    if (this.#shared !== null) return (this.#connection = this.#shared);
    this.#madeFile = fileIdentity(this.#location) === null;
    this.#connection = openWriter(this.#location);
    this.#identity = fileIdentity(this.#location);
    return this.#connection;
  }

  #begin(connection: Connection): boolean {
    if (connection.inTransaction) return false;
    return guarded(this.#location, 'write', () => {
      try {
        connection.exec('BEGIN IMMEDIATE');
      } catch (error) {
        if (isBusy(error)) return false;
        throw error;
      }
      try {
        checkOurs(connection, this.#location);
        migrate(connection);
        return true;
      } catch (error) {
        if (connection.inTransaction) connection.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Time is counted in naps, so the limit is a lower bound. */
  async #retry(attempt: () => boolean): Promise<void> {
    for (let waited = 0; !attempt(); waited += RETRY_MS) {
      if (waited >= this.#waitMs) throw busy(this.#location);
      await sleep(RETRY_MS);
    }
  }
}

/**
 * Removes the file that a writer made and nobody committed to. Whoever else has it open holds no lock yet: when its
 * turn comes it finds the file gone and makes a new one.
 */
function removeUnborn(connection: Connection, location: string): void {
  try {
    connection.exec('BEGIN EXCLUSIVE');
    const objects = connection.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
    if (objects === 0) unlinkSync(location);
    connection.exec('ROLLBACK');
  } catch {
    // Busy: another process writes to it, so it is not ours to remove. Whatever else it is, the trouble that led here
    // is the one to tell.
    if (connection.inTransaction) connection.exec('ROLLBACK');
  }
}
