/** Who owns a path of a tree and what its package shipped. */

import type { Package } from './build.js';
import type { Diagnostic } from './diagnostic.js';
import type { PackageListing } from './manifest.js';
import type { TreePath } from './path.js';

/** A regular file or link as its package shipped it. */
export interface ShippedFile {
  /** Name of the owning package. */
  readonly package: string;
  /** Digest recorded by the package manager; null for directories, links, or where none is recorded. */
  readonly digest: {
    readonly algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512';
    readonly hex: string;
  } | null;
  /** Seconds; null where the manager records none. */
  readonly mtimeSeconds: number | null;
}

/** What the databases of one tree say, all managers merged. */
export interface Ownership {
  /** What each package lists, in the spelling of the tree. Sorted by manager and name. */
  listings(): readonly PackageListing[];

  /** Managers whose database was found and read. */
  readonly managers: readonly string[];
  readonly packages: readonly Package[];
  /**
   * False when a database exists but could not be read: then nothing may be assumed unowned, and `isOwned` is
   * true for every path.
   */
  readonly complete: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Listed by a package and neither %ghost nor exempt from digest verification. Aliases (usrmerge, usr/etc) are resolved. */
  isOwned(path: TreePath): boolean;
  /** Null for what no package ships. */
  shipped(path: TreePath): ShippedFile | null;
}

/** Packages list the left side, ostree keeps the file on the right. Plain trees may have both: then each is its own. */
const MOVED: readonly (readonly [listed: string, kept: string])[] = [
  ['etc', 'usr/etc'],
  ['boot', 'usr/lib/ostree-boot'],
];

/** Names under which packages may list a path of the tree: its own, and the one it had before it was moved. */
export function listedPaths(path: TreePath): readonly TreePath[] {
  const moved = MOVED.find(([, kept]) => path === kept || path.startsWith(`${kept}/`));
  if (moved === undefined) return [path];
  const [listed, kept] = moved;
  return [path, `${listed}${path.slice(kept.length)}` as TreePath];
}
