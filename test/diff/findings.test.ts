import assert from 'node:assert/strict';
import test from 'node:test';

import type { TreePath } from '../../src/core/path.js';
import type { Classify } from '../../src/core/report.js';
import { groupDirectories } from '../../src/diff/group-directories.js';
import { diffTrees } from '../helpers/diff-trees.js';
import type { Node } from '../helpers/memory-tree.js';

const rows: Classify = (path) =>
  path.startsWith('var/log/')
    ? { row: 'logs', what: 'logs of the installation', remedy: 'empty them', rule: 'logs' }
    : null;

test('thousands of paths whose time alone changed are one finding, directories included', async () => {
  const [before, after]: Record<string, Node>[] = [{}, {}];
  for (let i = 0; i < 300; i++) {
    before![`d${i % 7}/f${i}`] = {};
    after![`d${i % 7}/f${i}`] = { mtimeNs: 5n };
  }
  after!['d0'] = { type: 'directory', mtimeNs: 5n };
  const { findings } = await diffTrees(before!, after!);
  assert.deepEqual(
    findings.map(({ id, count, attributes, kind }) => [id, count, attributes, kind]),
    [['metadata:mtime', 301, ['mtime'], 'metadata']],
  );
});

test('metadata is grouped by the set of attributes that changed, mtime alone at the end', async () => {
  const { findings } = await diffTrees(
    { a: {}, b: {}, c: {}, d: { size: 9_000_000 } },
    {
      a: { mode: 0o600, mtimeNs: 1n },
      b: { mtimeNs: 1n, mode: 0o600 },
      c: { uid: 3 },
      d: { mtimeNs: 1n, size: 9_000_000 },
    },
  );
  assert.deepEqual(
    findings.map(({ id, count }) => [id, count]),
    [
      ['metadata:mode+mtime', 2],
      ['metadata:uid', 1],
      ['metadata:mtime', 1],
    ],
  );
});

test('contents go to their catalogue row, or else to the nearest directory, by cost', async () => {
  const { findings, changes } = await diffTrees(
    {
      'var/log/a': { content: 'a' },
      'var/log/apt/b': { content: 'b' },
      'etc/x': { content: 'x' },
      'etc/y': {},
    },
    {
      'var/log/a': { content: 'A' },
      'var/log/apt/b': { content: 'B' },
      'etc/x': { content: 'XXX' },
      'etc/y': { content: 'y' },
    },
    { classify: rows },
  );
  assert.deepEqual(
    findings.map(({ id, count, sizeBytes, basis }) => [id, count, sizeBytes, basis.kind]),
    [
      ['content:/etc', 2, 4, 'directory'],
      ['content:logs', 2, 2, 'catalogue'],
    ],
  );
  assert.deepEqual(
    changes.map(({ path, finding }) => [path, finding]),
    [
      ['etc/x', 'content:/etc'],
      ['etc/y', 'content:/etc'],
      ['var/log/a', 'content:logs'],
      ['var/log/apt/b', 'content:logs'],
    ],
  );
});

test('content and type come first, then what came and went, links, metadata', async () => {
  const { findings } = await diffTrees(
    {
      big: { content: 'b'.repeat(50) },
      gone: {},
      kind: { type: 'fifo' },
      l1: { inode: 'l' },
      l2: { inode: 'l' },
      m: {},
    },
    {
      big: { content: 'B'.repeat(50) },
      kind: { type: 'socket' },
      l1: {},
      l2: {},
      m: { mode: 0o600 },
      new: { size: 99 },
    },
  );
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['content', 'type', 'added', 'removed', 'links', 'metadata'],
  );
});

test('a tree that was added as a whole is one finding named after its top', async () => {
  const { findings } = await diffTrees(
    { 'usr/lib/keep': {} },
    { 'usr/lib/keep': {}, 'usr/lib/new/a/b': {}, 'usr/lib/new/c/d': {} },
  );
  assert.deepEqual(
    findings.map(({ id, count }) => [id, count]),
    [['added:/usr/lib/new', 5]],
  );
});

test('a path that came is explained by a row only where scrub would take it away', async () => {
  const classify: Classify = (path) => ({
    row: path.endsWith('.log') ? 'logs' : 'archives',
    what: 'x',
    remedy: 'y',
    rule: path.endsWith('.log') ? 'logs' : null,
  });
  const { findings } = await diffTrees({}, { 'a.log': {}, 'b.gz': {} }, { classify });
  assert.deepEqual(findings.map(({ id }) => id).toSorted(), ['added:/', 'added:logs']);
});

test('the caches of one Python installation are one group, and so is each directory of its own', () => {
  const python = ['a/__pycache__', 'b/c/__pycache__', '__pycache__'].map(
    (below) => `usr/lib/python3/dist-packages/${below}`,
  );
  const groups = groupOf([...python, 'var/log', 'var/log/apt', 'etc'], 12);
  assert.deepEqual(
    new Set(python.map((path) => groups[path])),
    new Set(['usr/lib/python3/dist-packages']),
  );
  assert.deepEqual(
    [groups['var/log'], groups['var/log/apt'], groups['etc']],
    ['var/log', 'var/log/apt', 'etc'],
  );
});

test('many directories side by side become one group, and others keep theirs', () => {
  const many = Array.from({ length: 40 }, (_, i) => `usr/share/p${i}/x`);
  const groups = groupOf([...many, 'var/cache/apt', 'etc/ssl'], 12);
  assert.deepEqual(
    new Set(Object.values(groups)),
    new Set(['usr/share', 'var/cache/apt', 'etc/ssl']),
  );
});

test('there are never more groups than the limit, and every group holds its directories', () => {
  const tops = Array.from({ length: 30 }, (_, i) => `top${i}/a/b/c`);
  for (const limit of [1, 4, 12, 100]) {
    const groups = groupOf([...tops, '', 'top1', 'top1/a'], limit);
    assert.ok(new Set(Object.values(groups)).size <= limit);
    for (const [path, group] of Object.entries(groups))
      assert.ok(group === '' || path === group || path.startsWith(`${group}/`));
  }
});

function groupOf(paths: readonly string[], limit: number): Record<string, string> {
  return Object.fromEntries(groupDirectories(paths as readonly TreePath[], limit));
}
