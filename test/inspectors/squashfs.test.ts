import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import fc from 'fast-check';

import { squashfsSample, type SquashfsOptions } from '../formats/build-squashfs.js';
import { needs } from '../helpers/oracle.js';
import { contractTree, runIn } from '../sources/contract.js';
import { differences } from './differences.js';
import { comparable, lookInto, proveEveryByte, proveTruncation } from './prove.js';

test('fields of the superblock, of an inode and of the compressor are told by their names', async () => {
  const before = squashfsSample();
  const told = async (after: Uint8Array): Promise<readonly string[]> =>
    differences('a.img', before, after);
  assert.deepEqual(await told(squashfsSample({ mkfsTime: 1_767_229_999 })), ['mkfs_time time']);
  assert.deepEqual(await told(squashfsSample({ mtime: 1_767_229_999 })), ['small!mtime time']);
  assert.deepEqual(await told(squashfsSample({ level: 1 })), ['compression_level codec']);
});

test('bytes behind the file system and in no block are told', async () => {
  const before = squashfsSample();
  const padded = Uint8Array.from(before);
  padded[before.length - 1] = 1;
  assert.deepEqual(await differences('a.img', before, padded), ['padding slack']);
  assert.deepEqual(await differences('a.img', before, before.subarray(0, before.length - 1)), [
    'padded_to slack',
  ]);
});

test('inodes and listings with random damage give facts, and are told', async () => {
  const whole = comparable(await lookInto('a.img', squashfsSample()));
  const change = fc.tuple(fc.boolean(), fc.nat(399), fc.integer({ min: 1, max: 255 }));
  await fc.assert(
    fc.asyncProperty(change, async ([isInode, at, mask]) => {
      const spoil: SquashfsOptions['spoil'] = ({ inodes, listings }) => {
        const part = isInode ? inodes : listings;
        part[at % part.length]! ^= mask;
      };
      assert.notEqual(comparable(await lookInto('a.img', squashfsSample({ spoil }))), whole);
    }),
    { numRuns: 200 },
  );
});

test('bytes of a fragment that belong to no file are told', async () => {
  const shorter: SquashfsOptions['spoil'] = ({ inodes, places }) =>
    void inodes.writeUInt32LE(13, places.small + 28);
  const { facts } = await lookInto('a.img', squashfsSample({ spoil: shorter }));
  const names = facts.at(-1)!.facts.facts.map(({ name }) => name);
  assert.ok(names.includes('unused in fragments'));
});

function imageOf(root: string, name: string, options: string): Uint8Array {
  const image = join(dirname(root), name);
  runIn(root, `rm -f "$1"; mksquashfs . "$1" -no-progress -quiet ${options} >/dev/null`, image);
  return readFileSync(image);
}

/** A small tree with a file of several blocks. */
function smallTree(t: TestContext): string {
  const root = contractTree(t, { special: false });
  runIn(
    root,
    'rm -f large a-large folder/large sparse && head -c 9000 /bin/sh | tail -c +100 >binary',
  );
  return root;
}

for (const options of [
  '-b 4096',
  '-b 4096 -comp xz -Xbcj x86',
  '-b 4096 -comp zstd -no-fragments',
  '-b 4096 -comp lz4 -Xhc',
  '-b 4096 -comp lzo -always-use-fragments',
  '-b 4096 -comp lzma',
  '-noI -noD -noF -noX -nopad',
])
  test(
    `every byte of an image of mksquashfs ${options} is in a fact`,
    { skip: needs('mksquashfs', 'setfattr') },
    async (t) => {
      const bytes = imageOf(smallTree(t), 'a', `-all-root -mkfs-time 1767225700 ${options}`);
      const looked = await lookInto('a.img', bytes);
      assert.deepEqual([looked.format, looked.problems], ['squashfs', []]);
      await proveEveryByte('a.img', bytes, 40);
      await proveTruncation('a.img', bytes, 12);
    },
  );

test(
  'one tree in two images differs in times, and in what was made otherwise',
  { skip: needs('mksquashfs', 'setfattr') },
  async (t) => {
    const root = smallTree(t);
    const plain = imageOf(root, 'a', '-mkfs-time 1767225700');
    const told = async (options: string): Promise<readonly string[]> =>
      differences('a.img', plain, imageOf(root, 'b', options));
    assert.deepEqual(await told('-mkfs-time 1767225700'), []);
    assert.deepEqual(await told('-mkfs-time 1767225701'), ['mkfs_time time']);
    runIn(root, 'touch -h -d @1767229999 binary folder/link');
    assert.deepEqual((await told('-mkfs-time 1767225700')).toSorted(), [
      'binary!mtime time',
      'folder/link!mtime time',
    ]);
  },
);

test(
  'an image in an image is looked into',
  { skip: needs('mksquashfs', 'setfattr') },
  async (t) => {
    const nested = (mtime: number): Uint8Array => {
      const root = contractTree(t, { special: false });
      const inner = join(root, 'inner.img');
      runIn(root, `find . -mindepth 1 -delete && touch -d @${mtime} "$1" .`, join(root, 'file'));
      const bytes = imageOf(root, 'inner', '-mkfs-time 1767225700');
      runIn(root, 'rm file && cp "$1" "$2"', join(dirname(root), 'inner'), inner);
      runIn(root, 'touch -d @1767225700 inner.img .');
      assert.ok(bytes.length > 0);
      return imageOf(root, 'outer', '-mkfs-time 1767225700');
    };
    assert.deepEqual(
      (await differences('a.img', nested(1_767_225_801), nested(1_767_225_802))).toSorted(),
      ['inner.img!.!mtime time', 'inner.img!file!mtime time'],
    );
  },
);
