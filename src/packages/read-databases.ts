/** Runs over every package database of a tree; trouble becomes diagnostics. */

import type { Package } from '../core/build.js';
import type { Diagnostic } from '../core/diagnostic.js';
import { errnoOf, FormatError } from '../core/errors.js';
import type { TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';
import type { PackageDatabase, PackageSink } from './define.js';
import { packageDatabases } from './index.js';

export interface InstalledPackages {
  /** Managers with at least one package: a stray call of `rpm` leaves a database with none. */
  readonly managers: readonly string[];
  /** Sorted by manager, name, version and architecture. */
  readonly packages: readonly Package[];
  /** One per database that could not be read whole. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Without the file lists: a fraction of the work of `readOwnership`. */
export function readPackages(files: TreeFiles): InstalledPackages {
  return readDatabases(files, packageDatabases, { file: null, digests: () => undefined });
}

/** Never throws for what the tree holds. */
export function readDatabases(
  files: TreeFiles,
  databases: readonly PackageDatabase[],
  lists: Pick<PackageSink, 'file' | 'digests'>,
): InstalledPackages {
  const diagnostics: Diagnostic[] = [];
  const packages = new Map<string, Package>();
  const managers = new Set<string>();
  const attempt = (id: string, path: TreePath | null, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof FormatError) && errnoOf(error) === undefined) throw error;
      const detail = `the ${id} database cannot be read, so nothing is taken as unowned: ${(error as Error).message}`;
      diagnostics.push({ code: 'package-database', path, detail });
    }
  };
  const readOne = (database: PackageDatabase, location: TreePath): void =>
    database.read(files, location, {
      package: (item) => {
        packages.set(JSON.stringify(Object.values(item)), item);
        managers.add(database.id);
      },
      ...lists,
    });

  for (const database of databases)
    attempt(database.id, null, () => {
      for (const location of database.locate(files))
        attempt(database.id, location, () => readOne(database, location));
    });
  return {
    managers: [...managers],
    packages: [...packages.values()].sort(comparePackages),
    diagnostics,
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
