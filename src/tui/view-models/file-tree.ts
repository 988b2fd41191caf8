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
  const result = emptyTree(tree.count);
  for (let i = 0; i < tree.count; i++) {
    const node = arranged[i]!;
    const parent = tree.parent[node]!;
    result.change[i] = tree.change[node]!;
    result.depth[i] = tree.depth[node]!;
    result.parent[i] = parent < 0 ? -1 : moved[parent]!;
    result.end[i] = i + (tree.end[node]! - node);
    result.sample[i] = tree.sample[node]!;
    result.from[i] = tree.from[node]!;
    result.to[i] = tree.to[node]!;
    result.changes[i] = tree.changes[node]!;
    result.sizes[i] = tree.sizes[node]!;
  }
  return result;
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

function emptyTree(count: number): FileTree {
  return {
    count,
    change: new Int32Array(count),
    depth: new Uint16Array(count),
    parent: new Int32Array(count),
    end: new Uint32Array(count),
    sample: new Uint32Array(count),
    from: new Uint32Array(count),
    to: new Uint32Array(count),
    changes: new Uint32Array(count),
    sizes: new Float64Array(count),
  };
}

/** Nodes in the making: `FIELDS` numbers each, in an array that grows, for their number is not known. */
interface Nodes {
  values: Int32Array;
  count: number;
}

const CHANGE = 0;
const PARENT = 1;
const END = 2;
const SAMPLE = 3;
const FROM = 4;
const TO = 5;
const FIELDS = 6;

function collectNodes(list: Uint32Array, pathOf: PathOf): Nodes {
  const nodes: Nodes = { values: new Int32Array(FIELDS * (list.length + 256)), count: 0 };
  /** Nodes of the path before, from the top down. */
  const open: number[] = [];
  let before = '';
  for (let i = 0; i < list.length; i++) {
    const item = list[i]!;
    const path = pathOf(item);
    const shared = sharedLength(before, path);
    // Directories of the path before that do not hold this one are complete.
    while (open.length > 0) {
      const node = open[open.length - 1]!;
      const stop = nodes.values[node * FIELDS + TO]!;
      if (stop > 0 && stop <= shared && path[stop] === '/') break;
      nodes.values[node * FIELDS + END] = nodes.count;
      open.pop();
    }
    let parent = open.length === 0 ? -1 : open[open.length - 1]!;
    let start = parent < 0 ? 0 : nodes.values[parent * FIELDS + TO]! + 1;
    for (let slash; (slash = path.indexOf('/', start)) >= 0; start = slash + 1) {
      parent = addNode(nodes, -1, parent, item, start, slash);
      open.push(parent);
    }
    open.push(addNode(nodes, item, parent, item, start, path.length));
    before = path;
  }
  for (const node of open) nodes.values[node * FIELDS + END] = nodes.count;
  return nodes;
}

function addNode(
  nodes: Nodes,
  change: number,
  parent: number,
  sample: number,
  from: number,
  to: number,
): number {
  const node = nodes.count++;
  const at = node * FIELDS;
  if (at === nodes.values.length) {
    const grown = new Int32Array(nodes.values.length * 2);
    grown.set(nodes.values);
    nodes.values = grown;
  }
  const { values } = nodes;
  values[at + CHANGE] = change;
  values[at + PARENT] = parent;
  values[at + SAMPLE] = sample;
  values[at + FROM] = from;
  values[at + TO] = to;
  return node;
}

function sharedLength(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/** Joins a directory that did not change with the one directory that it holds. */
function shareNodes({ values, count: total }: Nodes): FileTree {
  const isShared = new Uint8Array(total);
  /** Number of the node in the result; of a shared node that of the node below it. */
  const renumbered = new Uint32Array(total + 1);
  let length = 0;
  for (let node = 0; node < total; node++) {
    renumbered[node] = length;
    const end = values[node * FIELDS + END]!;
    const holdsOneDirectory = end > node + 2 && values[(node + 1) * FIELDS + END] === end;
    if (values[node * FIELDS + CHANGE]! < 0 && holdsOneDirectory) isShared[node] = 1;
    else length++;
  }
  renumbered[total] = length;
  const tree = emptyTree(length);
  const parents = new Int32Array(total);
  let begin = -1;
  for (let node = 0; node < total; node++) {
    const at = node * FIELDS;
    const above = values[at + PARENT]!;
    // What a shared node holds belongs to the parent of the shared node.
    parents[node] = above < 0 ? -1 : isShared[above] ? parents[above]! : renumbered[above]!;
    if (begin < 0) begin = values[at + FROM]!;
    if (isShared[node]) continue;
    const i = renumbered[node]!;
    tree.change[i] = values[at + CHANGE]!;
    tree.parent[i] = parents[node]!;
    tree.end[i] = renumbered[values[at + END]!]!;
    tree.sample[i] = values[at + SAMPLE]!;
    tree.from[i] = begin;
    tree.to[i] = values[at + TO]!;
    begin = -1;
  }
  return tree;
}

/** Fills in depths and sums. */
function addUp(tree: FileTree, sizeOf: Float64Array): FileTree {
  const { count, parent, change, depth, changes, sizes } = tree;
  for (let node = 0; node < count; node++)
    depth[node] = parent[node]! < 0 ? 0 : depth[parent[node]!]! + 1;
  for (let node = count - 1; node >= 0; node--) {
    if (change[node]! >= 0) {
      changes[node]! += 1;
      sizes[node]! += sizeOf[change[node]!]!;
    }
    const above = parent[node]!;
    if (above < 0) continue;
    changes[above]! += changes[node]!;
    sizes[above]! += sizes[node]!;
  }
  return tree;
}
