/** Package databases inside a tree: who owns a path and what was shipped. Listed in `index.ts`. */

import type { Package } from '../core/build.js';
import type { ShippedFile } from '../core/ownership.js';
import type { TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';

/** A path as a package lists it, still in the package's own spelling. */
export interface ListedFile {
  /** Relative to the root, latin1 bytes, no slash at either end; `''` is the root. Links in it are not resolved yet. */
  readonly directory: string;
  /** `''` for the root itself. */
  readonly name: string;
  /** Not %ghost, not exempt from digest verification, really installed. */
  readonly owned: boolean;
  /** Null when the package lists the path without shipping it. */
  readonly shipped: ShippedFile | null;
}

/** Where a file lies as its package lists it, and its digest. */
export interface ListedDigest extends Pick<ListedFile, 'directory' | 'name'> {
  readonly digest: NonNullable<ShippedFile['digest']>;
}

/** Takes what a database says as it is read: databases are large, and nobody needs all of one at once. */
export interface PackageSink {
  package(item: Package): void;
  /** Directories are listed too. Null: nobody asks, so lists need not be read. */
  readonly file: ((file: ListedFile) => void) | null;
  /**
   * Digests of files that were passed on without one, where the database keeps them apart: read when somebody asks for the
   * digest of a file of this package, while the tree is still open. What cannot be read then has no digest.
   */
  readonly digests: (packageName: string, read: () => Iterable<ListedDigest>) => void;
}

export interface PackageDatabase {
  /** `rpm`, `dpkg`, `apk`, `pacman`. */
  readonly id: string;
  /** Where databases of this manager lie in this tree, links resolved; empty when there is none. */
  locate(files: TreeFiles): readonly TreePath[];
  /** Throws `FormatError` or a system error, which becomes a diagnostic: then nothing counts as unowned. */
  read(files: TreeFiles, location: TreePath, sink: PackageSink): void;
}

export function definePackageDatabase(database: PackageDatabase): PackageDatabase {
  return database;
}
