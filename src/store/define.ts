/**
 * Where manifests are kept. The interface is asynchronous and moves directories, never rows, so that an engine
 * on another machine fits behind it. `sqlite/` is the first.
 */

import type { Artifact, BuildDescription, BuildSummary } from '../core/build.js';
import type { KeyedFacts } from '../core/facts.js';
import type { BuildReader, KeyedContent, PackageListing } from '../core/manifest.js';
import type { PlacedDirectory, WholeDirectory } from '../core/merkle.js';
import type { SecretKey } from '../core/secrets.js';

export type { ArtifactReader, BuildReader, TreeEntry, TreeRef } from '../core/manifest.js';

/** What a writer calls a directory it has put; meaningful to that writer only. */
export type DirectoryHandle = unknown;

/** One transaction: nothing is visible to others before `commit`, and nothing remains without it. */
export interface BuildWriter {
  /** Subdirectories first; the last one holds nothing but the root under the empty name. Keeps `directory` for a while. */
  putDirectory(
    directory: WholeDirectory,
    children: readonly PlacedDirectory<DirectoryHandle>[],
  ): DirectoryHandle;
  putArtifact(artifact: Artifact, tree: DirectoryHandle): void;
  /** What the packages of this build list. */
  putListings(listings: readonly PackageListing[]): void;
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
  /**
   * Throws `BUILD_EXISTS` unless `replace`, `BUILD_NAME_INVALID`, and `STORE_WRITE` where nothing could be written.
   * Returns at once: while another process writes, directories are held in memory, and `commit` waits for its turn
   * (`STORE_BUSY` after the limit given when the store was opened). The name is checked again then.
   */
  begin(name: string, options: BeginOptions): Promise<BuildWriter>;
  /** Oldest first: in the order they were committed; imported ones by the time they were started. */
  builds(stream?: string): Promise<readonly BuildSummary[]>;
  /** Throws `BUILD_UNKNOWN`. */
  resolve(ref: BuildRef): Promise<BuildSummary>;
  /** Throws `BUILD_UNKNOWN`. */
  read(name: string): Promise<BuildReader>;
  /** Removes builds and what only they use; returns bytes given back to the file system. */
  remove(names: readonly string[]): Promise<number>;
  /** Exempts a build from pruning, or no longer. */
  setKeep(name: string, keep: boolean): Promise<void>;
  /**
   * Takes over the builds of another store, all or nothing. Builds that are here with equal digests are skipped; an
   * equal name with another content is `BUILD_EXISTS`, before anything is written.
   */
  importFrom(other: Store): Promise<ImportResult>;
  /** What this store digests secrets with; `fresh`, 32 random bytes, becomes it where there is none. */
  secretKey(fresh: Uint8Array): Promise<SecretKey>;
  /** Whether facts of these bytes (SHA-256, hex) in this format are kept. */
  hasFacts(digest: string, format: string, version: number): Promise<boolean>;
  /** All or nothing. Facts belong to bytes, not to builds; older versions are replaced. */
  putFacts(facts: readonly KeyedFacts[]): Promise<void>;
  /** All or nothing. Bytes belong to their digest, not to a build, and go with the last build that has such a file. Never secrets. */
  putContent(content: readonly KeyedContent[]): Promise<void>;
  close(): Promise<void>;
}

/** Names, oldest first. */
export interface ImportResult {
  readonly imported: readonly string[];
  /** Here already, with equal digests. */
  readonly skipped: readonly string[];
}

export interface OpenStoreOptions {
  /** `read` needs no permission to write and never makes a file; `write` makes the store when the first build is committed. */
  readonly mode: 'read' | 'write';
  /** How long to wait for other writers, in milliseconds; ten minutes when absent. */
  readonly waitMs?: number;
  /** Ends waiting, and work that is not committed yet, with `INTERRUPTED`: the store is as it was. */
  readonly signal?: AbortSignal;
}
