import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';

import fc from 'fast-check';

import type { Entry } from '../../src/core/entry.js';
import type { TreePath } from '../../src/core/path.js';
import { openStore } from '../../src/store/index.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { CAPTURE } from '../helpers/memory-tree.js';
import { complete, directory, file, readTree, save, symlink, type Tree } from './sample-build.js';

const EVERY_KIND: Tree = {
  'bin/su': file('su', {
    mode: 0o4755,
    xattrs: [
      { name: 'security.capability', value: '\x01\0\0\x02\0\xff\xfe' },
      { name: 'user.\xff', value: '' },
    ],
  }),
  'dev/console': {
    ...file(''),
    type: 'char',
    rdev: { major: 5, minor: 1 },
    xxh64: null,
    sha256: null,
  },
  'dev/sda': {
    ...file(''),
    type: 'block',
    rdev: { major: 4_294_967_295, minor: 0 },
    xxh64: null,
    sha256: null,
  },
  'run/fifo': { ...file(''), type: 'fifo', xxh64: null, sha256: null },
  'run/socket': { ...file(''), type: 'socket', xxh64: null, sha256: null },
  'etc/link': symlink('../bin/su'),
  'etc/odd-link': symlink('\xff\n/x'),
  'etc/shadow': file('', { coverage: 'unreadable', xxh64: null, sha256: null, size: 800, mode: 0 }),
  'var/log/now': file('', { coverage: 'unstable', xxh64: null, sha256: null, size: 1 }),
  'var/empty': directory({ mode: 0o1777, uid: 4_294_967_294, gid: 65_534 }),
  'root/secret': directory({ coverage: 'unreadable' }),
  proc: directory({ coverage: 'mount-point' }),
  a: file('one', { link: 'a' as TreePath }),
  'b/a': file('one', { link: 'a' as TreePath }),
  big: file('x', { size: Number.MAX_SAFE_INTEGER }),
  'times/zero': file('', { mtimeNs: 0n }),
  'times/before': file('', { mtimeNs: -1n }),
  'times/long-before': file('', { mtimeNs: -2_000_000_000_000_000_001n }),
  'times/last': file('', { mtimeNs: 9_223_372_036_854_775_807n }),
  'names/new\nline': file('1'),
  'names/\x1b[31mred': file('2'),
  'names/-rf': file('3'),
  'names/caf\xc3\xa9': file('4'),
  'names/\xff\xfe': file('5'),
  'names/\xfe\xff': file('6'),
  'names/\xef\xbb\xbfbom': file('7'),
  'names/"quoted\\': file('8'),
  [`names/${'x'.repeat(255)}`]: file('9'),
  'names/\xc3\xa9/below': file('10'),
  'names/\xe9/below': file('11'),
};

for (const where of ['file', 'memory'] as const)
  test(`every kind of entry and any name comes back from a store in ${where}`, async (t) => {
    const location = where === 'memory' ? ':memory:' : join(tempFolder(t), 's.db');
    const store = await openStore(location, { mode: 'write' });
    const artifact = await save(store, 'one', EVERY_KIND);
    assert.deepEqual(await readTree(store, 'one'), complete(EVERY_KIND));
    const { build } = await store.read('one');
    assert.deepEqual(build.artifacts[0], artifact);
    await store.close();
  });

test('a build comes back with all that describes it', async () => {
  const store = await openStore(':memory:', { mode: 'write' });
  const packages = [
    { manager: 'dpkg', name: 'a', version: '1', architecture: 'amd64' },
    { manager: 'dpkg', name: 'b', version: '2:1-3', architecture: 'all' },
  ];
  const edits = [
    {
      rule: 'machine-id',
      ruleVersion: 2,
      path: 'etc/\xff' as TreePath,
      kind: 'truncate',
      reason: 'differs',
      secret: true,
      oldSize: 33,
      newSize: 0,
      oldDigest: null,
      newDigest: Buffer.alloc(32, 1),
      oldMtimeNs: 1_700_000_000_123_456_789n,
      newMtimeNs: null,
    },
  ] as const;
  const diagnostics = [
    { code: 'unreadable', path: 'etc/\xe9' as TreePath, detail: 'EACCES' },
    { code: 'package-database', path: null, detail: 'damaged' },
  ] as const;
  const capture = {
    ...CAPTURE,
    exclusions: [{ pattern: 'var/**', reason: 'state' }],
    mountPoints: ['proc', '\xff', 'caf\xc3\xa9'] as TreePath[],
  };
  const meta = { 'rpm-ostree-inputhash': 'abc', nested: { list: [1, null, 'é'] } };
  await save(store, 'one', EVERY_KIND, {
    capture,
    diagnostics,
    description: { packages, edits, meta },
  });
  const { build } = await store.read('one');
  assert.deepEqual(build.packages, packages);
  assert.deepEqual(build.edits, edits);
  assert.deepEqual(build.meta, meta);
  assert.deepEqual(build.artifacts[0]?.diagnostics, diagnostics);
  assert.deepEqual(build.artifacts[0]?.capture, capture);
  assert.equal(build.facts.hostName, 'builder');
  assert.equal(build.keep, false);
});

const name = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString('latin1').replace(/[\0/]/g, '_'))
  .filter((text) => text !== '.' && text !== '..');
const mtimeNs = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, 1_700_000_000_000_000_000n, 1_700_000_000_000_000_001n),
);
const someEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc
    .tuple(fc.string(), mtimeNs, fc.nat(0o7777))
    .map(([content, time, mode]) => file(content, { mtimeNs: time, mode })),
  fc.tuple(name, mtimeNs).map(([target, time]) => symlink(target, { mtimeNs: time })),
);
const someTree: fc.Arbitrary<Tree> = fc
  .array(fc.tuple(fc.constantFrom('d', 'd/e', 'f\xff', ''), name, someEntry), { maxLength: 30 })
  .map((items) => {
    const tree: Record<string, Entry> = {};
    for (const [folder, last, entry] of items) {
      const path = folder === '' ? `=${last}` : `${folder}/=${last}`;
      tree[path] = entry;
    }
    return tree;
  });

test('any sequence of builds comes back unchanged, whatever they share', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someTree, { minLength: 1, maxLength: 4 }),
      mtimeNs,
      async (trees, time) => {
        const store = await openStore(':memory:', { mode: 'write' });
        const builds: Tree[] = [];
        for (const tree of trees) {
          // Each tree as it is, mixed with the one before, and with other times alone.
          const last = builds.at(-1) ?? {};
          const mixed = { ...last, ...tree };
          const retimed = Object.fromEntries(
            Object.entries(mixed).map(([path, entry], i) => [
              path,
              { ...entry, mtimeNs: i % 3 === 0 ? entry.mtimeNs : time },
            ]),
          );
          builds.push(tree, mixed, retimed);
        }
        for (const [i, tree] of builds.entries()) await save(store, `b${i}`, tree);
        for (const [i, tree] of builds.entries())
          assert.deepEqual(await readTree(store, `b${i}`), complete(tree));
        await store.close();
      },
    ),
    { numRuns: 60 },
  );
});
