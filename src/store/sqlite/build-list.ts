/** Builds by name and by place. */

import type { BuildSummary } from '../../core/build.js';
import { AuditError } from '../../core/errors.js';
import type { BuildRef } from '../define.js';
import type { Connection } from './connection.js';

interface SummaryRow {
  readonly name: string;
  readonly stream: string;
  readonly started_at: string;
  readonly keep: number;
  readonly entry_count: number;
  readonly size_bytes: number;
  readonly content_digest: Buffer;
  readonly full_digest: Buffer;
  readonly diagnostics: number;
  readonly edits: number;
  readonly digests: string;
}

// Digests are those of the first artifact, the root file system; `digests` has those of all.
const SELECT = `
SELECT b.name, b.stream, b.started_at, b.keep, a.content_digest, a.full_digest,
  (SELECT sum(entry_count) FROM artifact WHERE build = b.id) AS entry_count,
  (SELECT sum(size_bytes) FROM artifact WHERE build = b.id) AS size_bytes,
  (SELECT count(*) FROM diagnostic d JOIN artifact x ON x.id = d.artifact WHERE x.build = b.id) AS diagnostics,
  (SELECT count(*) FROM edit WHERE build = b.id) AS edits,
  (SELECT group_concat(lower(hex(full_digest)), ' ') FROM (SELECT full_digest FROM artifact WHERE build = b.id ORDER BY id)) AS digests
FROM build b JOIN artifact a ON a.id = (SELECT min(id) FROM artifact WHERE build = b.id)`;

/** Oldest first; of all streams when `stream` is undefined. */
export function listBuilds(connection: Connection, stream?: string): readonly BuildSummary[] {
  const rows =
    stream === undefined
      ? connection.prepare(`${SELECT} ORDER BY b.sequence`).all()
      : connection.prepare(`${SELECT} WHERE b.stream = ? ORDER BY b.sequence`).all(stream);
  return (rows as SummaryRow[]).map(summaryOf);
}

/** Throws `BUILD_UNKNOWN`; `connection` null stands for a store without builds. */
export function resolveBuild(
  connection: Connection | null,
  location: string,
  ref: BuildRef,
): BuildSummary {
  const row = connection === null ? undefined : findBuild(connection, ref);
  if (row === undefined) throw unknownBuild(location, ref);
  return summaryOf(row);
}

/** Throws `BUILD_UNKNOWN`. */
export function buildId(connection: Connection | null, location: string, name: string): number {
  const id = connection?.prepare('SELECT id FROM build WHERE name = ?').pluck().get(name);
  if (id === undefined) throw unknownBuild(location, { kind: 'name', name });
  return id as number;
}

/** Throws `BUILD_EXISTS`. */
export function checkNameIsFree(connection: Connection, location: string, name: string): void {
  if (connection.prepare('SELECT 1 FROM build WHERE name = ?').get(name) === undefined) return;
  throw new AuditError('BUILD_EXISTS', `${location} has a build ${name} already`, {
    hint: 'Choose another name, or let --replace put the new build in its place.',
  });
}

function findBuild(connection: Connection, ref: BuildRef): SummaryRow | undefined {
  if (ref.kind === 'name')
    return connection.prepare(`${SELECT} WHERE b.name = ?`).get(ref.name) as SummaryRow | undefined;
  return connection
    .prepare(`${SELECT} WHERE coalesce(b.stream = ?, 1) ORDER BY b.sequence DESC LIMIT 1 OFFSET ?`)
    .get(ref.stream, ref.back) as SummaryRow | undefined;
}

function unknownBuild(location: string, ref: BuildRef): AuditError {
  const hint = 'List the builds with `repro-audit builds`.';
  if (ref.kind === 'name')
    return new AuditError('BUILD_UNKNOWN', `${location} has no build ${ref.name}`, { hint });
  const where = ref.stream === null ? location : `stream ${ref.stream} of ${location}`;
  const what = ref.back === 0 ? 'no build' : `no build ${ref.back} before the latest`;
  return new AuditError('BUILD_UNKNOWN', `${where} has ${what}`, { hint });
}

function summaryOf(row: SummaryRow): BuildSummary {
  return {
    name: row.name,
    stream: row.stream,
    startedAt: row.started_at,
    keep: row.keep !== 0,
    entryCount: row.entry_count,
    sizeBytes: row.size_bytes,
    contentDigest: row.content_digest,
    fullDigest: row.full_digest,
    diagnosticCount: row.diagnostics,
    editCount: row.edits,
    digests: row.digests,
  };
}
