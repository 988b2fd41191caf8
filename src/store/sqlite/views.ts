/**
 * What people query with the stock `sqlite3` (3.34 and later: JSON1, no functions of ours); `docs/store.md` is
 * their manual. Digests are lower-case hex; a path is text where it is UTF-8 and a blob where not.
 */

import { unknownBit } from '../../core/coverage.js';
import type { Omittable } from '../../core/entry.js';

const BUILDS = `
SELECT
  b.name AS build,
  b.stream,
  b.started_at,
  json_extract(b.facts, '$.endedAt') AS ended_at,
  b.keep,
  (SELECT sum(entry_count) FROM artifact WHERE build = b.id) AS entry_count,
  (SELECT sum(size_bytes) FROM artifact WHERE build = b.id) AS size_bytes,
  (SELECT count(*) FROM diagnostic WHERE artifact IN (SELECT id FROM artifact WHERE build = b.id)) AS diagnostic_count,
  (SELECT count(*) FROM edit WHERE build = b.id) AS edit_count,
  b.facts,
  b.meta
FROM build b
ORDER BY b.sequence`;

const ARTIFACTS = `
SELECT
  b.name AS build,
  coalesce(a.name, a.role) AS artifact,
  a.role,
  a.media_type,
  lower(hex(a.content_digest)) AS content_digest,
  lower(hex(a.full_digest)) AS full_digest,
  a.entry_count,
  a.size_bytes,
  a.capture
FROM build b JOIN artifact a ON a.build = b.id`;

/** SQL that joins the rows `e` of `entry` that row `t` of `tree` lists, run by run (`r`). */
export const LISTED = `
  CROSS JOIN json_each(t.entries) r
  CROSS JOIN entry e ON e.id BETWEEN json_extract(r.value, '$[1]')
    AND json_extract(r.value, '$[1]') + json_extract(r.value, '$[2]') - 1`;

const ORDINAL = `(json_extract(r.value, '$[0]') + e.id - json_extract(r.value, '$[1]'))`;

// The tree of one artifact at a time: the recursion is a scalar subquery that names the outer row, so that
// WHERE build = ... picks the row first and other builds are not walked. It yields directories alone, as JSON.
const DIRECTORIES = `
WITH RECURSIVE directory (path, odd, tree, stamp) AS (
  SELECT NULL, 0, a.tree, a.stamp
  UNION ALL
  SELECT
    CASE WHEN d.path IS NULL OR d.path = '' THEN '' ELSE d.path || '/' END || CAST(e.name AS TEXT),
    d.odd OR typeof(e.name) = 'blob',
    e.tree,
    CASE
      WHEN s.id IS NULL THEN NULL
      WHEN s.marks IS NULL THEN s.id
      ELSE json_extract(s.stamps, '$."' || ${ORDINAL} || '"')
    END
  FROM directory d
  CROSS JOIN tree t ON t.id = d.tree
  LEFT JOIN stamp s ON s.id = d.stamp${LISTED}
  WHERE e.tree IS NOT NULL
)
SELECT json_group_array(json_array(path, odd, tree, stamp)) FROM directory`;

// SQLite 3.34 cannot turn a byte into a number; its place in a blob of all bytes is that number.
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, value) => value)).toString('hex');

/** Value of byte `n` of the entry's mark. */
const byte = (n: number): string =>
  `(instr(every_byte, substr(marks, ordinal * width + ${n + 1}, 1)) - 1)`;

/** A mark as a number, for each width. */
const MARK = `CASE width ${[1, 2, 3, 4, 5, 6, 7, 8]
  .map((width) => {
    const bytes = Array.from({ length: width }, (_, n) => byte(n));
    return `WHEN ${width} THEN ${bytes.reduce((sum, next) => `(${sum} << 8) + ${next}`)}`;
  })
  .join(' ')} END`;

/** See `stamp.ts`. */
const MTIME = `
  CASE
    WHEN base IS NULL THEN mtime_ns
    WHEN marks IS NULL THEN base
    WHEN length(marks) < (ordinal + 1) * width THEN mtime_ns
    WHEN substr(marks, ordinal * width + 1, width) = substr(x'ffffffffffffffff', 1, width) THEN mtime_ns
    WHEN times IS NULL THEN base + (${MARK})
    ELSE base + json_extract(times, '$[' || (${MARK}) || ']')
  END`;

const TYPE = `
  CASE mode >> 12
    WHEN 1 THEN 'fifo' WHEN 2 THEN 'char' WHEN 4 THEN 'directory' WHEN 6 THEN 'block'
    WHEN 8 THEN 'file' WHEN 10 THEN 'symlink' WHEN 12 THEN 'socket'
  END`;

/** NULL where an entry lacks the attribute. */
function known(attribute: Omittable, column: string): string {
  return `CASE WHEN coverage & ${unknownBit(attribute)} = 0 THEN ${column} END`;
}

const MANIFEST = `
SELECT
  build,
  artifact,
  CASE WHEN odd THEN CAST(path AS BLOB) ELSE path END AS path,
  ${TYPE} AS type,
  ${known('mode', "printf('%04o', mode & 4095)")} AS mode,
  ${known('owner', 'uid')} AS uid,
  ${known('owner', 'gid')} AS gid,
  ${known('size', 'size')} AS size,
  ${known('mtime', MTIME)} AS mtime_ns,
  ${known('target', 'target')} AS target,
  ${known('target', 'rdev')} AS rdev,
  link,
  nullif(lower(hex(xxh64)), '') AS xxh64,
  nullif(lower(hex(sha256)), '') AS sha256,
  CASE coverage & 3
    WHEN 0 THEN 'full' WHEN 1 THEN 'unreadable' WHEN 2 THEN 'unstable' WHEN 3 THEN 'mount-point'
  END AS coverage,
  CASE WHEN xattrs IS NOT NULL THEN
    (SELECT json_group_object(CAST(name AS TEXT), lower(hex(value))) FROM xattr WHERE xattr_set = xattrs)
  END AS xattrs
FROM (
  SELECT
    b.name AS build,
    coalesce(a.name, a.role) AS artifact,
    CASE WHEN json_extract(d.value, '$[0]') IS NULL OR json_extract(d.value, '$[0]') = ''
      THEN '' ELSE json_extract(d.value, '$[0]') || '/' END || CAST(e.name AS TEXT) AS path,
    json_extract(d.value, '$[1]') OR typeof(e.name) = 'blob' AS odd,
    ${ORDINAL} AS ordinal,
    s.base, s.width, s.marks, s.times,
    x'${EVERY_BYTE}' AS every_byte,
    e.mode, e.uid, e.gid, e.size, e.mtime_ns, e.target, e.rdev, e.link, e.xxh64, e.sha256, e.coverage, e.xattrs
  FROM build b
  CROSS JOIN artifact a ON a.build = b.id
  CROSS JOIN json_each((${DIRECTORIES})) d
  CROSS JOIN tree t ON t.id = json_extract(d.value, '$[2]')
  LEFT JOIN stamp s ON s.id = json_extract(d.value, '$[3]')${LISTED}
)`;

const PACKAGES = `
SELECT b.name AS build, p.manager, p.name, p.version, p.architecture
FROM build b
CROSS JOIN package_list l ON l.id = b.package_list
CROSS JOIN json_each(l.packages) r
CROSS JOIN package p ON p.id BETWEEN json_extract(r.value, '$[1]')
  AND json_extract(r.value, '$[1]') + json_extract(r.value, '$[2]') - 1`;

const EDITS = `
SELECT
  b.name AS build, e.rule, e.rule_version, e.path, e.kind, e.reason, e.secret, e.old_size, e.new_size,
  nullif(lower(hex(e.old_digest)), '') AS old_digest, nullif(lower(hex(e.new_digest)), '') AS new_digest, e.old_mtime_ns, e.new_mtime_ns
FROM build b JOIN edit e ON e.build = b.id`;

const DIAGNOSTICS = `
SELECT b.name AS build, coalesce(a.name, a.role) AS artifact, d.code, d.path, d.detail
FROM build b JOIN artifact a ON a.build = b.id JOIN diagnostic d ON d.artifact = a.id`;

/** SELECT of each view by its name. */
export const VIEWS: Readonly<Record<string, string>> = {
  builds: BUILDS,
  artifacts: ARTIFACTS,
  manifest: MANIFEST,
  packages: PACKAGES,
  edits: EDITS,
  diagnostics: DIAGNOSTICS,
};
