/** Reads a build back. */

import type { Artifact, Build, BuildFacts, Container, Package } from '../../core/build.js';
import type { Diagnostic } from '../../core/diagnostic.js';
import type { AppliedEdit } from '../../core/edit.js';
import type { PackageListing } from '../../core/manifest.js';
import type { TreePath } from '../../core/path.js';
import type { ArtifactReader, BuildReader, TreeRef } from '../define.js';
import { buildId } from './build-list.js';
import { captureFromJson } from './capture-json.js';
import type { Connection } from './connection.js';
import type { ContentReader } from './content.js';
import { directoryOf } from './entry-rows.js';
import { guarded } from './errors.js';
import type { FactReader } from './facts.js';
import { readLinkSets } from './link-sets.js';
import { findOwners, readListings } from './listings.js';
import { fromStored, type StoredBytes } from './names.js';
import { readPackageList } from './package-lists.js';
import type { TreeReader } from './tree-reader.js';

export interface ReadingStore {
  readonly connection: Connection;
  readonly location: string;
  /** See `ArtifactReader.scope`. */
  readonly scope: string;
  readonly trees: TreeReader;
  readonly facts: FactReader;
  readonly content: ContentReader;
}

/** Throws `BUILD_UNKNOWN`. */
export function readBuild(store: ReadingStore, name: string): BuildReader {
  const { connection } = store;
  const id = buildId(connection, store.location, name);
  const row = connection.prepare('SELECT * FROM build WHERE id = ?').get(id) as BuildRow;
  const packages = readPackageList(connection, store.location, row.package_list);
  const artifacts = readArtifacts(store, id, { packages, runs: row.listings ?? null });
  const build: Build = {
    name,
    stream: row.stream,
    keep: row.keep !== 0,
    facts: JSON.parse(row.facts) as BuildFacts,
    meta: JSON.parse(row.meta) as Build['meta'],
    packages,
    edits: readEdits(connection, id),
    artifacts: artifacts.map(({ artifact }) => artifact),
  };
  return { build, artifacts };
}

interface BuildRow {
  readonly stream: string;
  readonly keep: number;
  readonly facts: string;
  readonly meta: string;
  readonly package_list: number;
  /** Not there in a store of the first version. */
  readonly listings?: string | null;
}

/** What owners are found by. */
interface Listed {
  readonly packages: readonly Package[];
  readonly runs: string | null;
}

interface ArtifactRow {
  readonly id: number;
  readonly role: Artifact['role'];
  readonly media_type: string;
  readonly tree: number;
  readonly stamp: number | null;
  readonly content_digest: Buffer;
  readonly full_digest: Buffer;
  readonly entry_count: number;
  readonly size_bytes: number;
  readonly capture: string;
  /** Not there in a store of the first version. */
  readonly container_name?: StoredBytes | null;
  readonly container_size?: number | null;
  readonly container_digest?: Buffer | null;
  /** Not there in a store of the first version; null in one that was brought up from it. */
  readonly name?: string | null;
}

function readArtifacts(
  store: ReadingStore,
  build: number,
  listed: Listed,
): readonly ArtifactReader[] {
  const rows = store.connection
    .prepare('SELECT * FROM artifact WHERE build = ? ORDER BY id')
    .all(build) as ArtifactRow[];
  return rows.map((row) => artifactReader(store, row, listed));
}

function artifactReader(
  { connection, location, scope, trees, facts, content }: ReadingStore,
  row: ArtifactRow,
  { packages, runs }: Listed,
): ArtifactReader {
  const root = trees.entries(row)[0]!;
  const artifact: Artifact = {
    name: row.name ?? row.role,
    role: row.role,
    mediaType: row.media_type,
    container: containerOf(row),
    capture: captureFromJson(row.capture),
    root: root.entry,
    contentDigest: row.content_digest,
    fullDigest: row.full_digest,
    entryCount: row.entry_count,
    sizeBytes: row.size_bytes,
    diagnostics: readDiagnostics(connection, row.id),
  };
  const listings = (): PackageListing[] => readListings(connection, location, runs);
  let links: ReadonlyMap<TreePath, readonly TreePath[]> | null = null;
  return {
    artifact,
    scope,
    root,
    entries: (directory) => attempt(() => trees.entries(directoryOf(directory))),
    entriesUnlike: (directory, other: TreeRef) =>
      attempt(() => trees.entriesUnlike(directoryOf(directory), directoryOf(other))),
    linkSet: (first) =>
      attempt(() => {
        links ??= guarded(location, 'read', () => readLinkSets(connection, row));
        return links.get(first) ?? [];
      }),
    facts: (digest) => attempt(() => guarded(location, 'read', () => facts.read(digest))),
    content: (digest) => attempt(() => guarded(location, 'read', () => content.read(digest))),
    owners: (paths) =>
      attempt(() => findOwners(guarded(location, 'read', listings), packages, paths)),
    packageListings: () => attempt(() => guarded(location, 'read', listings)),
  };
}

function containerOf({
  container_name: name,
  container_size: sizeBytes,
  container_digest: digest,
}: ArtifactRow): Container | null {
  if (name === undefined || name === null || digest === undefined || digest === null) return null;
  return { name: fromStored(name), sizeBytes: sizeBytes ?? 0, digest };
}

function readDiagnostics(connection: Connection, artifact: number): readonly Diagnostic[] {
  const rows = connection
    .prepare('SELECT code, path, detail FROM diagnostic WHERE artifact = ? ORDER BY ordinal')
    .raw()
    .all(artifact) as [Diagnostic['code'], StoredBytes | null, string][];
  return rows.map(([code, path, detail]) => ({
    code,
    path: path === null ? null : (fromStored(path) as TreePath),
    detail,
  }));
}

interface EditRow {
  readonly rule: string;
  readonly rule_version: bigint;
  readonly path: StoredBytes;
  readonly kind: AppliedEdit['kind'];
  readonly reason: string;
  readonly secret: bigint;
  readonly old_size: bigint | null;
  readonly new_size: bigint | null;
  readonly old_digest: Buffer | null;
  readonly new_digest: Buffer | null;
  readonly old_mtime_ns: bigint | null;
  readonly new_mtime_ns: bigint | null;
}

function readEdits(connection: Connection, build: number): readonly AppliedEdit[] {
  const rows = connection
    .prepare('SELECT * FROM edit WHERE build = ? ORDER BY ordinal')
    .safeIntegers()
    .all(build) as EditRow[];
  return rows.map((row) => ({
    rule: row.rule,
    ruleVersion: Number(row.rule_version),
    path: fromStored(row.path) as TreePath,
    kind: row.kind,
    reason: row.reason,
    secret: row.secret !== 0n,
    oldSize: row.old_size === null ? null : Number(row.old_size),
    newSize: row.new_size === null ? null : Number(row.new_size),
    oldDigest: row.old_digest,
    newDigest: row.new_digest,
    oldMtimeNs: row.old_mtime_ns,
    newMtimeNs: row.new_mtime_ns,
  }));
}

function attempt<T>(action: () => T): Promise<T> {
  return new Promise((resolve) => resolve(action()));
}
