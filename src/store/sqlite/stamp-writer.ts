/** Writes stamps, equal ones once. */

import type { Connection } from './connection.js';
import type { Counters } from './counters.js';
import { stampReader } from './stamp-rows.js';
import type { StampRow } from './stamp.js';

export class StampWriter {
  readonly #read;
  readonly #counters: Counters;
  readonly #insert;
  readonly #written = new Map<string, number>();

  constructor(connection: Connection, counters: Counters) {
    this.#read = stampReader(connection);
    this.#counters = counters;
    this.#insert = connection.prepare('INSERT INTO stamp VALUES (?, ?, ?, ?, ?, ?)');
  }

  /** Id of an equal stamp written before, of `former` when that is equal (the same path's, one build ago), or of a new one. */
  idOf(row: StampRow, former: () => number | null): number {
    const key = keyOf(row);
    let id = this.#written.get(key);
    if (id === undefined) this.#written.set(key, (id = this.#formerOrNew(row, key, former())));
    return id;
  }

  #formerOrNew(row: StampRow, key: string, former: number | null): number {
    if (former !== null && keyOf(this.#read(former)!) === key) return former;
    const id = this.#counters.next('stamp');
    this.#insert.run(id, row.base, row.width, row.marks, row.times, row.stamps);
    return id;
  }
}

function keyOf({ base, width, marks, times, stamps }: StampRow): string {
  return `${base}|${width}|${marks?.toString('latin1')}|${times}|${stamps}`;
}
