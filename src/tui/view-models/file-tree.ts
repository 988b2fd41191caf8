/**
 * Changes as a tree of directories, in arrays by node. Nodes stand in the order in which they are shown, so that a
 * subtree is the range from a node to its `end`. A directory that did not change and holds one directory alone
 * shares a node with it: `usr/share/fonts`.
 */

import type { TreePath } from '../../core/path.js';
import { orderDescending } from './order.js';

export interface FileTree {
  readonly count: number;
  /** The change at this node; -1 for a directory that holds changes and did not change itself. */
  readonly change: Int32Array;
  /** Number of nodes above. */
  readonly depth: Uint16Array;
  /** The node that holds this one; -1 at the top. */
  readonly parent: Int32Array;
  /** First node after the subtree. */
  readonly end: Uint32Array;
  /** A change in the subtree; the node's path is the first `to` characters of its path, the label starts at `from`. */
  readonly sample: Uint32Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Changes in the subtree, and the sum of their sizes. */
  readonly changes: Uint32Array;
  readonly sizes: Float64Array;
}

export type PathOf = (change: number) => TreePath;

/** `list` holds positions of changes in tree order. */
export function buildTree(list: Uint32Array, pathOf: PathOf, sizes: Float64Array): FileTree {
  return addUp(shareNodes(collectNodes(list, pathOf)), sizes);
}

/** The same tree with the larger of two siblings first. */
export function treeBySize(tree: FileTree): FileTree {
  const order = orderDescending(tree.sizes);
  const firstChild = new Int32Array(tree.count + 1).fill(-1);
  const nextSibling = new Int32Array(tree.count).fill(-1);
  for (let k = order.length - 1; k >= 0; k--) {
    const node = order[k]!;
    const list = tree.parent[node]! + 1;
    nextSibling[node] = firstChild[list]!;
    firstChild[list] = node;
  }
  const arranged = new Uint32Array(tree.count);
  const moved = new Int32Array(tree.count);
  const waiting: number[] = [firstChild[0] ?? -1];
  let length = 0;
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    if (node < 0) continue;
    moved[node] = length;
    arranged[length++] = node;
    waiting.push(nextSibling[node]!, firstChild[node + 1]!);
  }
  const pick = <A extends Int32Array | Uint32Array | Uint16Array | Float64Array>(values: A): A =>
    values.map((_, i) => values[arranged[i]!]!) as A;
  return {
    count: tree.count,
    change: pick(tree.change),
    depth: pick(tree.depth),
    parent: tree.parent.map((_, i) => {
      const parent = tree.parent[arranged[i]!]!;
      return parent < 0 ? -1 : moved[parent]!;
    }),
    end: tree.end.map((_, i) => i + (tree.end[arranged[i]!]! - arranged[i]!)),
    sample: pick(tree.sample),
    from: pick(tree.from),
    to: pick(tree.to),
    changes: pick(tree.changes),
    sizes: pick(tree.sizes),
  };
}

export function isDirectoryNode(tree: FileTree, node: number): boolean {
  return tree.end[node]! > node + 1;
}

export function nodePath(tree: FileTree, node: number, pathOf: PathOf): TreePath {
  return pathOf(tree.sample[node]!).slice(0, tree.to[node]) as TreePath;
}

/** The part of the path that the node adds to its parent's, latin1 bytes. */
export function nodeLabel(tree: FileTree, node: number, pathOf: PathOf): string {
  return pathOf(tree.sample[node]!).slice(tree.from[node], tree.to[node]);
}

type Nodes = Omit<FileTree, 'changes' | 'sizes' | 'depth'>;

function collectNodes(list: Uint32Array, pathOf: PathOf): Nodes {
  const change: number[] = [];
  const parent: number[] = [];
  const end: number[] = [];
  const sample: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const open: number[] = [];
  let before = '';
  const add = (item: number, at: number, start: number, stop: number): void => {
    const node = change.length;
    change.push(at);
    parent.push(open.at(-1) ?? -1);
    end.push(0);
    sample.push(item);
    from.push(start);
    to.push(stop);
    open.push(node);
  };
  const closeUnless = (isAbove: (node: number) => boolean): void => {
    while (open.length > 0 && !isAbove(open.at(-1)!)) end[open.pop()!] = change.length;
  };
  for (const item of list) {
    const path = pathOf(item);
    const shared = sharedLength(before, path);
    closeUnless((node) => to[node]! > 0 && to[node]! <= shared && path[to[node]!] === '/');
    let start = open.length === 0 ? 0 : to[open.at(-1)!]! + 1;
    for (let slash; (slash = path.indexOf('/', start)) >= 0; start = slash + 1)
      add(item, -1, start, slash);
    add(item, item, start, path.length);
    before = path;
  }
  closeUnless(() => false);
  return {
    count: change.length,
    change: Int32Array.from(change),
    parent: Int32Array.from(parent),
    end: Uint32Array.from(end),
    sample: Uint32Array.from(sample),
    from: Uint32Array.from(from),
    to: Uint32Array.from(to),
  };
}

function sharedLength(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

function shareNodes(nodes: Nodes): Nodes {
  const { count, change, end } = nodes;
  const isShared = (node: number): boolean =>
    change[node]! < 0 && end[node + 1] === end[node] && end[node]! > node + 2;
  const kept = new Uint32Array(count);
  /** Number of the node in the result; of a shared node that of the node below it. */
  const renumbered = new Uint32Array(count + 1);
  const from = nodes.from.slice();
  const parent = new Int32Array(count);
  let length = 0;
  for (let node = 0; node < count; node++) {
    renumbered[node] = length;
    const above = nodes.parent[node]!;
    // The parent of a node below a shared one is the parent of the shared one.
    parent[node] = above < 0 ? -1 : isShared(above) ? parent[above]! : renumbered[above]!;
    if (isShared(node)) from[node + 1] = from[node]!;
    else kept[length++] = node;
  }
  renumbered[count] = length;
  const nodesKept = kept.subarray(0, length);
  return {
    count: length,
    change: Int32Array.from(nodesKept, (node) => change[node]!),
    parent: Int32Array.from(nodesKept, (node) => parent[node]!),
    end: Uint32Array.from(nodesKept, (node) => renumbered[end[node]!]!),
    sample: Uint32Array.from(nodesKept, (node) => nodes.sample[node]!),
    from: Uint32Array.from(nodesKept, (node) => from[node]!),
    to: Uint32Array.from(nodesKept, (node) => nodes.to[node]!),
  };
}

function addUp(nodes: Nodes, sizeOf: Float64Array): FileTree {
  const depth = new Uint16Array(nodes.count);
  const changes = new Uint32Array(nodes.count);
  const sizes = new Float64Array(nodes.count);
  for (let node = 0; node < nodes.count; node++) {
    const parent = nodes.parent[node]!;
    depth[node] = parent < 0 ? 0 : depth[parent]! + 1;
  }
  for (let node = nodes.count - 1; node >= 0; node--) {
    const change = nodes.change[node]!;
    if (change >= 0) {
      changes[node]! += 1;
      sizes[node]! += sizeOf[change]!;
    }
    const parent = nodes.parent[node]!;
    if (parent < 0) continue;
    changes[parent]! += changes[node]!;
    sizes[parent]! += sizes[node]!;
  }
  return { ...nodes, depth, changes, sizes };
}
