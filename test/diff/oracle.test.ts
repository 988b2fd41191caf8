import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { comparePaths, parentPath, type TreePath } from '../../src/core/path.js';
import { ATTRIBUTES, type Attribute } from '../../src/core/report.js';
import { changedPaths, diffTrees } from '../helpers/diff-trees.js';
import { MTIME_NS, type Node, type Tree } from '../helpers/memory-tree.js';

test('random pairs of trees differ exactly where a path-by-path comparison says', async () => {
  await fc.assert(
    fc.asyncProperty(
      tree(),
      tree(),
      fc.boolean(),
      fc.boolean(),
      async (before, after, scoped, apart) => {
        const report = await diffTrees(before, after, {
          before: { withoutFullDigests: apart },
          after: { scope: scoped ? 'memory' : 'other', withoutFullDigests: apart },
        });
        const expected = oracle(before, after);
        assert.deepEqual(changedPaths(report), expected);
        assert.deepEqual(
          report.changes.map(({ path }) => path),
          report.changes.map(({ path }) => path).toSorted(comparePaths),
        );
        const kinds = Object.values(expected);
        const total = new Set([...paths(before), ...paths(after)]).size;
        assert.equal(report.summary.unchanged, total - kinds.length);
        assert.equal(report.verdict, kinds.length === 0 ? 'same' : 'different');
        const counts = new Map<string, number>();
        for (const { finding } of report.changes)
          counts.set(finding, (counts.get(finding) ?? 0) + 1);
        assert.deepEqual(
          new Map(report.findings.map(({ id, count }) => [id, count])),
          new Map(report.findings.map(({ id }) => [id, counts.get(id) ?? 0])),
        );
        assert.equal(counts.size, report.findings.length);
      },
    ),
    { numRuns: 400 },
  );
});

function tree(): fc.Arbitrary<Tree> {
  const name = fc.constantFrom('a', 'b', 'b.c', 'd\xff');
  const item = fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), node());
  return fc.array(item, { maxLength: 12 }).map((items) => {
    const nodes: Record<string, Node> = {};
    const directories = new Set<string>();
    for (const [names, each] of items) {
      const path = names.join('/');
      const parents = names.slice(0, -1).map((_, i) => names.slice(0, i + 1).join('/'));
      const isBelowLeaf = parents.some(
        (up) => nodes[up] !== undefined && nodes[up].type !== 'directory',
      );
      if (nodes[path] !== undefined || directories.has(path) || isBelowLeaf) continue;
      nodes[path] = each;
      for (const up of parents) directories.add(up);
    }
    return nodes;
  });
}

function node(): fc.Arbitrary<Node> {
  const common = {
    mode: fc.constantFrom(0o644, 0o4755),
    uid: fc.constantFrom(0, 7),
    mtimeNs: fc.constantFrom(MTIME_NS, -1n),
    xattrs: fc.constantFrom(
      [],
      [{ name: 'user.a', value: '\x00' }],
      [{ name: 'user.b', value: '' }],
    ),
  };
  const inode = fc.constantFrom('1', '2', '3');
  return fc.oneof(
    fc.record({
      ...common,
      type: fc.constant('file' as const),
      content: fc.constantFrom('', 'x', 'y'),
      inode,
    }),
    fc.record({
      ...common,
      type: fc.constant('file' as const),
      content: fc.constantFrom('', 'x', 'y'),
    }),
    fc.record({
      ...common,
      type: fc.constant('symlink' as const),
      target: fc.constantFrom('x', '\xff'),
      inode,
    }),
    fc.record({ ...common, type: fc.constant('directory' as const) }),
    fc.record({
      ...common,
      type: fc.constant('char' as const),
      rdev: fc.constantFrom({ major: 1, minor: 3 }, { major: 1, minor: 5 }),
    }),
  );
}

function paths(nodes: Tree): readonly string[] {
  const all = new Set<string>(['']);
  for (const path of Object.keys(nodes))
    for (let up = path as TreePath; up !== ''; up = parentPath(up)) all.add(up);
  return [...all];
}

const DIRECTORY: Node = { type: 'directory' };

/** Slow and simple: every path of both trees, every attribute. */
function oracle(before: Tree, after: Tree): Record<string, string> {
  const [old, now] = [new Set(paths(before)), new Set(paths(after))];
  const [oldLinks, nowLinks] = [linkSets(before), linkSets(after)];
  const differences: [string, string][] = [];
  for (const path of new Set([...old, ...now])) {
    if (!old.has(path)) differences.push([path, 'added']);
    else if (!now.has(path)) differences.push([path, 'removed']);
    else {
      const [a, b] = [before[path] ?? DIRECTORY, after[path] ?? DIRECTORY];
      const told = ATTRIBUTES.filter((attribute) =>
        attribute === 'links'
          ? a.type === b.type && (oldLinks.get(path) ?? '') !== (nowLinks.get(path) ?? '')
          : value(a, attribute) !== value(b, attribute),
      );
      if (told.length > 0) differences.push([path, told.join(' ')]);
    }
  }
  return Object.fromEntries(differences);
}

function value(each: Node, attribute: Attribute): string | null {
  const isFile = each.type === 'file';
  switch (attribute) {
    case 'type':
      return each.type ?? null;
    case 'content':
      return isFile ? `=${each.content ?? ''}` : null;
    case 'size':
      return isFile ? String(each.content?.length ?? 0) : null;
    case 'mode':
      return String(each.mode ?? 0o755);
    case 'uid':
      return String(each.uid ?? 0);
    case 'gid':
      return String(each.gid ?? 0);
    case 'mtime':
      return String(each.mtimeNs ?? MTIME_NS);
    case 'target':
      return each.target ?? null;
    case 'rdev':
      return each.rdev === undefined ? null : JSON.stringify(each.rdev);
    case 'xattr':
      return JSON.stringify(each.xattrs ?? []);
    case 'links':
      return null;
  }
}

/** The names of the set of each path that has more than one, as text. */
function linkSets(nodes: Tree): ReadonlyMap<string, string> {
  const names = new Map<string, string[]>();
  for (const [path, { inode }] of Object.entries(nodes))
    if (inode !== undefined) names.set(inode, [...(names.get(inode) ?? []), path]);
  const sets = [...names.values()].filter((set) => set.length > 1);
  return new Map(sets.flatMap((set) => set.map((path) => [path, JSON.stringify(set.toSorted())])));
}
