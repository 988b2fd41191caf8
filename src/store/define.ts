/**
 * Where manifests are kept. The interface is asynchronous and moves directories, never rows, so that an engine
 * on another machine fits behind it. `sqlite/` is the first.
 */

import type { Artifact, Build, BuildDescription, BuildSummary } from '../core/build.js';
import type { Entry } from '../core/entry.js';
import type { PlacedDirectory, WholeDirectory } from '../core/merkle.js';

/** What a writer calls a directory it has put; meaningful to that writer only. */
export type DirectoryHandle = unknown;

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
}

export interface BuildReader {
  readonly build: Build;
  readonly artifacts: readonly ArtifactReader[];
}

/** One transaction: nothing is visible to others before `commit`, and nothing remains without it. */
export interface BuildWriter {
  /** Subdirectories first. */
  putDirectory(
    directory: WholeDirectory,
    children: readonly PlacedDirectory<DirectoryHandle>[],
  ): DirectoryHandle;
  putArtifact(artifact: Artifact, tree: DirectoryHandle): void;
  commit(description: BuildDescription): Promise<void>;
  /** Also after a failure; does nothing after `commit`. */
  abort(): Promise<void>;
}

export interface BeginOptions {
  /** Take the place of a build of the same name. */
  readonly replace: boolean;
  /** The writer may share what the last build of this stream has. */
  readonly stream: string;
}

/** A build in a store, by name or by place in a stream. */
export type BuildRef =
  | { readonly kind: 'name'; readonly name: string }
  /** `back` 0 is the latest build of the stream (of the whole store when null), 1 the one before. */
  | { readonly kind: 'recent'; readonly stream: string | null; readonly back: number };

export interface Store {
  /** The file or address, for messages. */
  readonly location: string;
  /** Throws `BUILD_EXISTS` unless `replace`, `BUILD_NAME_INVALID`. Waits for another writer. */
  begin(name: string, options: BeginOptions): Promise<BuildWriter>;
  /** Oldest first. */
  builds(stream?: string): Promise<readonly BuildSummary[]>;
  /** Throws `BUILD_UNKNOWN`. */
  resolve(ref: BuildRef): Promise<BuildSummary>;
  /** Throws `BUILD_UNKNOWN`. */
  read(name: string): Promise<BuildReader>;
  /** Removes builds and what only they use; returns bytes given back to the file system. */
  remove(names: readonly string[]): Promise<number>;
  /** Exempts a build from pruning, or no longer. */
  setKeep(name: string, keep: boolean): Promise<void>;
  close(): Promise<void>;
}
