import assert from 'node:assert/strict';
import test from 'node:test';

import type { TreePath } from '../../src/core/path.js';
import { changedPaths, diffTrees } from '../helpers/diff-trees.js';
import { MTIME_NS, type Node, type Tree } from '../helpers/memory-tree.js';

const path = (text: string): TreePath => text as TreePath;

test('equal trees are the same and every path is unchanged', async () => {
  const tree: Tree = { 'a/b': { content: 'x' }, c: { type: 'symlink', target: 'a/b' } };
  const report = await diffTrees(tree, tree, { after: { scope: 'elsewhere' } });
  assert.equal(report.verdict, 'same');
  assert.equal(report.complete, true);
  assert.equal(report.contentBy, 'sha256');
  assert.deepEqual(report.summary, { added: 0, removed: 0, changed: 0, unchanged: 4 });
  assert.deepEqual(report.findings, []);
});

// Peers' defects 1, 3 and 14: each attribute, flipped alone, is a difference.
const FLIPS: Readonly<Record<string, readonly [Node, Node]>> = {
  type: [{ type: 'fifo' }, { type: 'socket' }],
  content: [{ content: 'x' }, { content: 'y' }],
  'content size': [{ content: 'x' }, { content: 'xx' }],
  mode: [{ mode: 0o644 }, { mode: 0o4644 }],
  uid: [{ uid: 0 }, { uid: 4_000_000_000 }],
  gid: [{ gid: 0 }, { gid: 1 }],
  mtime: [{ mtimeNs: 5n }, { mtimeNs: 6n }],
  target: [
    { type: 'symlink', target: 'a' },
    { type: 'symlink', target: 'b' },
  ],
  rdev: [
    { type: 'char', rdev: { major: 1, minor: 3 } },
    { type: 'char', rdev: { major: 1, minor: 5 } },
  ],
  xattr: [
    { xattrs: [{ name: 'user.b', value: '\x00\xff' }] },
    { xattrs: [{ name: 'user.b', value: '\x00\xfe' }] },
  ],
};

for (const [attributes, [before, after]] of Object.entries(FLIPS))
  for (const place of ['d/e/f', 'f'])
    test(`${attributes} flipped alone at ${place} is found, and nothing else`, async () => {
      const around: Tree = { 'd/e/other': { content: 'o' }, z: {} };
      for (const sides of [{}, { after: { scope: 'b', withoutFullDigests: true } }]) {
        const report = await diffTrees(
          { ...around, [place]: before },
          { ...around, [place]: after },
          sides,
        );
        assert.deepEqual(changedPaths(report), { [place]: attributes });
        assert.equal(report.verdict, 'different');
        assert.equal(report.findings.length, 1);
      }
    });

test('the root is an entry like any other', async () => {
  const report = await diffTrees({ '': { mode: 0o755 } }, { '': { mode: 0o700 } });
  assert.deepEqual(changedPaths(report), { '': 'mode' });
});

test('an attribute that appears has no value before', async () => {
  const report = await diffTrees({ f: {} }, { f: { xattrs: [{ name: 'user.x', value: '' }] } });
  assert.deepEqual(report.changes[0]?.attributes, [
    { attribute: 'xattr', name: 'user.x', before: null, after: '' },
  ]);
});

test('values are told as people write them', async () => {
  const report = await diffTrees(
    { f: { content: 'x', mode: 0o644, mtimeNs: -1n } },
    { f: { content: 'y', mode: 0o4755, mtimeNs: MTIME_NS + 6n } },
  );
  const told = Object.fromEntries(
    report.changes[0]!.attributes.map(({ attribute, before, after }) => [
      attribute,
      [before, after],
    ]),
  );
  assert.deepEqual(told['mode'], ['0644', '4755']);
  assert.deepEqual(told['mtime'], [
    '1969-12-31T23:59:59.999999999Z',
    '2020-01-01T00:00:00.000000006Z',
  ]);
  assert.deepEqual(told['content'], [`78${'00'.repeat(31)}`, `79${'00'.repeat(31)}`]);
});

test('a whole added or removed subtree lists all its paths, in tree order', async () => {
  const report = await diffTrees(
    { 'd/x/y': {}, 'd/x/z': {}, keep: {} },
    { 'd.b': {}, keep: {}, 'n/m/o': {} },
  );
  assert.deepEqual(Object.entries(changedPaths(report)), [
    ['d', 'removed'],
    ['d/x', 'removed'],
    ['d/x/y', 'removed'],
    ['d/x/z', 'removed'],
    ['d.b', 'added'],
    ['n', 'added'],
    ['n/m', 'added'],
    ['n/m/o', 'added'],
  ]);
  assert.deepEqual(report.summary, { added: 4, removed: 4, changed: 0, unchanged: 2 });
});

test('a directory that became a file lost what it held', async () => {
  const report = await diffTrees({ 'd/x': {} }, { d: { content: 'now a file' } });
  assert.equal(changedPaths(report)['d/x'], 'removed');
  assert.match(changedPaths(report)['d']!, /^type /);
  assert.deepEqual(report.findings.map(({ kind }) => kind).toSorted(), ['removed', 'type']);
});

test('only the listings of directories that differ are read', async () => {
  const { diffBuilds } = await import('../../src/diff/diff-builds.js');
  const { buildReader, memoryReader } = await import('../helpers/memory-tree.js');
  const tree: Record<string, Node> = {};
  for (let i = 0; i < 50; i++) tree[`d${i}/e/f`] = { content: 'same' };
  const [before, after] = [
    memoryReader(tree),
    memoryReader({ ...tree, 'd7/e/f': { content: 'else' } }, { scope: 'b' }),
  ];
  const side = (reader: typeof before, name: string) => ({
    reader: buildReader(name, reader),
    location: 'memory.db',
  });
  const report = await diffBuilds(side(before, 'a'), side(after, 'b'), { classify: () => null });
  assert.deepEqual(changedPaths(report), { 'd7/e/f': 'content' });
  assert.deepEqual([before.listings.count, after.listings.count], [3, 3]);
});

test('a file that could not be read is neither the same nor changed', async () => {
  const unreadable: Node = { coverage: 'unreadable', size: 3 };
  const diagnostics = [{ code: 'unreadable' as const, path: path('d/f'), detail: 'EACCES' }];
  const oneSide = await diffTrees(
    { 'd/f': unreadable },
    { 'd/f': { content: 'abc' } },
    { before: { diagnostics } },
  );
  const bothSides = await diffTrees(
    { 'd/f': unreadable },
    { 'd/f': unreadable },
    { before: { diagnostics }, after: { diagnostics } },
  );
  for (const report of [oneSide, bothSides]) {
    assert.deepEqual(report.changes, []);
    assert.equal(report.verdict, 'incomplete');
    assert.equal(report.complete, false);
    assert.deepEqual(report.summary, { added: 0, removed: 0, changed: 0, unchanged: 2 });
    assert.deepEqual(
      report.notCompared.map(({ path: p, what, declared }) => [p, what, declared]),
      [['d/f', 'content', false]],
    );
  }
  assert.deepEqual(oneSide.notCompared[0]?.side, 'before');
  assert.deepEqual(bothSides.notCompared[0]?.side, 'both');
});

test('an unreadable file whose diagnostic was lost is still a gap, and its mode is compared', async () => {
  const report = await diffTrees(
    { f: { coverage: 'unstable', mode: 0o600 } },
    { f: { content: 'abc', mode: 0o644 } },
  );
  assert.deepEqual(changedPaths(report), { f: 'mode' });
  assert.equal(report.verdict, 'different');
  assert.equal(report.complete, false);
  assert.equal(report.notCompared[0]?.what, 'content');
});

test('what vanished during the scan is not called added or removed', async () => {
  const diagnostics = [{ code: 'vanished' as const, path: path('f'), detail: 'ENOENT' }];
  for (const sides of [{ before: { diagnostics } }, { after: { diagnostics } }]) {
    const has: Tree = { f: {}, g: {} };
    const lacks: Tree = { g: {} };
    const report =
      'before' in sides ? await diffTrees(lacks, has, sides) : await diffTrees(has, lacks, sides);
    assert.deepEqual(report.changes, []);
    assert.equal(report.verdict, 'incomplete');
    assert.equal(report.summary.unchanged, 2);
    assert.equal(report.notCompared[0]?.what, 'existence');
  }
});

test('a directory without a listing on one side hides what the other side holds there', async () => {
  const diagnostics = [{ code: 'unreadable' as const, path: path('d'), detail: 'EACCES' }];
  const variants: readonly Tree[] = [
    { d: { type: 'directory', coverage: 'unreadable' } },
    { d: { type: 'directory' } },
  ];
  for (const unlisted of variants) {
    const report = await diffTrees({ 'd/x/y': {} }, unlisted, { after: { diagnostics } });
    assert.deepEqual(report.changes, []);
    assert.deepEqual(
      report.notCompared.map(({ path: p, what, side }) => [p, what, side]),
      [['d', 'listing', 'after']],
    );
    assert.equal(report.summary.unchanged, 1);
  }
});

test('a mount point is declared, and what another file system covers is not removed', async () => {
  const report = await diffTrees(
    { 'proc/1': {}, proc: { type: 'directory', mode: 0o755 } },
    { proc: { type: 'directory', coverage: 'mount-point', mode: 0, mtimeNs: 0n } },
    { after: { capture: { mountPoints: [path('proc')] } } },
  );
  assert.deepEqual(report.changes, []);
  assert.equal(report.verdict, 'same');
  assert.equal(report.summary.unchanged, 1);
  assert.deepEqual(
    report.notCompared.map(({ path: p, what, declared }) => [p, what, declared]),
    [['proc', 'everything', true]],
  );
});

// Peers' defects 6 and 15.
test('an exclusion of /d/* on one side hides d/x and neither d2/x nor d', async () => {
  const exclusions = [{ pattern: 'd/*', reason: 'logs' }];
  const report = await diffTrees(
    { 'd/x/deep': {}, 'd2/x': {} },
    { d: { type: 'directory', mode: 0o700 } },
    { after: { capture: { exclusions } } },
  );
  assert.deepEqual(changedPaths(report), { d: 'mode', d2: 'removed', 'd2/x': 'removed' });
  assert.deepEqual(
    report.notCompared.map(({ pattern, side, declared }) => [pattern, side, declared]),
    [['d/*', 'after', true]],
  );
  assert.deepEqual(report.summary, { added: 0, removed: 2, changed: 1, unchanged: 1 });
});

test('what one side did not record is declared, not compared, and the rest is', async () => {
  const full: Node = {
    content: 'x',
    uid: 1,
    xattrs: [{ name: 'user.a', value: '1' }],
    mode: 0o600,
  };
  const poor: Node = { content: 'x', mtimeNs: 0n, mode: 0o644 };
  const report = await diffTrees(
    { f: full },
    { f: poor },
    {
      after: {
        capture: {
          digests: ['xxh64'],
          xattrs: 'none',
          mtime: false,
          ownership: false,
          hardLinks: false,
        },
      },
    },
  );
  assert.deepEqual(changedPaths(report), { f: 'mode' });
  assert.equal(report.contentBy, 'xxh64');
  assert.equal(report.complete, true);
  assert.deepEqual(
    report.notCompared.map(({ what, side }) => [what, side]),
    [
      ['xattr', 'after'],
      ['mtime', 'after'],
      ['owner', 'after'],
      ['links', 'after'],
    ],
  );
});

test('without a digest in common only sizes tell contents apart, and the report says so', async () => {
  const report = await diffTrees(
    { f: { content: 'aa' }, g: { content: 'a' } },
    { f: { content: 'bb' }, g: { content: 'bb' } },
    { before: { capture: { digests: ['xxh64'] } }, after: { capture: { digests: ['sha256'] } } },
  );
  assert.deepEqual(changedPaths(report), { g: 'size' });
  assert.equal(report.findings[0]?.kind, 'content');
  assert.equal(report.contentBy, null);
  assert.deepEqual(
    report.notCompared.map(({ what }) => what),
    ['content'],
  );
});

test('equal sizes without a digest in common are never called the same', async () => {
  const tree: Tree = { f: { content: 'x' } };
  const report = await diffTrees(tree, tree, {
    before: { capture: { digests: ['xxh64'] } },
    after: { capture: { digests: ['sha256'] } },
  });
  assert.deepEqual(report.changes, []);
  assert.equal(report.verdict, 'incomplete');
});

test('trusted xattrs are left out where one side could not see them', async () => {
  const report = await diffTrees(
    {
      f: {
        xattrs: [
          { name: 'trusted.x', value: '1' },
          { name: 'user.x', value: '1' },
        ],
      },
    },
    { f: { xattrs: [{ name: 'user.x', value: '2' }] } },
    { after: { capture: { xattrs: 'unprivileged' } } },
  );
  assert.deepEqual(
    report.changes[0]?.attributes.map(({ name }) => name),
    ['user.x'],
  );
  assert.equal(report.notCompared[0]?.what, 'xattr:trusted');
});

test('a damaged package database makes the verdict incomplete and leaves its file compared', async () => {
  const diagnostics = [
    { code: 'package-database' as const, path: path('var/lib/dpkg/status'), detail: 'bad' },
  ];
  const tree: Tree = { 'var/lib/dpkg/status': { content: 'x' } };
  const report = await diffTrees(tree, tree, { before: { diagnostics } });
  assert.equal(report.verdict, 'incomplete');
  assert.equal(report.notCompared[0]?.what, 'packages');
  assert.equal(report.summary.unchanged, 5);
  assert.equal(report.diagnostics[0]?.side, 'before');
});
