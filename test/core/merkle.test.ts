import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { CaptureSet } from '../../src/core/capture.js';
import type { Entry } from '../../src/core/entry.js';
import { TreeAssembler } from '../../src/core/merkle.js';
import { packDirectory, type PackedDirectory } from '../../src/core/packed-directory.js';
import { ROOT_PATH, type TreePath } from '../../src/core/path.js';

const CAPTURE: CaptureSet = {
  version: 1,
  digests: ['sha256'],
  xattrs: 'all',
  mtime: true,
  ownership: true,
  hardLinks: true,
  exclusions: [],
  mountPoints: [],
};

function entry(name: string, fields: Partial<Entry> = {}): Entry {
  return {
    name,
    type: 'file',
    coverage: 'full',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: 1,
    mtimeNs: 5n,
    target: null,
    rdev: null,
    xattrs: [],
    xxh64: null,
    sha256: new Uint8Array(32),
    link: null,
    ...fields,
  };
}

const directoryEntry = (name: string, fields: Partial<Entry> = {}): Entry =>
  entry(name, { type: 'directory', size: 0, sha256: null, ...fields });
const root = directoryEntry('');
const pack = (
  path: string,
  entries: readonly Entry[],
  inodes: Readonly<Record<string, string>> = {},
): PackedDirectory => packDirectory(path as TreePath, entries, (e) => inodes[e.name] ?? null);

function digests(
  directories: readonly PackedDirectory[],
  capture = CAPTURE,
): { content: string; full: string; order: readonly string[] } {
  const order: string[] = [];
  const assembler = new TreeAssembler<string>(capture, ({ packed }) => {
    order.push(packed.path);
    return packed.path;
  });
  for (const directory of directories) assembler.add(directory);
  const { contentDigest, fullDigest } = assembler.finish(root);
  return {
    content: Buffer.from(contentDigest).toString('hex'),
    full: Buffer.from(fullDigest).toString('hex'),
    order,
  };
}

const tree = (leaf: Entry): readonly PackedDirectory[] => [
  pack('', [directoryEntry('a'), entry('z')]),
  pack('a', [directoryEntry('b'), leaf]),
  pack('a/b', [entry('deep')]),
];

test('the order in which directories arrive changes neither digest, and children are put before their parents', () => {
  const expected = digests(tree(entry('leaf')));
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (order) => {
      const result = digests(order.map((i) => tree(entry('leaf'))[i]!));
      assert.equal(result.full, expected.full);
      assert.ok(result.order.indexOf('a/b') < result.order.indexOf('a'));
    }),
  );
});

const FLIPS: Readonly<Record<string, Partial<Entry>>> = {
  mode: { mode: 0o600 },
  uid: { uid: 1 },
  gid: { gid: 1 },
  size: { size: 2 },
  sha256: { sha256: new Uint8Array(32).fill(1) },
  xattr: { xattrs: [{ name: 'user.x', value: '\0\xff' }] },
  coverage: { coverage: 'unreadable', sha256: null },
  type: { type: 'fifo', size: 0, sha256: null },
};
for (const [what, fields] of Object.entries(FLIPS)) {
  test(`a change of ${what} alone changes the content digest`, () => {
    assert.notEqual(
      digests(tree(entry('leaf'))).content,
      digests(tree(entry('leaf', fields))).content,
    );
  });
}

test('a change of a time changes the full digest alone', () => {
  const [a, b] = [digests(tree(entry('leaf'))), digests(tree(entry('leaf', { mtimeNs: 6n })))];
  assert.equal(a.content, b.content);
  assert.notEqual(a.full, b.full);
});

test('two names of one inode and two copies have different content digests', () => {
  const directories = (inodes: Readonly<Record<string, string>>): readonly PackedDirectory[] => [
    pack('', [entry('x'), entry('y')], inodes),
  ];
  assert.notEqual(
    digests(directories({ x: '1', y: '1' })).content,
    digests(directories({ x: '1', y: '2' })).content,
  );
  assert.equal(digests(directories({ x: '1', y: '2' })).content, digests(directories({})).content);
});

test('inode numbers themselves change nothing', () => {
  const directories = (a: string, b: string): readonly PackedDirectory[] => [
    pack('', [directoryEntry('d'), entry('x')], { x: a }),
    pack('d', [entry('y'), entry('w')], { y: a, w: b }),
  ];
  assert.equal(digests(directories('1', '2')).full, digests(directories('8', '9')).full);
});

test('another capture set gives other digests', () => {
  assert.notEqual(
    digests(tree(entry('leaf'))).content,
    digests(tree(entry('leaf')), { ...CAPTURE, xattrs: 'none' }).content,
  );
});

test('a directory that never comes is an error, not a shorter tree', () => {
  const assembler = new TreeAssembler<null>(CAPTURE, () => null);
  assembler.add(pack('', [directoryEntry('a')]));
  assert.throws(() => assembler.finish(root));
  assert.equal(ROOT_PATH, '');
});
