/** The names of each inode of a stored tree, found in one walk. */

import type { TreePath } from '../../core/path.js';
import type { Connection } from './connection.js';
import { fromStored, type StoredBytes } from './names.js';
import type { StoredDirectory } from './previous-build.js';
import { LISTED } from './views.js';

// A path is put together as bytes: text would lose what is not UTF-8 on its way out of SQLite.
const SELECT = `
WITH RECURSIVE directory (path, tree) AS (
  SELECT NULL, ?
  UNION ALL
  SELECT ${pathOf('d.path')}, e.tree
  FROM directory d CROSS JOIN tree t ON t.id = d.tree${LISTED}
  WHERE e.tree IS NOT NULL
)
SELECT e.link, CAST(${pathOf('d.path')} AS BLOB)
FROM directory d CROSS JOIN tree t ON t.id = d.tree${LISTED}
WHERE e.link IS NOT NULL`;

/** Names in byte order, by the first of them. */
export function readLinkSets(
  connection: Connection,
  top: StoredDirectory,
): ReadonlyMap<TreePath, readonly TreePath[]> {
  const sets = new Map<TreePath, TreePath[]>();
  for (const [link, bytes] of connection.prepare(SELECT).raw().all(top.tree) as [
    StoredBytes,
    Buffer,
  ][]) {
    const first = fromStored(link) as TreePath;
    const path = bytes.toString('latin1') as TreePath;
    const names = sets.get(first);
    if (names === undefined) sets.set(first, [path]);
    else names.push(path);
  }
  for (const names of sets.values()) names.sort();
  return sets;
}

function pathOf(directory: string): string {
  return `CASE WHEN ${directory} IS NULL OR ${directory} = '' THEN '' ELSE ${directory} || '/' END || CAST(e.name AS TEXT)`;
}
