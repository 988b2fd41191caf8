import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync, mkdirSync, linkSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import fc from 'fast-check';

import { crc32c } from '../../../src/formats/crc32c.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { noise } from '../../sources/erofs/varied-tree.js';
import { differences } from '../differences.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const UUID = '-U12345678-1234-5678-9abc-123456789abc';

function smallTree(t: TestContext): string {
  const root = join(tempFolder(t), 'root');
  mkdirSync(join(root, 'folder'), { recursive: true });
  writeFileSync(join(root, 'text'), 'a line of text\n'.repeat(400));
  // Fewer bytes of chance would be taken for a key.
  writeFileSync(join(root, 'noise'), noise(9001, 1));
  writeFileSync(
    join(root, 'folder/mixed'),
    Buffer.concat([noise(6000, 2), Buffer.alloc(9000, 'ab')]),
  );
  writeFileSync(join(root, 'folder/short'), 'short\n');
  linkSync(join(root, 'text'), join(root, 'folder/text'));
  symlinkSync('../text', join(root, 'folder/link'));
  return root;
}

/** Null where this mkfs.erofs does not know the way. */
function imageOf(root: string, ...way: readonly string[]): Uint8Array | null {
  const image = join(dirname(root), 'a.img');
  const args = ['--quiet', UUID, ...way, image, root];
  return spawnSync('mkfs.erofs', args).status === 0 ? Uint8Array.from(readFileSync(image)) : null;
}

const WAYS: readonly (readonly string[])[] = [
  ['-T1600000000'],
  ['-Eforce-inode-extended'],
  ['--chunksize=4096'],
  ['-zlz4hc'],
  ['-zlz4hc', '-C16384', '-Eztailpacking'],
  ['-zlz4', '-Elegacy-compress'],
  ['-zlz4', '-Eall-fragments'],
  ['-zdeflate', '-C65536'],
  ['-zlzma', '-C65536'],
  ['-zzstd', '-C65536'],
];

for (const way of WAYS)
  test(
    `every byte of an image by mkfs.erofs ${way.join(' ')} is in a fact`,
    { skip: needs('mkfs.erofs') },
    async (t) => {
      const bytes = imageOf(smallTree(t), ...way);
      if (bytes === null) {
        t.skip(`this mkfs.erofs does not know ${way.join(' ')}`);
        return;
      }
      const looked = await lookInto('a.img', bytes);
      assert.deepEqual([looked.format, looked.problems], ['erofs', []]);
      assert.equal(looked.facts.at(-1)!.facts.content, null);
      await proveEveryByte('a.img', bytes, 400);
      await proveTruncation('a.img', bytes, 40);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
          async (changes) => {
            const changed = Uint8Array.from(bytes);
            for (const [at, value] of changes) changed[at] = value;
            assert.ok((await lookInto('a.img', changed)).facts.length > 0);
          },
        ),
        { numRuns: 40 },
      );
    },
  );

test(
  'two images of one tree differ in uuid and build time, and in nothing else that does not follow',
  { skip: needs('mkfs.erofs') },
  async (t) => {
    const root = smallTree(t);
    const before = imageOf(root, '-Eforce-inode-extended')!;
    const after = Buffer.from(before);
    after.write('ffffffffffffffffffffffffffffffff', 1072, 'hex');
    after.writeBigUInt64LE(after.readBigUInt64LE(1048) + 5n, 1048);
    after.writeUInt32LE(0, 1028);
    after.writeUInt32LE(crc32c(after.subarray(1024, 4096)), 1028);
    const found = await differences('a.img', before, after);
    assert.deepEqual(found.toSorted(), ['build_time time', 'uuid random']);
  },
);

test(
  'what differs in an inode or a content is told below its path',
  { skip: needs('mkfs.erofs', 'touch') },
  async (t) => {
    const root = smallTree(t);
    const way = ['-Eforce-inode-extended', '-zlz4hc'];
    const before = imageOf(root, ...way)!;
    spawnSync('touch', ['-d', '@1500000000.5', join(root, 'folder/short')]);
    const touched = imageOf(root, ...way)!;
    touched.set(before.subarray(1024, 1152), 1024);
    assert.deepEqual(await differences('a.img', before, touched), ['folder/short!i_mtime time']);
    writeFileSync(join(root, 'folder/short'), 'other\n');
    spawnSync('touch', ['-d', '@1500000000.5', join(root, 'folder/short')]);
    const written = imageOf(root, ...way)!;
    written.set(before.subarray(1024, 1152), 1024);
    const found = await differences('a.img', touched, written);
    assert.ok(found.length > 0 && found.every((each) => each.startsWith('folder/short!')));
  },
);

test(
  'the same files in other clusters have the same contents and another compression',
  { skip: needs('mkfs.erofs') },
  async (t) => {
    const root = smallTree(t);
    const found = await differences(
      'a.img',
      imageOf(root, '-zlz4hc,12')!,
      imageOf(root, '-zlz4hc,12', '-C65536')!,
    );
    assert.ok(found.includes('folder/mixed!compression codec'));
    assert.deepEqual(
      found.filter((each) => / (?:text|opaque|mode|owner)$/.test(each)),
      [],
    );
  },
);
