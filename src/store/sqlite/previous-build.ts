/**
 * Looks up directories of the build that came before, from the root down and no further than asked, to find rows that
 * the next build may share.
 */

import { baseName, parentPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import type { Connection } from './connection.js';
import { fromStored, type StoredBytes } from './names.js';
import { decodeRuns } from './runs.js';
import { stampReader } from './stamp-rows.js';
import { decodeStamp } from './stamp.js';

/** A stored directory with the times it had in one build. */
export interface StoredDirectory {
  readonly tree: number;
  readonly stamp: number | null;
}

export class PreviousBuild {
  /** The directory that holds nothing but the root. */
  readonly top: StoredDirectory;
  readonly #entriesOf;
  readonly #parents;
  readonly #stamp;
  readonly #children = new Map<TreePath, ReadonlyMap<string, StoredDirectory>>();

  constructor(connection: Connection, top: StoredDirectory) {
    this.#entriesOf = connection.prepare('SELECT entries FROM tree WHERE id = ?').pluck();
    this.#parents = connection
      .prepare('SELECT id, name, tree FROM entry WHERE id BETWEEN ? AND ? AND tree IS NOT NULL')
      .raw();
    this.#stamp = stampReader(connection);
    this.top = top;
  }

  /** The directory at the path; null when that build had none there. */
  at(path: TreePath): StoredDirectory | null {
    if (path === ROOT_PATH) return this.#subdirectories(this.top).get('') ?? null;
    const parent = parentPath(path);
    let children = this.#children.get(parent);
    if (children === undefined) {
      const directory = this.at(parent);
      children = directory === null ? NONE : this.#subdirectories(directory);
      this.#children.set(parent, children);
    }
    return children.get(baseName(path)) ?? null;
  }

  #subdirectories(directory: StoredDirectory): ReadonlyMap<string, StoredDirectory> {
    const runs = decodeRuns(this.#entriesOf.get(directory.tree) as string);
    const stamp =
      directory.stamp === null ? null : decodeStamp(directory.stamp, this.#stamp(directory.stamp)!);
    const found = new Map<string, StoredDirectory>();
    for (const [ordinal, first, count] of runs)
      for (const [id, name, tree] of this.#parents.all(first, first + count - 1) as ParentRow[])
        found.set(fromStored(name), { tree, stamp: stamp?.stampOf(ordinal + id - first) ?? null });
    return found;
  }
}

type ParentRow = readonly [id: number, name: StoredBytes, tree: number];

const NONE: ReadonlyMap<string, StoredDirectory> = new Map();
