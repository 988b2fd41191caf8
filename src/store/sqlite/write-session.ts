/** One write transaction from the attempt to get the lock to its end. */

import { unlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { checkOurs, openWriter, type Connection } from './connection.js';
import { busy, explained, guarded, isBusy } from './errors.js';
import { fileIdentity } from './file.js';
import { checkpoint } from './interruption.js';
import { noteLock, noteUnlock } from './held-locks.js';
import { migrate } from './schema.js';

const RETRY_MS = 20;

export class WriteSession {
  readonly #location: string;
  readonly #waitMs: number;
  readonly #shared: Connection | null;
  readonly #signal: AbortSignal | null;
  #connection: Connection | null = null;
  /** What the connection was opened on. */
  #identity: string | null = null;
  #madeFile = false;
  #started = false;

  /** `shared`: the connection of a store in memory; null: one of its own to `location`. */
  constructor(
    location: string,
    waitMs: number,
    shared: Connection | null,
    signal: AbortSignal | null,
  ) {
    this.#signal = signal;
    this.#location = location;
    this.#waitMs = waitMs;
    this.#shared = shared;
  }

  /** The connection within a transaction, schema up to date; null while another writer is at work. */
  tryStart(): Connection | null {
    if (this.#started) return this.#connection;
    // Someone may put another file in its place, or take away the empty one that he had made. SQLite notices that at
    // the first write at the latest (https://sqlite.org/howtocorrupt.html 4.1); then it is opened anew.
    for (;;) {
      const connection = this.#connect();
      const begun = this.#begin(connection);
      if (begun !== 'moved') {
        if (begun === 'busy') return null;
        this.#started = true;
        noteLock();
        return connection;
      }
      connection.close();
      this.#connection = null;
    }
  }

  /** Waits for other writers; throws `STORE_BUSY` when that takes too long. */
  async start(): Promise<Connection> {
    await this.#retry(() => this.tryStart() !== null);
    return this.#connection!;
  }

  /** Makes the transaction last, unless somebody wants it stopped; waits for readers that are in the middle of a statement. */
  async commit(): Promise<void> {
    await checkpoint(this.#signal);
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
    this.#stop();
  }

  /** Rolls back what was not committed, removes the file if it holds nothing, and closes. */
  end(): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    if (this.#started && connection.inTransaction) connection.exec('ROLLBACK');
    this.#stop();
    if (this.#shared !== null) return;
    if (this.#madeFile) removeUnborn(connection, this.#location);
    connection.close();
  }

  #stop(): void {
    if (this.#started) noteUnlock();
    this.#started = false;
  }

  #connect(): Connection {
    if (this.#connection !== null) return this.#connection;
    if (this.#shared !== null) return (this.#connection = this.#shared);
    this.#madeFile = fileIdentity(this.#location) === null;
    this.#connection = openWriter(this.#location);
    this.#identity = fileIdentity(this.#location);
    return this.#connection;
  }

  #begin(connection: Connection): 'begun' | 'busy' | 'moved' {
    if (connection.inTransaction) return 'busy';
    return guarded(this.#location, 'write', () => {
      try {
        connection.exec('BEGIN IMMEDIATE');
      } catch (error) {
        if (this.#hasMoved()) return 'moved';
        if (isBusy(error)) return 'busy';
        throw error;
      }
      try {
        if (this.#hasMoved()) {
          connection.exec('ROLLBACK');
          return 'moved';
        }
        checkOurs(connection, this.#location);
        migrate(connection);
        return 'begun';
      } catch (error) {
        if (connection.inTransaction) connection.exec('ROLLBACK');
        throw error;
      }
    });
  }

  #hasMoved(): boolean {
    return this.#shared === null && fileIdentity(this.#location) !== this.#identity;
  }

  /** Time is counted in naps, so the limit is a lower bound. */
  async #retry(attempt: () => boolean): Promise<void> {
    for (let waited = 0; !attempt(); waited += RETRY_MS) {
      if (waited >= this.#waitMs) throw busy(this.#location);
      await checkpoint(this.#signal);
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
