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
  // Most paths lie where the one before lies.
  let last: readonly [directory: string, resolved: TreePath] = ['', links.resolve('')];
  const resolve = (directory: string): TreePath => {
    if (last[0] !== directory) last = [directory, links.resolve(directory)];
    return last[1];
  };
  const { managers, packages, diagnostics } = readDatabases(files, databases, {
    file: ({ directory, name, owned, shipped }) =>
      listed.add(resolve(directory), name, owned, shipped),
    digests: (packageName, read) =>
      listed.addDigests(packageName, function* () {
        for (const { directory, name, digest } of read())
          yield { directory: resolve(directory), name, digest };
      }),
  });
  const complete = diagnostics.length === 0;

  /** Where a path of the tree stands in the lists: under its own name, or the one it had before it was moved. */
  const find = (path: TreePath): number => {
    const name = baseName(path);
    const directory = resolve(parentPath(path));
    const member = listed.find(directory, name);
    if (member >= 0) return member;
    const former = listedPaths(directory).at(-1)!;
    return former === directory ? member : listed.find(former, name);
  };

  return {
    managers,
    packages,
    complete,
    diagnostics,
    listings: () => listingsOf(listed, packages),
    isOwned: (path) => !complete || listed.isOwned(find(path)),
    shipped: (path) => listed.shipped(find(path)),
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
