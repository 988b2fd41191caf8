/** Which directories of the tree are open. */

import { isDirectoryNode, nodePath, type FileTree, type PathOf } from './file-tree.js';

export interface Expansion {
  /** `auto`: all of them in a small tree, none in a large one. */
  readonly base: 'auto' | 'all' | 'none';
  /** Paths of directories that are not as `base` says. */
  readonly flipped: ReadonlySet<string>;
}

export const AUTO_EXPANSION: Expansion = { base: 'auto', flipped: new Set() };

/** Up to this many nodes a tree opens with everything expanded. */
const SMALL_TREE = 400;

export function isExpanded(
  tree: FileTree,
  node: number,
  expansion: Expansion,
  pathOf: PathOf,
): boolean {
  const base = opensAll(tree, expansion);
  return expansion.flipped.size > 0 && expansion.flipped.has(nodePath(tree, node, pathOf))
    ? !base
    : base;
}

/** Nodes that show: all that are not below a collapsed directory. */
export function visibleNodes(tree: FileTree, expansion: Expansion, pathOf: PathOf): Uint32Array {
  const visible = new Uint32Array(tree.count);
  let length = 0;
  for (let node = 0; node < tree.count;) {
    visible[length++] = node;
    const goesInside = !isDirectoryNode(tree, node) || isExpanded(tree, node, expansion, pathOf);
    node = goesInside ? node + 1 : tree.end[node]!;
  }
  return visible.subarray(0, length);
}

/** Opens or closes one directory. */
export function setExpanded(
  tree: FileTree,
  node: number,
  open: boolean,
  expansion: Expansion,
  pathOf: PathOf,
): Expansion {
  const base = opensAll(tree, expansion);
  const flipped = new Set(expansion.flipped);
  const path = nodePath(tree, node, pathOf);
  if (open === base) flipped.delete(path);
  else flipped.add(path);
  return { base: base ? 'all' : 'none', flipped };
}

/** Opens every directory above a node. */
export function reveal(
  tree: FileTree,
  node: number,
  expansion: Expansion,
  pathOf: PathOf,
): Expansion {
  let result = expansion;
  for (let above = tree.parent[node]!; above >= 0; above = tree.parent[above]!)
    if (!isExpanded(tree, above, result, pathOf))
      result = setExpanded(tree, above, true, result, pathOf);
  return result;
}

function opensAll(tree: FileTree, { base }: Expansion): boolean {
  return base === 'auto' ? tree.count <= SMALL_TREE : base === 'all';
}
