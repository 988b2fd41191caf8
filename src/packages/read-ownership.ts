/** Who owns a path: the file lists of every package database, under the names that paths have in the tree. */

import type { Package } from '../core/build.js';
import type { PackageListing } from '../core/manifest.js';
import { listedPaths, type Ownership } from '../core/ownership.js';
import { baseName, parentPath, type TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';
import type { PackageDatabase } from './define.js';
import { packageDatabases } from './index.js';
import { readDatabases } from './read-databases.js';
import { createLinkResolver } from './resolve-links.js';
import { createShippedFiles, type ShippedFiles } from './shipped-files.js';

/**
 * Never throws for what the tree holds: a database that cannot be read is a diagnostic, and then everything counts as
 * owned. Links in paths are resolved as the tree has them now, on both sides, but for the last component.
 */
export function readOwnership(
  files: TreeFiles,
  databases: readonly PackageDatabase[] = packageDatabases,
): Ownership {
  const listed = createShippedFiles();
  const links = createLinkResolver(files);
  const { managers, packages, diagnostics } = readDatabases(files, databases, (file) =>
    listed.add(links.resolve(file.directory), file.name, file.owned, file.shipped),
  );
  const complete = diagnostics.length === 0;

  /** Where a path of the tree stands in the lists: under its own name, or the one it had before it was moved. */
  const find = (path: TreePath): readonly [directory: string, name: string] => {
    const name = baseName(path);
    const directory = links.resolve(parentPath(path));
    if (listed.has(directory, name)) return [directory, name];
    return [listedPaths(directory).at(-1)!, name];
  };

  return {
    managers,
    packages,
    complete,
    diagnostics,
    listings: () => listingsOf(listed, packages),
    isOwned: (path) => !complete || listed.isOwned(...find(path)),
    shipped: (path) => listed.shipped(...find(path)),
  };
}

function listingsOf(files: ShippedFiles, packages: readonly Package[]): readonly PackageListing[] {
  const managers = new Map(packages.map(({ manager, name }) => [name, manager]));
  return [...files.byPackage()]
    .map(([name, paths]) => ({
      package: { manager: managers.get(name) ?? '', name },
      paths: paths.toSorted(),
    }))
    .toSorted(({ package: a }, { package: b }) =>
      a.manager === b.manager ? (a.name < b.name ? -1 : 1) : a.manager < b.manager ? -1 : 1,
    );
}
