/** Tables of the store, version by version. `docs/store.md` tells what the columns mean; `views.ts` is what people query. */

import type { Connection } from './connection.js';
import { VIEWS } from './views.js';

/** `PRAGMA application_id` of a store: "RAud". */
export const APPLICATION_ID = 0x52417564;

// Ids are handed out by `counter` and never again, so that whoever reads while builds are removed finds rows
// missing, never other rows. Columns without a type hold text where the bytes are UTF-8 and a blob where not.
// Integer affinity matters: numbers arrive as doubles, which would take eight bytes each.
const VERSION_1 = `
CREATE TABLE counter (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counter VALUES
  ('build', 1), ('artifact', 1), ('tree', 1), ('entry', 1), ('stamp', 1), ('xattr_set', 1), ('package', 1), ('package_list', 1);

CREATE TABLE build (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  stream TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  keep INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  facts TEXT NOT NULL,
  meta TEXT NOT NULL,
  package_list INTEGER NOT NULL
);
CREATE TABLE artifact (
  id INTEGER PRIMARY KEY,
  build INTEGER NOT NULL,
  role TEXT NOT NULL,
  media_type TEXT NOT NULL,
  tree INTEGER NOT NULL,
  stamp INTEGER,
  content_digest BLOB NOT NULL,
  full_digest BLOB NOT NULL,
  entry_count INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  capture TEXT NOT NULL
);
CREATE INDEX artifact_by_build ON artifact (build);

CREATE TABLE tree (
  id INTEGER PRIMARY KEY,
  content_digest BLOB NOT NULL,
  full_digest BLOB,
  entries TEXT NOT NULL,
  entry_count INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL
);
CREATE INDEX tree_by_digest ON tree (substr(content_digest, 1, 8));
CREATE TABLE entry (
  id INTEGER PRIMARY KEY,
  name,
  mode INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  gid INTEGER NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  coverage INTEGER NOT NULL,
  tree INTEGER,
  xxh64 BLOB,
  sha256 BLOB,
  target,
  rdev TEXT,
  link,
  xattrs INTEGER
);
CREATE TABLE stamp (
  id INTEGER PRIMARY KEY,
  base INTEGER,
  width INTEGER NOT NULL,
  marks BLOB,
  times TEXT,
  stamps TEXT
);

CREATE TABLE xattr_set (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE);
CREATE TABLE xattr (xattr_set INTEGER, name, value BLOB NOT NULL, PRIMARY KEY (xattr_set, name)) WITHOUT ROWID;

CREATE TABLE package (id INTEGER PRIMARY KEY, manager TEXT, name TEXT, version TEXT, architecture TEXT);
CREATE TABLE package_list (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, packages TEXT NOT NULL);

CREATE TABLE edit (
  build INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  rule TEXT NOT NULL,
  rule_version INTEGER NOT NULL,
  path NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  secret INTEGER NOT NULL,
  old_size INTEGER,
  new_size INTEGER,
  old_digest BLOB,
  new_digest BLOB,
  old_mtime_ns INTEGER,
  new_mtime_ns INTEGER,
  PRIMARY KEY (build, ordinal)
) WITHOUT ROWID;
CREATE TABLE diagnostic (
  artifact INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  code TEXT NOT NULL,
  path,
  detail TEXT NOT NULL,
  PRIMARY KEY (artifact, ordinal)
) WITHOUT ROWID;
`;

// A piece of bytes may have facts in several formats. Their parts are named by digest inside of the body. Content has row ids,
// unlike facts: long rows do not belong into the pages of an index.
const VERSION_2 = `
CREATE TABLE fact (
  digest BLOB NOT NULL,
  format TEXT NOT NULL,
  version INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (digest, format)
) WITHOUT ROWID;
CREATE TABLE secret_key (id TEXT PRIMARY KEY, key BLOB NOT NULL);
CREATE TABLE listing (id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, manager TEXT NOT NULL, package TEXT NOT NULL, paths BLOB NOT NULL);
ALTER TABLE build ADD COLUMN listings TEXT;
ALTER TABLE artifact ADD COLUMN container_name;
ALTER TABLE artifact ADD COLUMN container_size INTEGER;
ALTER TABLE artifact ADD COLUMN container_digest BLOB;
ALTER TABLE artifact ADD COLUMN name TEXT;
INSERT INTO counter VALUES ('listing', 1);
CREATE TABLE content (digest BLOB NOT NULL UNIQUE, size INTEGER NOT NULL, body BLOB NOT NULL);
`;

/** Step `n` leads from version `n` to version `n + 1`; a step that has been released never changes. */
const STEPS: readonly string[] = [VERSION_1, VERSION_2];

/** `PRAGMA user_version` of the stores this program writes. */
export const SCHEMA_VERSION = STEPS.length;

/** Brings the schema up to date; call within a transaction. Views hold no data and are made anew. */
export function migrate(connection: Connection): void {
  const from = connection.pragma('user_version', { simple: true }) as number;
  if (from >= SCHEMA_VERSION) return;
  for (const step of STEPS.slice(from)) connection.exec(step);
  for (const [name, select] of Object.entries(VIEWS))
    connection.exec(`DROP VIEW IF EXISTS ${name}; CREATE VIEW ${name} AS ${select}`);
  connection.pragma(`application_id = ${APPLICATION_ID}`);
  connection.pragma(`user_version = ${SCHEMA_VERSION}`);
}
