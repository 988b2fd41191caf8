/** The rows of the list of files: positions of changes, or nodes of a tree of them. */

import type { KindMask } from '../view-models/change-kind.js';
import { visibleNodes, type Expansion } from '../view-models/expansion.js';
import { buildTree, treeBySize, type FileTree } from '../view-models/file-tree.js';
import { flatList, type SortOrder } from '../view-models/flat-list.js';
import { ALL_GROUPS } from '../view-models/group-list.js';
import { indexFor, type Model } from '../view-models/model.js';
import type { Why } from '../view-models/why-filter.js';

export type FileRows =
  | { readonly kind: 'flat'; readonly rows: Uint32Array; readonly total: number }
  | {
      readonly kind: 'tree';
      readonly rows: Uint32Array;
      readonly tree: FileTree;
      /** Changes in the tree, shown or collapsed. */
      readonly total: number;
    };

export interface FileView {
  readonly group: number;
  readonly kinds: KindMask;
  readonly why: Why;
  readonly sort: SortOrder;
  readonly asTree: boolean;
  readonly expansion: Expansion;
}

export function listFiles(model: Model, view: FileView): FileRows {
  const finding = view.group === ALL_GROUPS ? null : view.group;
  if (!view.asTree) {
    const index = indexFor(model, view.why);
    const rows = flatList(index, { finding, kinds: view.kinds, sort: view.sort });
    return { kind: 'flat', rows, total: rows.length };
  }
  const { tree, total } = treeOf(model, finding, view);
  return { kind: 'tree', tree, total, rows: visibleNodes(tree, view.expansion, model.pathOf) };
}

/** The last tree is kept in both orders, for toggling them. */
function treeOf(
  model: Model,
  finding: number | null,
  { kinds, sort, why }: FileView,
): Trees['path'] {
  const key = `${finding} ${kinds} ${why.nature} ${why.cause}`;
  let known = lastTrees.get(model);
  if (known?.key !== key) {
    const list = flatList(indexFor(model, why), { finding, kinds, sort: 'path' });
    const tree = buildTree(list, model.pathOf, model.index.sizes);
    known = { key, path: { tree, total: list.length }, size: null };
    lastTrees.set(model, known);
  }
  if (sort === 'path') return known.path;
  return (known.size ??= { tree: treeBySize(known.path.tree), total: known.path.total });
}

interface Trees {
  readonly key: string;
  readonly path: { readonly tree: FileTree; readonly total: number };
  size: Trees['path'] | null;
}

const lastTrees = new WeakMap<Model, Trees>();

/** The same tree with other directories open. */
export function reopen(model: Model, files: FileRows, expansion: Expansion): FileRows {
  if (files.kind === 'flat') return files;
  return { ...files, rows: visibleNodes(files.tree, expansion, model.pathOf) };
}

/** The change at a row; null for a directory that did not change itself, and beyond the end. */
export function changeOfRow(files: FileRows, row: number): number | null {
  const item = files.rows[row];
  if (item === undefined) return null;
  if (files.kind === 'flat') return item;
  const change = files.tree.change[item]!;
  return change < 0 ? null : change;
}

/** The row that shows a change; -1 when it is filtered out or collapsed. */
export function rowOfChange(files: FileRows, change: number): number {
  if (files.kind === 'flat') return files.rows.indexOf(change);
  const node = files.tree.change.indexOf(change);
  return node < 0 ? -1 : files.rows.indexOf(node);
}
