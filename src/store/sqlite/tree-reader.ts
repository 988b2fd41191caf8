/** Reads stored directories; one per connection, so that statements are prepared once. */

import { AuditError } from '../../core/errors.js';
import type { TreeEntry } from '../define.js';
import type { Connection } from './connection.js';
import { SELECT_ENTRIES, treeEntryOf, type EntryRow } from './entry-rows.js';
import { guarded } from './errors.js';
import type { StoredDirectory } from './previous-build.js';
import { decodeRuns, runsWhere, type Run } from './runs.js';
import { stampReader } from './stamp-rows.js';
import { decodeStamp, type Stamp } from './stamp.js';
import { xattrSetReader } from './xattr-sets.js';

export class TreeReader {
  readonly #location: string;
  readonly #runs;
  readonly #rows;
  readonly #readStamp;
  readonly #xattrs;
  readonly #transaction;

  constructor(connection: Connection, location: string) {
    this.#location = location;
    this.#runs = connection.prepare('SELECT entries FROM tree WHERE id = ?').pluck();
    this.#rows = connection.prepare(SELECT_ENTRIES).raw();
    this.#readStamp = stampReader(connection);
    this.#xattrs = xattrSetReader(connection);
    this.#transaction = connection.transaction((read: () => TreeEntry[]) => read());
  }

  /** Throws `BUILD_UNKNOWN` when the build was removed meanwhile. */
  entries(directory: StoredDirectory): TreeEntry[] {
    return this.#atOnce(() =>
      this.#read(this.#runsOf(directory.tree), this.#stampOf(directory.stamp)),
    );
  }

  /** Those whose row, time or subtree is not in `other` as well. */
  entriesUnlike(directory: StoredDirectory, other: StoredDirectory): TreeEntry[] {
    return this.#atOnce(() => {
      const stamp = this.#stampOf(directory.stamp);
      const otherStamp = this.#stampOf(other.stamp);
      const otherOrdinals = new Map<number, number>();
      for (const [ordinal, first, count] of this.#runsOf(other.tree))
        for (let i = 0; i < count; i++) otherOrdinals.set(first + i, ordinal + i);
      const unlike = runsWhere(this.#runsOf(directory.tree), (id, ordinal) => {
        const otherOrdinal = otherOrdinals.get(id);
        return otherOrdinal === undefined || !isSame(stamp, ordinal, otherStamp, otherOrdinal);
      });
      return this.#read(unlike, stamp);
    });
  }

  /** As one transaction, so that nothing is removed between two statements; it also locks the file once only. */
  #atOnce(read: () => TreeEntry[]): TreeEntry[] {
    return guarded(this.#location, 'read', () => this.#transaction(read));
  }

  #read(runs: readonly Run[], stamp: Stamp | null): TreeEntry[] {
    const entries: TreeEntry[] = [];
    for (const [ordinal, first, count] of runs) {
      const rows = this.#rows.all(first, first + count - 1) as EntryRow[];
      if (rows.length !== count) throw this.#removed();
      for (let i = 0; i < count; i++)
        entries.push(treeEntryOf(rows[i]!, stamp, ordinal + i, this.#xattrs));
    }
    return entries;
  }

  #runsOf(tree: number): readonly Run[] {
    const entries = this.#runs.get(tree) as string | undefined;
    if (entries === undefined) throw this.#removed();
    return decodeRuns(entries);
  }

  #stampOf(id: number | null): Stamp | null {
    if (id === null) return null;
    const row = this.#readStamp(id);
    if (row === undefined) throw this.#removed();
    return decodeStamp(id, row);
  }

  #removed(): AuditError {
    return new AuditError(
      'BUILD_UNKNOWN',
      `a build was removed from ${this.#location} while it was read`,
    );
  }
}

function isSame(a: Stamp | null, ordinalInA: number, b: Stamp | null, ordinalInB: number): boolean {
  if (a === null && b === null) return true;
  return (
    (a?.timeOf(ordinalInA) ?? null) === (b?.timeOf(ordinalInB) ?? null) &&
    (a?.stampOf(ordinalInA) ?? null) === (b?.stampOf(ordinalInB) ?? null)
  );
}
