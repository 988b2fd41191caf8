import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { comparePaths, type TreePath } from '../../../src/core/path.js';
import {
  AUTO_EXPANSION,
  reveal,
  setExpanded,
  visibleNodes,
  type Expansion,
} from '../../../src/tui/view-models/expansion.js';
import {
  buildTree,
  isDirectoryNode,
  nodeLabel,
  nodePath,
  treeBySize,
  type FileTree,
} from '../../../src/tui/view-models/file-tree.js';

const ALL: Expansion = { base: 'all', flipped: new Set() };
const NONE: Expansion = { base: 'none', flipped: new Set() };

function treeOf(paths: readonly string[], sizes: readonly number[] = paths.map(() => 1)) {
  const sorted = paths.toSorted((a, b) => comparePaths(a as TreePath, b as TreePath));
  const pathOf = (change: number): TreePath => sorted[change] as TreePath;
  const list = Uint32Array.from(sorted, (_, i) => i);
  const bySorted = sorted.map((path) => sizes[paths.indexOf(path)]!);
  return { tree: buildTree(list, pathOf, Float64Array.from(bySorted)), pathOf, sorted };
}

function draw(
  tree: FileTree,
  pathOf: (change: number) => TreePath,
  expansion = ALL,
): readonly string[] {
  return [...visibleNodes(tree, expansion, pathOf)].map((node) => {
    const mark = tree.change[node]! < 0 ? '' : '*';
    const slash = isDirectoryNode(tree, node) ? '/' : '';
    return `${'  '.repeat(tree.depth[node]!)}${nodeLabel(tree, node, pathOf)}${slash}${mark} ${tree.changes[node]}`;
  });
}

test('directories hold what is below them, and chains of them share a row', () => {
  const { tree, pathOf } = treeOf([
    'etc',
    'etc/a',
    'etc2',
    'usr/share/doc/x/copyright',
    'usr/share/doc/y',
    'var/b',
  ]);
  assert.deepEqual(draw(tree, pathOf), [
    'etc/* 2',
    '  a* 1',
    'etc2* 1',
    'usr/share/doc/ 2',
    '  x/ 1',
    '    copyright* 1',
    '  y* 1',
    'var/ 1',
    '  b* 1',
  ]);
});

test('by size the larger of two siblings comes first, directories with all that is in them', () => {
  const { tree, pathOf } = treeOf(['a/small', 'b/x', 'b/y', 'c'], [1, 3, 4, 5]);
  assert.deepEqual(draw(treeBySize(tree), pathOf), [
    'b/ 2',
    '  y* 1',
    '  x* 1',
    'c* 1',
    'a/ 1',
    '  small* 1',
  ]);
});

test('the root itself is a row, not the parent of all', () => {
  const { tree, pathOf } = treeOf(['', 'a']);
  assert.deepEqual(draw(tree, pathOf), ['* 1', 'a* 1']);
});

test('a collapsed directory hides what is in it, and a match inside opens the way to it', () => {
  const { tree, pathOf } = treeOf(['a/b/c', 'a/b/d', 'a/e', 'f']);
  assert.deepEqual(draw(tree, pathOf, NONE), ['a/ 3', 'f* 1']);
  const inside = tree.change.indexOf(0);
  assert.deepEqual(draw(tree, pathOf, reveal(tree, inside, NONE, pathOf)), [
    'a/ 3',
    '  b/ 2',
    '    c* 1',
    '    d* 1',
    '  e* 1',
    'f* 1',
  ]);
  const closed = setExpanded(tree, 0, false, AUTO_EXPANSION, pathOf);
  assert.deepEqual(draw(tree, pathOf, closed), ['a/ 3', 'f* 1']);
});

test('any set of paths gives a tree that shows each of them once, in either order', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'a.b', 'c-', '\xff'), { maxLength: 5 })
    .map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 40 }), (paths) => {
      const { tree, pathOf, sorted } = treeOf(
        paths,
        paths.map((_, i) => (i * 7) % 11),
      );
      for (const arranged of [tree, treeBySize(tree)]) {
        const shown = [...visibleNodes(arranged, ALL, pathOf)];
        assert.equal(shown.length, arranged.count);
        const changes = shown.map((node) => arranged.change[node]!).filter((change) => change >= 0);
        assert.deepEqual(
          changes.toSorted((a, b) => a - b),
          sorted.map((_, i) => i),
        );
        for (const node of shown) {
          const change = arranged.change[node]!;
          if (change >= 0) assert.equal(nodePath(arranged, node, pathOf), sorted[change]);
          const parent = arranged.parent[node]!;
          assert.ok(parent < node);
          if (parent >= 0) assert.ok(arranged.end[node]! <= arranged.end[parent]!);
        }
      }
      assert.deepEqual(
        [...tree.change].filter((change) => change >= 0),
        sorted.map((_, i) => i),
      );
    }),
  );
});
