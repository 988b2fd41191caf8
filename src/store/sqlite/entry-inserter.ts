/** Inserts rows of `entry` with consecutive ids, many to a statement: a third cheaper than one by one. */

import type { Statement } from 'better-sqlite3';

import type { TreePath } from '../../core/path.js';
import type { Connection } from './connection.js';
import type { Counters } from './counters.js';
import { toStored } from './names.js';
import type { RecordReader } from './record-reader.js';

const COLUMNS = 15;
const BATCH = 32;

export class EntryInserter {
  readonly #counters: Counters;
  readonly #one: Statement;
  readonly #many: Statement;
  readonly #values: unknown[] = [];
  /** Digests of the rows of one batch: a Buffer made for each of 200,000 rows costs more than the insert saves. */
  readonly #xxh64 = Array.from({ length: BATCH }, () => Buffer.alloc(8));
  readonly #sha256 = Array.from({ length: BATCH }, () => Buffer.alloc(32));

  constructor(connection: Connection, counters: Counters) {
    this.#counters = counters;
    const row = `(${Array(COLUMNS).fill('?').join()})`;
    this.#one = connection.prepare(`INSERT INTO entry VALUES ${row}`);
    this.#many = connection.prepare(`INSERT INTO entry VALUES ${Array(BATCH).fill(row).join()}`);
  }

  /** Returns the id; the row is there after `flush`, until which the bytes of the record must not change. */
  add(
    record: RecordReader,
    mtimeNs: bigint,
    tree: number | null,
    link: TreePath | null,
    xattrs: number | null,
  ): number {
    const id = this.#counters.next('entry');
    const slot = this.#values.length / COLUMNS;
    this.#values.push(
      id,
      record.name,
      record.mode,
      record.uid,
      record.gid,
      record.size,
      mtimeNs,
      record.coverage,
      tree,
      record.copyDigest(record.xxh64At, this.#xxh64[slot]!),
      record.copyDigest(record.sha256At, this.#sha256[slot]!),
      record.target,
      record.rdev,
      link === null ? null : toStored(link),
      xattrs,
    );
    if (this.#values.length === COLUMNS * BATCH) {
      this.#many.run(this.#values);
      this.#values.length = 0;
    }
    return id;
  }

  flush(): void {
    for (let i = 0; i < this.#values.length; i += COLUMNS)
      this.#one.run(this.#values.slice(i, i + COLUMNS));
    this.#values.length = 0;
  }
}
