import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { directory } from '../../../src/sources/directory/index.js';
import { erofs } from '../../../src/sources/erofs/index.js';
import { needs, needsRoot } from '../../helpers/oracle.js';
import { carriedBy, contractTree, manifestOf, run } from '../contract.js';
import { variedTree } from './varied-tree.js';

/** Ways in which mkfs.erofs 1.5 stores things. */
const WAYS: readonly (readonly string[])[] = [
  [],
  ['-Eforce-inode-extended'],
  ['-Enoinline_data'],
  ['--chunksize=4096'],
  ['--chunksize=16384', '-Eforce-inode-blockmap'],
  ['-x1'],
  ['-zlz4'],
  ['-zlz4hc,12'],
  ['-zlz4hc', '-C65536'],
  ['-zlz4hc', '-C1048576'],
  ['-zlz4', '-Eztailpacking'],
  ['-zlz4hc', '-C65536', '-Eztailpacking'],
  ['-zlz4', '-Elegacy-compress'],
  ['-zlz4hc', '--max-extent-bytes=8192'],
];

for (const way of WAYS)
  test(
    `the same tree through mkfs.erofs ${way.join(' ')} gives the same manifest`,
    { skip: needs('mkfs.erofs', 'setfattr', 'mkfifo', 'touch') },
    async (t) => {
      const root = contractTree(t);
      variedTree(root);
      const image = join(dirname(root), 'a.erofs');
      run('mkfs.erofs', '--quiet', ...way, image, root);
      assert.ok(erofs.claims(image));
      const expected = await manifestOf(directory.open(root));
      const actual = await manifestOf(erofs.open(image));
      const captures = [expected.capture, actual.capture];
      assert.deepEqual(actual.diagnostics, []);
      assert.deepEqual(carriedBy(actual, captures), carriedBy(expected, captures));
    },
  );

test(
  'an image with one time for all has it, and everything belongs to root',
  { skip: needs('mkfs.erofs', 'setfattr', 'mkfifo', 'touch') || needsRoot() },
  async (t) => {
    const root = contractTree(t);
    const image = join(dirname(root), 'a.erofs');
    run('mkfs.erofs', '--quiet', '-T1600000000', '--all-root', image, root);
    const { entries } = await manifestOf(erofs.open(image));
    const times = new Set([...entries.values()].map(({ mtimeNs }) => mtimeNs));
    const owners = new Set([...entries.values()].map(({ uid, gid }) => `${uid}:${gid}`));
    assert.deepEqual([[...times], [...owners]], [[1_600_000_000_000_000_000n], ['0:0']]);
  },
);

test(
  'contents on another device are unreadable, and the rest is told',
  { skip: needs('mkfs.erofs') },
  async (t) => {
    const root = contractTree(t, { special: false });
    const image = join(dirname(root), 'a.erofs');
    const blob = join(dirname(root), 'blob');
    run('mkfs.erofs', '--quiet', '--chunksize=4096', `--blobdev=${blob}`, image, root);
    const { entries, diagnostics } = await manifestOf(erofs.open(image));
    assert.equal(entries.get('large')?.sha256, null);
    assert.equal(entries.get('large')?.size, 3 * 1024 * 1024 + 7);
    assert.equal(entries.get('folder/link')?.target, '../plain');
    const found = diagnostics.find(({ path }) => path === 'plain');
    assert.equal(found?.code, 'unreadable');
  },
);

test(
  'what fsck.erofs extracts is what the source reads',
  { skip: needs('mkfs.erofs', 'fsck.erofs') },
  async (t) => {
    const root = contractTree(t);
    variedTree(root);
    const image = join(dirname(root), 'a.erofs');
    const out = join(dirname(root), 'out');
    run('mkfs.erofs', '--quiet', '-zlz4hc', '-C16384', '-Eztailpacking', image, root);
    run('fsck.erofs', `--extract=${out}`, image);
    const [expected, actual] = [
      await manifestOf(directory.open(out)),
      await manifestOf(erofs.open(image)),
    ];
    const contents = ({ entries }: typeof actual): unknown =>
      Object.fromEntries(
        [...entries].map(([path, { type, size, sha256, target }]) => [
          path,
          `${type} ${size} ${sha256} ${target}`,
        ]),
      );
    assert.deepEqual(contents(actual), contents(expected));
  },
);
