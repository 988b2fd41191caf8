/** Where a tree comes from. Implementations live beside this file and are listed in `index.ts`. */

import type { ArtifactName, Package } from '../core/build.js';
import type { CaptureSet, DigestAlgorithm, Exclusion } from '../core/capture.js';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Entry } from '../core/entry.js';
import type { TreePath } from '../core/path.js';
import type { PackedDirectory } from '../core/packed-directory.js';
import type { RandomAccess } from '../core/random-access.js';
import type { TreeFiles } from '../core/tree-files.js';

export interface ScanOptions {
  readonly digests: readonly DigestAlgorithm[];
  readonly exclusions: readonly Exclusion[];
  /** Where hashes of unchanged files may be taken from and left for the next scan; null: read everything. */
  readonly statCacheFile: string | null;
  /** The clock when the scan began, nanoseconds since 1970. */
  readonly startedNs: bigint;
  readonly signal: AbortSignal;
}

export interface ScanSink {
  /** Called once per directory, in any order, every listed subdirectory included. */
  directory(directory: PackedDirectory): void;
  diagnostic(diagnostic: Diagnostic): void;
  /** Called now and then; counts so far. */
  progress(progress: ScanProgress): void;
}

export interface ScanProgress {
  readonly entries: number;
  readonly bytes: number;
}

export interface ScanResult {
  /** The root directory itself. */
  readonly root: Entry;
  /** What was really looked at. */
  readonly capture: CaptureSet;
  /** Files whose hashes came from the stat cache. */
  readonly cachedFiles: number;
}

/** What a source that is read front to back has to know before. */
export type PrepareOptions = Pick<ScanOptions, 'digests' | 'exclusions' | 'signal'> & {
  progress(progress: ScanProgress): void;
  /** Files that will be asked for, beside package databases and os-release; images do not heed it. Absent: none. */
  readonly keeps?: (path: string) => boolean;
};

export interface OpenSource {
  /** Absolute path or other name, for the build facts. */
  readonly location: string;
  readonly mediaType: string;
  /** Type of the file system it lies on; null for what is no directory. */
  readonly fileSystem: string | null;
  /**
   * Reads what has to be read before anything else can be asked: an archive, whole. To be awaited once, where it exists,
   * with the options of the scan. Throws `SOURCE_UNUSABLE` for bytes that are of another kind.
   */
  prepare?(options: PrepareOptions): Promise<void>;
  /** A few named files, for package databases and os-release. */
  readonly files: TreeFiles;
  /**
   * The archive or image as bytes, where that is what the source is: its own fields are looked into beside the tree. Null
   * for a directory, and for bytes that were a stream.
   */
  readonly container: OpenContainer | null;
  /** What the tree is among the artifacts of its build; absent: the only one, a root file system. */
  readonly artifact?: ArtifactName;
  /** What else the build holds. Each is opened when its turn comes, and closed by whoever opened it. */
  readonly others?: readonly OtherSource[];
  /** What the build says of itself; absent: nothing. */
  readonly statement?: BuildStatement;
  /** What a scan with these options will look at; known before it starts, except for mount points. */
  capture(options: Pick<ScanOptions, 'digests' | 'exclusions'>): CaptureSet;
  scan(options: ScanOptions, sink: ScanSink): Promise<ScanResult>;
  close(): void;
}

/** Another artifact of the same build. */
export interface OtherSource extends ArtifactName {
  /** Throws `SOURCE_UNUSABLE`. */
  open(): OpenSource;
}

export interface BuildStatement {
  /** Absolute path of the file that says it. */
  readonly file: string;
  /** Fields of the build, as `--meta-file` would give them. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** For builds whose tree has no package database. */
  readonly packages: readonly Package[];
}

export interface OpenContainer {
  /** Name of the file, for inspectors. */
  readonly name: string;
  readonly bytes: RandomAccess;
  /** SHA-256, 32 bytes, where it is known when the source was read; absent: whoever wants it reads all bytes. */
  digest?(): Uint8Array;
  /** False where the bytes only describe the tree, as a commit does: its files are then looked into one by one. */
  readonly holdsFiles?: boolean;
  /**
   * Members that are files of the tree under another name, by their own: objects of a commit that an image holds. Known once the
   * source is prepared; absent: there are none.
   */
  aliases?(): ReadonlyMap<string, TreePath>;
}

/** What locations alone do not say. */
export interface OpenOptions {
  /** For images: `os/architecture[/variant]`; null: not asked for. */
  readonly platform?: string | null;
  /** The platform that this runs on, for images that leave the choice. */
  readonly ownPlatform?: string | null;
}

export interface Source {
  /** Prefix that names it, such as `dir`. */
  readonly id: string;
  /** Whether the location, given without a prefix, looks like this kind. */
  claims(location: string): boolean;
  /** Throws `AuditError('SOURCE_UNUSABLE')`. */
  open(location: string, options?: OpenOptions): OpenSource;
}

export function defineSource(source: Source): Source {
  return source;
}
