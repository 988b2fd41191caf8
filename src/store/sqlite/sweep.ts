/** Removal: the rows of builds first, then everything that no build reaches any more. Call within a transaction. */

import type { Connection } from './connection.js';
import { sweepContent } from './content.js';
import { sweepFacts } from './facts.js';
import { sweepListings } from './listings.js';
import { LISTED } from './views.js';

/** Returns how many there were. */
export function dropBuilds(connection: Connection, names: readonly string[]): number {
  const find = connection.prepare('SELECT id FROM build WHERE name = ?').pluck();
  let dropped = 0;
  for (const name of names) {
    const id = find.get(name);
    if (id === undefined) continue;
    for (const statement of DROP_BUILD) connection.prepare(statement).run(id);
    dropped++;
  }
  return dropped;
}

const DROP_BUILD = [
  'DELETE FROM diagnostic WHERE artifact IN (SELECT id FROM artifact WHERE build = ?)',
  'DELETE FROM artifact WHERE build = ?',
  'DELETE FROM edit WHERE build = ?',
  'DELETE FROM build WHERE id = ?',
];

/** Deletes trees, entries, stamps, xattr sets, packages, listings, facts and content that no build uses: mark and sweep. */
export function sweep(connection: Connection, location: string): void {
  connection.exec(MARK_TREES);
  connection.exec(SWEEP);
  sweepListings(connection);
  sweepFacts(connection, location);
  sweepContent(connection);
}

const MARK_TREES = `
CREATE TEMP TABLE live_tree (id INTEGER PRIMARY KEY);
WITH RECURSIVE live (id) AS (
  SELECT tree FROM artifact
  UNION
  SELECT e.tree FROM live CROSS JOIN tree t ON t.id = live.id${LISTED} WHERE e.tree IS NOT NULL
)
INSERT INTO live_tree SELECT id FROM live;`;

const SWEEP = `
DELETE FROM tree WHERE id NOT IN (SELECT id FROM live_tree);
DROP TABLE live_tree;

CREATE TEMP TABLE live_entry (id INTEGER PRIMARY KEY);
INSERT OR IGNORE INTO live_entry SELECT e.id FROM tree t${LISTED};
DELETE FROM entry WHERE id NOT IN (SELECT id FROM live_entry);
DROP TABLE live_entry;

CREATE TEMP TABLE live_stamp (id INTEGER PRIMARY KEY);
WITH RECURSIVE live (id) AS (
  SELECT stamp FROM artifact WHERE stamp IS NOT NULL
  UNION
  SELECT c.value FROM live CROSS JOIN stamp s ON s.id = live.id CROSS JOIN json_each(s.stamps) c
)
INSERT INTO live_stamp SELECT id FROM live;
DELETE FROM stamp WHERE id NOT IN (SELECT id FROM live_stamp);
DROP TABLE live_stamp;

DELETE FROM xattr_set WHERE id NOT IN (SELECT xattrs FROM entry WHERE xattrs IS NOT NULL);
DELETE FROM xattr WHERE xattr_set NOT IN (SELECT id FROM xattr_set);

DELETE FROM package_list WHERE id NOT IN (SELECT package_list FROM build);
DELETE FROM package WHERE id NOT IN (
  SELECT p.id FROM package_list l CROSS JOIN json_each(l.packages) r
  CROSS JOIN package p ON p.id BETWEEN json_extract(r.value, '$[1]')
    AND json_extract(r.value, '$[1]') + json_extract(r.value, '$[2]') - 1
);`;
