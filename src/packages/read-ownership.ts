/** Reads every package database of a tree and merges them. */

import type { Package } from '../core/build.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { errnoOf, FormatError } from '../core/errors.js';
import type { Ownership } from '../core/ownership.js';
import { baseName, parentPath, type TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';
import type { PackageDatabase, PackageSink } from './define.js';
import { packageDatabases } from './index.js';
import { createLinkResolver } from './resolve-links.js';
import { createShippedFiles } from './shipped-files.js';

/** Packages list the left side, ostree keeps the file on the right. Plain trees may have both: then each is its own. */
const MOVED: readonly (readonly [listed: string, kept: string])[] = [
  ['etc', 'usr/etc'],
  ['boot', 'usr/lib/ostree-boot'],
];

/**
 * Never throws for what the tree holds: a database that cannot be read is a diagnostic, and then everything counts as
 * owned. A database without packages is not counted among the managers: a stray `rpm` call leaves such ones.
 */
export function readOwnership(
  files: TreeFiles,
  databases: readonly PackageDatabase[] = packageDatabases,
): Ownership {
  const diagnostics: Diagnostic[] = [];
  const packages = new Map<string, Package>();
  const managers = new Set<string>();
  const listed = createShippedFiles();
  const links = createLinkResolver(files);

  const report = (id: string, path: TreePath | null, error: unknown): void => {
    if (!(error instanceof FormatError) && errnoOf(error) === undefined) throw error;
    const detail = `the ${id} database cannot be read, so nothing is taken as unowned: ${(error as Error).message}`;
    diagnostics.push({ code: 'package-database', path, detail });
  };
  const sinkOf = (id: string): PackageSink => ({
    package: (item) => {
      packages.set(JSON.stringify(Object.values(item)), item);
      managers.add(id);
    },
    file: ({ directory, name, owned, shipped }) =>
      listed.add(links.resolve(directory), name, owned, shipped),
  });

  for (const database of databases) {
    let locations: readonly TreePath[] = [];
    try {
      locations = database.locate(files);
    } catch (error) {
      report(database.id, null, error);
    }
    for (const location of locations)
      try {
        database.read(files, location, sinkOf(database.id));
      } catch (error) {
        report(database.id, location, error);
      }
  }

  /** Where a path of the tree stands in the lists: under its own name, or the one it had before it was moved. */
  const find = (path: TreePath): readonly [directory: string, name: string] => {
    const name = baseName(path);
    const directory = links.resolve(parentPath(path));
    if (listed.has(directory, name)) return [directory, name];
    for (const [left, right] of MOVED)
      if (directory === right || directory.startsWith(`${right}/`))
        return [`${left}${directory.slice(right.length)}`, name];
    return [directory, name];
  };
  const complete = diagnostics.length === 0;
  return {
    managers: [...managers],
    packages: [...packages.values()].sort(comparePackages),
    complete,
    diagnostics,
    isOwned: (path) => !complete || listed.isOwned(...find(path)),
    shipped: (path) => listed.shipped(...find(path)),
  };
}

function comparePackages(a: Package, b: Package): number {
  return (
    compareText(a.manager, b.manager) ||
    compareText(a.name, b.name) ||
    compareText(a.version, b.version) ||
    compareText(a.architecture, b.architecture)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
