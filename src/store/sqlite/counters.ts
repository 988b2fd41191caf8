/** Row ids, handed out once and never again; call within a transaction. */

import type { Connection } from './connection.js';

export type Counted =
  | 'build'
  | 'artifact'
  | 'tree'
  | 'entry'
  | 'stamp'
  | 'xattr_set'
  | 'package'
  | 'package_list'
  | 'listing';

export class Counters {
  readonly #connection: Connection;
  readonly #next: Record<Counted, number>;

  constructor(connection: Connection) {
    this.#connection = connection;
    const rows = connection.prepare('SELECT name, next FROM counter').raw().all() as [
      Counted,
      number,
    ][];
    this.#next = Object.fromEntries(rows) as Record<Counted, number>;
  }

  next(of: Counted): number {
    return this.#next[of]++;
  }

  /** The id that `next` will return. */
  peek(of: Counted): number {
    return this.#next[of];
  }

  /** Call before the transaction ends. */
  save(): void {
    const update = this.#connection.prepare(
      'UPDATE counter SET next = ? WHERE name = ? AND next <> ?',
    );
    for (const [name, next] of Object.entries(this.#next)) update.run(next, name, next);
  }
}
