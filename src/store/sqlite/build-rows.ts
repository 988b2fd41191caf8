/** Rows that describe a build: everything but its trees. */

import type { Artifact, BuildDescription } from '../../core/build.js';
import type { AppliedEdit } from '../../core/edit.js';
import { captureToJson } from './capture-json.js';
import type { Connection } from './connection.js';
import type { Counters } from './counters.js';
import { toStored } from './names.js';
import { writePackageList } from './package-lists.js';
import type { StoredDirectory } from './previous-build.js';

export interface NewArtifact {
  readonly artifact: Artifact;
  /** The directory that holds nothing but the root. */
  readonly top: StoredDirectory;
}

export interface BuildPlace {
  readonly keep: boolean;
  /** Place in the order of builds; equal and later ones move up. */
  readonly sequence: number;
  /** Package list of the build before. */
  readonly formerPackages: number | null;
  /** See `writeListings`. */
  readonly listings: string | null;
}

/** Inserts a build and its artifacts; the name must be free. */
export function insertBuild(
  connection: Connection,
  counters: Counters,
  description: BuildDescription,
  artifacts: readonly NewArtifact[],
  place: BuildPlace,
): void {
  const packages = writePackageList(
    connection,
    counters,
    description.packages,
    place.formerPackages,
  );
  connection
    .prepare('UPDATE build SET sequence = sequence + 1 WHERE sequence >= ?')
    .run(place.sequence);
  const build = counters.next('build');
  connection
    .prepare('INSERT INTO build VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      build,
      description.name,
      description.stream,
      place.sequence,
      place.keep ? 1 : 0,
      description.facts.startedAt,
      JSON.stringify(description.facts),
      JSON.stringify(description.meta),
      packages,
      place.listings,
    );
  insertEdits(connection, build, description.edits);
  for (const artifact of artifacts) insertArtifact(connection, counters, build, artifact);
}

function insertEdits(connection: Connection, build: number, edits: readonly AppliedEdit[]): void {
  const insert = connection.prepare(
    'INSERT INTO edit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  for (const [ordinal, edit] of edits.entries())
    insert.run(
      build,
      ordinal,
      edit.rule,
      edit.ruleVersion,
      toStored(edit.path),
      edit.kind,
      edit.reason,
      edit.secret ? 1 : 0,
      edit.oldSize,
      edit.newSize,
      edit.oldDigest,
      edit.newDigest,
      edit.oldMtimeNs,
      edit.newMtimeNs,
    );
}

function insertArtifact(
  connection: Connection,
  counters: Counters,
  build: number,
  { artifact, top }: NewArtifact,
): void {
  const id = counters.next('artifact');
  connection
    .prepare('INSERT INTO artifact VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      id,
      build,
      artifact.role,
      artifact.mediaType,
      top.tree,
      top.stamp,
      artifact.contentDigest,
      artifact.fullDigest,
      artifact.entryCount,
      artifact.sizeBytes,
      captureToJson(artifact.capture),
      artifact.container === null ? null : toStored(artifact.container.name),
      artifact.container?.sizeBytes ?? null,
      artifact.container?.digest ?? null,
      artifact.name,
    );
  const insert = connection.prepare('INSERT INTO diagnostic VALUES (?, ?, ?, ?, ?)');
  for (const [ordinal, { code, path, detail }] of artifact.diagnostics.entries())
    insert.run(id, ordinal, code, path === null ? null : toStored(path), detail);
}
