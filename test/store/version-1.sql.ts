/** The tables of the first version of the store, as they were released. Never to be changed. */
export const VERSION_1_SQL = `
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
