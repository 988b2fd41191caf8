/** Writes stamps, equal ones once. */

import type { Connection } from './connection.js';
import type { Counters } from './counters.js';
import { readStamp } from './previous-build.js';
import type { StampRow } from './stamp.js';

export class StampWriter {
  readonly #connection: Connection;
  readonly #counters: Counters;
  readonly #insert;
  readonly #written = new Map<string, number>();

  constructor(connection: Connection, counters: Counters) {
    this.#connection = connection;
    this.#counters = counters;
    this.#insert = connection.prepare('INSERT INTO stamp VALUES (?, ?, ?, ?)');
  }

  /** Id of an equal stamp written before, of `former` when that is equal (the same path's, one build ago), or of a new one. */
  idOf(row: StampRow, former: () => number | null): number {
    const key = `${row.times}|${row.marks}|${row.stamps}`;
    let id = this.#written.get(key);
    if (id === undefined) this.#written.set(key, (id = this.#formerOrNew(row, former())));
    return id;
  }

  #formerOrNew(row: StampRow, former: number | null): number {
    if (former !== null && isSame(row, readStamp(this.#connection, former))) return former;
    const id = this.#counters.next('stamp');
    this.#insert.run(id, row.times, row.marks, row.stamps);
    return id;
  }
}

function isSame(a: StampRow, b: StampRow): boolean {
  return a.times === b.times && a.marks === b.marks && a.stamps === b.stamps;
}
