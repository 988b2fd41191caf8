/** Finds single entries of a recorded tree by path. */

import type { Entry } from '../core/entry.js';
import type { ArtifactReader, TreeEntry, TreeRef } from '../core/manifest.js';
import { baseName, joinPath, parentPath, ROOT_PATH, type TreePath } from '../core/path.js';

export class TreeLookup {
  readonly #reader: ArtifactReader;
  readonly #listings = new Map<TreePath, Promise<ReadonlyMap<string, TreeEntry>>>();

  constructor(reader: ArtifactReader) {
    this.#reader = reader;
  }

  /** Null when the tree has no such path. */
  async find(path: TreePath): Promise<TreeEntry | null> {
    if (path === ROOT_PATH) return this.#reader.root;
    return (await this.#listing(parentPath(path))).get(baseName(path)) ?? null;
  }

  #listing(path: TreePath): Promise<ReadonlyMap<string, TreeEntry>> {
    const known = this.#listings.get(path);
    if (known !== undefined) return known;
    const listing = this.#load(path);
    this.#listings.set(path, listing);
    return listing;
  }

  async #load(path: TreePath): Promise<ReadonlyMap<string, TreeEntry>> {
    const directory = (await this.find(path))?.child ?? null;
    const entries = directory === null ? [] : await this.#reader.entries(directory);
    return new Map(entries.map((each) => [each.entry.name, each]));
  }
}

/** Names of each link set whose first path is asked for; one walk over the tree where the reader keeps no list. */
export async function linkSets(
  reader: ArtifactReader,
  firsts: readonly TreePath[],
): Promise<ReadonlyMap<TreePath, readonly TreePath[]>> {
  const sets = new Map<TreePath, readonly TreePath[]>();
  if (firsts.length === 0) return sets;
  if (reader.linkSet !== undefined) {
    for (const first of firsts) sets.set(first, await reader.linkSet(first));
    return sets;
  }
  const collected = new Map(firsts.map((first) => [first, [] as TreePath[]]));
  await visit(reader, ROOT_PATH, reader.root.child, ({ link }, path) => {
    if (link !== null) collected.get(link)?.push(path);
  });
  return collected;
}

async function visit(
  reader: ArtifactReader,
  path: TreePath,
  directory: TreeRef | null,
  see: (entry: Entry, path: TreePath) => void,
): Promise<void> {
  if (directory === null) return;
  for (const { entry, child } of await reader.entries(directory)) {
    const entryPath = joinPath(path, entry.name);
    see(entry, entryPath);
    if (child !== null) await visit(reader, entryPath, child, see);
  }
}
