import assert from 'node:assert/strict';
import test from 'node:test';

import type { TreePath } from '../../src/core/path.js';
import type { Report } from '../../src/core/report.js';
import { diffBuilds } from '../../src/diff/diff-builds.js';
import { changedPaths, diffTrees } from '../helpers/diff-trees.js';
import { buildReader, memoryReader, type Tree } from '../helpers/memory-tree.js';

const linked = (...paths: readonly string[]): Tree =>
  Object.fromEntries(paths.map((path) => [path, { content: 'x', inode: paths[0]! }]));
const alone = (...paths: readonly string[]): Tree =>
  Object.fromEntries(paths.map((path) => [path, { content: 'x' }]));
const linkFindings = (report: Report) => report.findings.filter(({ kind }) => kind === 'links');

// Peers' defect 3.
test('two hard links against two copies is one finding about both names', async () => {
  const report = await diffTrees(linked('a/f', 'b/g'), alone('a/f', 'b/g'));
  assert.deepEqual(changedPaths(report), { 'a/f': 'links', 'b/g': 'links' });
  assert.equal(report.verdict, 'different');
  assert.deepEqual(
    report.findings.map(({ id, kind, count, basis }) => ({ id, kind, count, basis })),
    [
      {
        id: 'links:/a/f',
        kind: 'links',
        count: 2,
        basis: { kind: 'link-set', before: [['a/f', 'b/g']], after: [] },
      },
    ],
  );
  assert.deepEqual(report.changes[0]?.attributes, [
    { attribute: 'links', name: null, before: '/b/g', after: null },
  ]);
});

test('a name that leaves a set changes the set of those that stay, visited or not', async () => {
  const report = await diffTrees(linked('a/f', 'b/g', 'c/h'), {
    ...linked('a/f', 'b/g'),
    ...alone('c/h'),
  });
  assert.deepEqual(changedPaths(report), { 'a/f': 'links', 'b/g': 'links', 'c/h': 'links' });
  assert.equal(linkFindings(report).length, 1);
});

test('a name that joins from a new path changes the set, and the new path is added', async () => {
  const report = await diffTrees(linked('a/f', 'b/g'), linked('a/f', 'b/g', 'z/new'));
  assert.deepEqual(changedPaths(report), {
    'a/f': 'links',
    'b/g': 'links',
    z: 'added',
    'z/new': 'added',
  });
});

test('two sets that swap a name are one finding', async () => {
  const report = await diffTrees(
    { ...linked('a', 'b', 'c'), ...linked('d', 'e') },
    { ...linked('a', 'b'), ...linked('c', 'd', 'e') },
  );
  assert.deepEqual(Object.keys(changedPaths(report)), ['a', 'b', 'c', 'd', 'e']);
  assert.equal(linkFindings(report).length, 1);
});

test('a set that came or went as a whole is no finding of its own', async () => {
  const report = await diffTrees(linked('old/a', 'old/b'), linked('new/a', 'new/b'));
  assert.equal(linkFindings(report).length, 0);
  assert.equal(report.summary.added, 3);
});

test('a set whose first name is out of the comparison has the same names', async () => {
  const exclusions = [{ pattern: 'a/**', reason: 'not shipped' }];
  const report = await diffTrees(
    linked('a/f', 'b/g', 'c/h'),
    { ...linked('b/g', 'c/h'), a: { type: 'directory' } },
    { after: { capture: { exclusions } } },
  );
  assert.deepEqual(changedPaths(report), {});
  assert.equal(report.verdict, 'same');
});

test('one comparable name is no set', async () => {
  const exclusions = [{ pattern: 'a/**', reason: 'not shipped' }];
  const report = await diffTrees(
    linked('a/f', 'b/g'),
    { ...alone('b/g'), a: { type: 'directory' } },
    { after: { capture: { exclusions } } },
  );
  assert.deepEqual(changedPaths(report), {});
});

test('names that look like a list of names are not mistaken for one', async () => {
  const comma = 'b, \xff';
  const report = await diffTrees(
    { ...linked('a', comma), ...alone('b', '\xff') },
    { ...linked('a', 'b', '\xff'), ...alone(comma) },
  );
  assert.deepEqual(Object.keys(changedPaths(report)).toSorted(), ['a', 'b', comma, '\xff']);
});

test('a content change on one name stays with the contents, and the other names are told', async () => {
  const report = await diffTrees(linked('a', 'b'), { a: { content: 'x' }, b: { content: 'y' } });
  assert.deepEqual(changedPaths(report), { a: 'links', b: 'content links' });
  assert.deepEqual(
    report.findings.map(({ kind }) => kind),
    ['content', 'links'],
  );
});

test('links are not compared where a side did not record them', async () => {
  const report = await diffTrees(linked('a', 'b'), alone('a', 'b'), {
    after: { capture: { hardLinks: false } },
  });
  assert.deepEqual(changedPaths(report), {});
  assert.deepEqual(
    report.notCompared.map(({ what, declared }) => [what, declared]),
    [['links', true]],
  );
});

test('a reader that knows the names of a set spares the walk over the tree', async () => {
  const other = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`o${i}/f`, {}]));
  const names = ['a/f', 'b/g', 'c/h'] as TreePath[];
  const before = memoryReader({ ...other, ...linked(...names) });
  const after = memoryReader({ ...other, ...linked('a/f', 'b/g'), ...alone('c/h') });
  const asked: TreePath[] = [];
  const linkSet = (first: TreePath): Promise<readonly TreePath[]> => {
    asked.push(first);
    return Promise.resolve(names);
  };
  const report = await diffBuilds(
    { reader: buildReader('before', { ...before, linkSet }), location: 'memory.db' },
    { reader: buildReader('after', after), location: 'memory.db' },
    { classify: () => null },
  );
  assert.deepEqual(Object.keys(changedPaths(report)), names);
  assert.deepEqual(asked, ['a/f']);
  assert.ok(before.listings.count < 10);
});
