/** Package databases inside a tree: who owns a path and what was shipped. Listed in `index.ts`. */

import type { Package } from '../core/build.js';
import type { ShippedFile } from '../core/ownership.js';
import type { TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';

/** What one manager's database says; paths as the package lists them, relative to the root. */
export interface PackageRecords {
  readonly packages: readonly Package[];
  /** Called once per listed path, directories included. */
  readonly files: Iterable<{
    readonly path: TreePath;
    readonly owned: boolean;
    readonly shipped: ShippedFile;
  }>;
}

export interface PackageDatabase {
  /** `rpm`, `dpkg`. */
  readonly id: string;
  /** Where the database lies in this tree; null when this tree has none. */
  locate(files: TreeFiles): TreePath | null;
  /** Throws `FormatError` or a system error, which becomes a diagnostic. */
  read(files: TreeFiles, location: TreePath): PackageRecords;
}

export function definePackageDatabase(database: PackageDatabase): PackageDatabase {
  return database;
}
