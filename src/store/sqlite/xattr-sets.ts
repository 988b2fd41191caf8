/** Sets of xattrs, stored once: a labelled tree has 100,000 entries and a few hundred sets. */

import { createHash } from 'node:crypto';

import type { Xattr } from '../../core/entry.js';
import type { Connection } from './connection.js';
import type { Counters } from './counters.js';
import { fromStored, toStored, type StoredBytes } from './names.js';

export class XattrSetWriter {
  readonly #counters: Counters;
  readonly #find;
  readonly #insertSet;
  readonly #insertXattr;
  readonly #known = new Map<string, number>();

  constructor(connection: Connection, counters: Counters) {
    this.#counters = counters;
    this.#find = connection.prepare('SELECT id FROM xattr_set WHERE digest = ?').pluck();
    this.#insertSet = connection.prepare('INSERT INTO xattr_set VALUES (?, ?)');
    this.#insertXattr = connection.prepare('INSERT INTO xattr VALUES (?, ?, ?)');
  }

  /** Id of the set whose packed form (`core/packed-directory.ts`) is `packed`; `read` is called when it is new. */
  idOf(packed: Uint8Array, read: () => readonly Xattr[]): number {
    const key = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength).toString('latin1');
    let id = this.#known.get(key);
    if (id === undefined) this.#known.set(key, (id = this.#findOrInsert(packed, read)));
    return id;
  }

  #findOrInsert(packed: Uint8Array, read: () => readonly Xattr[]): number {
    const digest = createHash('sha256').update(packed).digest();
    const found = this.#find.get(digest) as number | undefined;
    if (found !== undefined) return found;
    const id = this.#counters.next('xattr_set');
    this.#insertSet.run(id, digest);
    for (const { name, value } of read())
      this.#insertXattr.run(id, toStored(name), Buffer.from(value, 'latin1'));
    return id;
  }
}

/** Reads sets by id, each once. */
export function xattrSetReader(connection: Connection): (id: number) => readonly Xattr[] {
  const known = new Map<number, readonly Xattr[]>();
  const select = connection.prepare('SELECT name, value FROM xattr WHERE xattr_set = ?').raw();
  return (id) => {
    let set = known.get(id);
    if (set === undefined) {
      const rows = select.all(id) as [StoredBytes, Buffer][];
      set = rows
        .map(([name, value]) => ({ name: fromStored(name), value: value.toString('latin1') }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      known.set(id, set);
    }
    return set;
  };
}
