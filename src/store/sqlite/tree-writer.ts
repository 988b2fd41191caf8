/**
 * Turns packed directories into rows of `tree`, `entry` and `stamp`, sharing what is there: a directory of equal
 * content is one row of `tree`; one that changed shares the unchanged rows of `entry` with the same path of the build
 * before; times alone make a row of `stamp` (docs/decisions/0001-store-layout.md).
 */

import type { PlacedDirectory, WholeDirectory } from '../../core/merkle.js';
import type { PackedDirectory } from '../../core/packed-directory.js';
import type { Connection } from './connection.js';
import type { Counters } from './counters.js';
import { EntryInserter } from './entry-inserter.js';
import { formerRowReader, matchFormerRows, type FormerRow } from './former-rows.js';
import type { PreviousBuild, StoredDirectory } from './previous-build.js';
import { RecordReader } from './record-reader.js';
import { decodeRuns, encodeRuns, type Run } from './runs.js';
import { encodeStamp, uniformStamp } from './stamp.js';
import { StampWriter } from './stamp-writer.js';
import { XattrSetWriter } from './xattr-sets.js';

/** A directory that has been written. */
export interface Placed extends StoredDirectory {
  /** The one time of everything below; `none` when there is nothing below, null when there are several. */
  readonly time: bigint | 'none' | null;
}

type Children = readonly PlacedDirectory<Placed>[];

/** From so many entries on that differ in time alone, a stamp is smaller than rows of their own. */
const STAMP_PAYS = 4;
/**
 * Every change splits a run, and the whole list is written anew with each. A list longer than this many bytes, and than
 * this many for each entry, gives way to new rows in one run; a row takes about a hundred bytes.
 */
const RUNS_LIMIT = 2048;
const RUNS_PER_ENTRY = 8;

export class TreeWriter {
  readonly #counters: Counters;
  readonly #previous: PreviousBuild | null;
  readonly #entries: EntryInserter;
  readonly #xattrs: XattrSetWriter;
  readonly #stamps: StampWriter;
  readonly #find;
  readonly #formerRows;
  readonly #times;
  readonly #insertTree;

  constructor(connection: Connection, counters: Counters, previous: PreviousBuild | null) {
    this.#counters = counters;
    this.#previous = previous;
    this.#entries = new EntryInserter(connection, counters);
    this.#xattrs = new XattrSetWriter(connection, counters);
    this.#stamps = new StampWriter(connection, counters);
    this.#find = connection
      .prepare(
        'SELECT id, content_digest, full_digest, entries FROM tree WHERE substr(content_digest, 1, 8) = ?',
      )
      .raw();
    this.#formerRows = formerRowReader(connection);
    this.#times = connection
      .prepare('SELECT mtime_ns FROM entry WHERE id BETWEEN ? AND ?')
      .pluck()
      .safeIntegers();
    this.#insertTree = connection.prepare('INSERT INTO tree VALUES (?, ?, ?, ?, ?, ?)');
  }

  /** Subdirectories first. */
  put(directory: WholeDirectory, children: Children): Placed {
    const time = commonTime(directory.packed, children);
    const known = this.#findTree(directory.contentDigest);
    if (known === null) return { ...this.#insert(directory, children, time), time };
    if (known.fullDigest !== null && known.fullDigest.equals(directory.fullDigest))
      return { tree: known.tree, stamp: null, time };
    const recorded = this.#recordedTimes(known.runs, directory.packed.count);
    return {
      tree: known.tree,
      stamp: this.#stamp(directory.packed, children, recorded, time),
      time,
    };
  }

  /** Every row is in the database after this. */
  flush(): void {
    this.#entries.flush();
  }

  #findTree(
    digest: Uint8Array,
  ): { tree: number; fullDigest: Buffer | null; runs: readonly Run[] } | null {
    const rows = this.#find.all(digest.subarray(0, 8)) as [number, Buffer, Buffer | null, string][];
    for (const [tree, content, fullDigest, entries] of rows)
      if (content.equals(digest)) return { tree, fullDigest, runs: decodeRuns(entries) };
    return null;
  }

  #insert(directory: WholeDirectory, children: Children, time: Placed['time']): StoredDirectory {
    const { packed } = directory;
    const recorded = packed.mtimesNs.slice();
    const ids = this.#insertEntries(directory, children, recorded);
    const stamp = this.#stamp(packed, children, recorded, time);
    const tree = this.#counters.next('tree');
    this.#insertTree.run(
      tree,
      directory.contentDigest,
      stamp === null ? directory.fullDigest : null,
      encodeRuns(ids),
      directory.entryCount,
      directory.sizeBytes,
    );
    return { tree, stamp };
  }

  /** Ids of the entries; where a former row is taken in spite of its time, that time goes into `recorded`. */
  #insertEntries(directory: WholeDirectory, children: Children, recorded: BigInt64Array): number[] {
    const { packed, links } = directory;
    const shared = this.#sharedRows(directory, children);
    const record = new RecordReader(packed.records);
    const ids: number[] = [];
    let child = 0;
    for (let i = 0; i < packed.count; i++) {
      record.next();
      const tree =
        packed.subdirectories[child]?.ordinal === i ? children[child++]!.handle.tree : null;
      const row = shared[i];
      if (row) {
        ids.push(row.id);
        recorded[i] = row.mtimeNs;
      } else {
        const link = links.size === 0 ? null : (links.get(i) ?? null);
        ids.push(
          this.#entries.add(record, packed.mtimesNs[i]!, tree, link, this.#xattrsOf(record)),
        );
      }
    }
    return ids;
  }

  /** By ordinal, the rows to share with the same path of the build before; empty when there are none. */
  #sharedRows(directory: WholeDirectory, children: Children): readonly (FormerRow | null)[] {
    const former = this.#formerDirectory(directory.packed);
    if (former === null) return [];
    const { mtimesNs, records } = directory.packed;
    const equal = matchFormerRows(
      directory,
      children,
      this.#formerRows(former.tree),
      new RecordReader(records),
      (record) => this.#xattrsOf(record),
    );
    const timesOnly = equal.filter((row, i) => row !== null && row.mtimeNs !== mtimesNs[i]);
    const shared =
      timesOnly.length >= STAMP_PAYS
        ? equal
        : equal.map((row, i) => (row?.mtimeNs === mtimesNs[i] ? row : null));
    return this.#isScattered(shared) ? [] : shared;
  }

  /** Whether the ids would be so many runs that rows of their own cost less in the long run. */
  #isScattered(shared: readonly (FormerRow | null)[]): boolean {
    let next = this.#counters.peek('entry');
    const { length } = encodeRuns(shared.map((row) => row?.id ?? next++));
    return length > RUNS_LIMIT && length > RUNS_PER_ENTRY * shared.length;
  }

  #formerDirectory(packed: PackedDirectory): StoredDirectory | null {
    if (this.#previous === null) return null;
    return isTop(packed) ? this.#previous.top : this.#previous.at(packed.path);
  }

  #xattrsOf(record: RecordReader): number | null {
    if (record.xattrs === null) return null;
    return this.#xattrs.idOf(record.xattrs, () => record.readXattrs());
  }

  #recordedTimes(runs: readonly Run[], count: number): BigInt64Array {
    this.#entries.flush();
    const times = new BigInt64Array(count);
    for (const [ordinal, first, length] of runs)
      times.set(this.#times.all(first, first + length - 1) as bigint[], ordinal);
    return times;
  }

  #stamp(
    packed: PackedDirectory,
    children: Children,
    recorded: BigInt64Array,
    time: Placed['time'],
  ): number | null {
    const stamps: [number, number][] = [];
    for (const [i, { handle }] of children.entries())
      if (handle.stamp !== null) stamps.push([packed.subdirectories[i]!.ordinal, handle.stamp]);
    const row = encodeStamp(packed.mtimesNs, recorded, stamps);
    if (row === null) return null;
    return this.#stamps.idOf(
      typeof time === 'bigint' ? uniformStamp(time) : row,
      () => this.#formerDirectory(packed)?.stamp ?? null,
    );
  }
}

/** Whether this is the directory above the root, which holds nothing but the root under the empty name. */
function isTop(packed: PackedDirectory): boolean {
  return (
    packed.path === '' && packed.count === 1 && packed.records[0] === 0 && packed.records[1] === 0
  );
}

function commonTime(packed: PackedDirectory, children: Children): Placed['time'] {
  const time = packed.mtimesNs[0];
  if (time === undefined) return 'none';
  for (const { handle } of children)
    if (handle.time !== 'none' && handle.time !== time) return null;
  return packed.mtimesNs.every((other) => other === time) ? time : null;
}
