/**
 * Chooses the directories that findings are named after: near enough to tell one generator from another, few
 * enough to be read. A generator's files mostly share their first three components (`usr/lib/python3`,
 * `var/cache/apt`), so the paths are cut there, and where a directory would still give many groups, they become one.
 */

import { parentPath, ROOT_PATH, type TreePath } from '../core/path.js';

const CUT = 3;
const FANOUTS = [8, 4, 2, 1] as const;

/** Maps every directory to the directory of its group; at most `limit` groups, each named as deeply as all it holds allows. */
export function groupDirectories(
  directories: Iterable<TreePath>,
  limit: number,
): ReadonlyMap<TreePath, TreePath> {
  const groupOf = new Map<TreePath, TreePath>();
  for (const directory of directories) groupOf.set(directory, cut(directory, CUT));
  for (const fanout of FANOUTS)
    for (let level = CUT - 1; level > 0; level--) {
      if (new Set(groupOf.values()).size <= limit) return nameGroups(groupOf);
      collapse(groupOf, level, fanout);
    }
  if (new Set(groupOf.values()).size > limit) collapse(groupOf, 0, 1);
  return nameGroups(groupOf);
}

/** Makes one group of all below a directory at this level that holds more than `fanout` of them. */
function collapse(groupOf: Map<TreePath, TreePath>, level: number, fanout: number): void {
  const groupsBelow = new Map<TreePath, Set<TreePath>>();
  for (const group of groupOf.values()) {
    const top = cut(group, level);
    const groups = groupsBelow.get(top);
    if (groups === undefined) groupsBelow.set(top, new Set([group]));
    else groups.add(group);
  }
  for (const [directory, group] of groupOf) {
    const top = cut(group, level);
    if (groupsBelow.get(top)!.size > fanout) groupOf.set(directory, top);
  }
}

function nameGroups(groupOf: ReadonlyMap<TreePath, TreePath>): ReadonlyMap<TreePath, TreePath> {
  const names = new Map<TreePath, TreePath>();
  for (const [directory, group] of groupOf) {
    const name = names.get(group);
    names.set(group, name === undefined ? directory : commonDirectory(name, directory));
  }
  return new Map([...groupOf].map(([directory, group]) => [directory, names.get(group)!]));
}

function cut(path: TreePath, components: number): TreePath {
  let end = -1;
  for (let n = 0; n < components; n++) {
    end = path.indexOf('/', end + 1);
    if (end < 0) return path;
  }
  return components === 0 ? ROOT_PATH : (path.slice(0, end) as TreePath);
}

function commonDirectory(a: TreePath, b: TreePath): TreePath {
  let common = a;
  while (common !== ROOT_PATH && b !== common && !b.startsWith(`${common}/`))
    common = parentPath(common);
  return common;
}
