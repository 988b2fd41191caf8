/** Reading a recorded tree directory by directory, wherever it is kept. */

import type { Artifact, Build, Package } from './build.js';
import type { Entry } from './entry.js';
import type { Owner } from './explanation.js';
import type { Facts } from './facts.js';
import type { TreePath } from './path.js';

/** A directory of a stored tree. */
export interface TreeRef {
  /** Equal identities in one store mean equal trees, times included. */
  readonly identity: string;
  readonly contentDigest: Uint8Array;
  /** Null where the store keeps the times of this directory apart from a digest. */
  readonly fullDigest: Uint8Array | null;
  /** Entries below, itself not counted. */
  readonly entryCount: number;
  readonly sizeBytes: number;
}

export interface TreeEntry {
  readonly entry: Entry;
  /** Set for a directory that has a listing. */
  readonly child: TreeRef | null;
}

/** Reads one stored artifact from the root down. */
export interface ArtifactReader {
  readonly artifact: Artifact;
  /** Tells stores apart: `identity` may be compared only between equal scopes. */
  readonly scope: string;
  readonly root: TreeEntry;
  /** Entries of a directory in byte order of their names. */
  entries(directory: TreeRef): Promise<readonly TreeEntry[]>;
  /**
   * The entries of `directory` less those that are known to be equal in `other`, a directory of the same scope: equal
   * names, attributes, times, and everything below. What one side leaves out the other leaves out too, so a diff asks
   * both and merges by name. Optional: without it use `entries`.
   */
  entriesUnlike?(directory: TreeRef, other: TreeRef): Promise<readonly TreeEntry[]>;
  /**
   * All names of the link set whose first path is given, in byte order. Optional: without it whoever needs the
   * names walks the tree.
   */
  linkSet?(first: TreePath): Promise<readonly TreePath[]>;
  /** What is kept of the bytes with this SHA-256, one element per format; empty when they were never looked into. */
  facts?(digest: Uint8Array): Promise<readonly Facts[]>;
  /** The bytes with this SHA-256, where the store keeps them; null where not. */
  content?(digest: Uint8Array): Promise<Uint8Array | null>;
  /** The packages that these paths belong to; what no package lists is left out. */
  owners?(paths: readonly TreePath[]): Promise<ReadonlyMap<TreePath, Owner>>;
  /** All that packages list, for whoever copies a build. */
  packageListings?(): Promise<readonly PackageListing[]>;
}

/** The bytes of a file under their digest. */
export interface KeyedContent {
  /** SHA-256, 64 hex digits. */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** The paths that one package lists, under the names they have in the tree. */
export interface PackageListing {
  readonly package: Pick<Package, 'manager' | 'name'>;
  /** In byte order. */
  readonly paths: readonly TreePath[];
}

export interface BuildReader {
  readonly build: Build;
  readonly artifacts: readonly ArtifactReader[];
}
