import assert from 'node:assert/strict';
import { test } from 'node:test';

import { cpioArchive, type CpioDialectName, type CpioFields } from '../../formats/build-cpio.js';
import { gzipMember } from '../../formats/build-gzip.js';
import { compress, TOOLS } from '../../formats/codec/samples.js';
import { needs } from '../../helpers/oracle.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';
import { differing, lines, top } from '../show-facts.js';

const NAME = 'etc/os-release';
const IMAGE = 'boot/initrd.img';

function archive(fields: CpioFields = {}, dialect: CpioDialectName = 'newc'): Buffer {
  return cpioArchive(dialect, [
    { name: 'etc', mode: 0o40755, ino: 7, nlink: 2 },
    { name: NAME, data: 'ID=x\n', mtime: 5, ino: 8, ...fields },
    { name: 'link', mode: 0o120777, data: NAME },
  ]);
}

async function facts(bytes: Uint8Array, name = IMAGE) {
  const looked = await lookInto(name, bytes);
  assert.equal(looked.format, 'initramfs');
  assert.deepEqual(looked.problems, []);
  return top(looked);
}

for (const [planted, after, column] of [
  ['time', { mtime: 6 }, 'mtime'],
  ['inode number', { ino: 9 }, 'ino'],
  ['link count', { nlink: 2 }, 'nlink'],
  ['owner', { uid: 1000 }, 'uid'],
  ['group', { gid: 1000 }, 'gid'],
  ['mode', { mode: 0o100600 }, 'mode'],
  ['device', { devmajor: 254 }, 'dev'],
  ['device that it is', { rdevmajor: 8 }, 'rdev'],
  ['sum', { check: 3 }, 'wrong check'],
  ['padding', { padding: 1 }, 'padding'],
] as const satisfies readonly (readonly [string, CpioFields, string])[]) {
  test(`a cpio member that differs in its ${planted} gives that fact alone`, async () => {
    const found = differing(await facts(archive()), await facts(archive(after)));
    assert.deepEqual(found, [`/${NAME}/${column}`]);
  });
  test(`so it does in the compressed main archive of an image, behind an early one: ${planted}`, async () => {
    const image = (main: Buffer): Buffer =>
      Buffer.concat([
        archive({ name: 'kernel/x86/microcode' }),
        Buffer.alloc(432),
        gzipMember(main),
      ]);
    const found = differing(await facts(image(archive())), await facts(image(archive(after))));
    assert.deepEqual(
      found.filter((name) => !/\/(CRC32|data)$/.test(name)),
      [`/${NAME}/${column}`],
    );
  });
}

test('a field of the compressor of an image is told with its segment', async () => {
  const image = (mtime: number): Buffer =>
    Buffer.concat([
      archive(),
      gzipMember(archive(), { mtime }),
      Buffer.alloc(512),
      gzipMember(archive()),
    ]);
  const before = await facts(image(1));
  assert.deepEqual(differing(before, await facts(image(2))), ['gzip members/2/MTIME']);
  const segments = before.tables.find(({ name }) => name === 'segments')!;
  assert.deepEqual(
    segments.rows.map(({ key, values }) => [key, values[0]]),
    [
      ['1', 'none'],
      ['2', 'gzip'],
      ['3', 'gzip'],
    ],
  );
});

test('more zeros between the segments are told as that', async () => {
  const image = (zeros: number): Buffer =>
    Buffer.concat([archive(), Buffer.alloc(zeros), gzipMember(archive())]);
  assert.deepEqual(differing(await facts(image(8)), await facts(image(16))), [
    'segments/2/zeros before',
  ]);
});

test('members of all segments are members of the image; a repeated path is there as often', async () => {
  const image = await facts(Buffer.concat([archive(), gzipMember(archive())]));
  const keys = image.tables[0]!.rows.map(({ key }) => key);
  assert.deepEqual(keys, ['etc', NAME, 'link', 'etc', NAME, 'link']);
  assert.ok(lines(image).includes(`/link/target=${NAME}`));
});

for (const command of [
  'xz -c --check=crc32',
  'zstd -qc',
  'lz4 -qlc',
  'bzip2 -c',
  'xz --format=lzma -c',
])
  test(
    `an image made by ${command} is known as one by its name`,
    { skip: needs(...TOOLS) },
    async () => {
      const image = await facts(compress(command, archive()));
      assert.equal(image.tables[0]!.rows.length, 3);
    },
  );

test('an image by name that holds something else is left to its compression, without a word', async () => {
  const looked = await lookInto('disk.img.bz2', compress('bzip2 -c', Buffer.from('text\n')));
  assert.equal(looked.format, 'bzip2');
  assert.deepEqual(looked.problems, []);
});

test(
  'an archive under another name is a part of its compression',
  { skip: needs('zstd') },
  async () => {
    const looked = await lookInto('firmware.zst', compress('zstd -qc', archive()));
    assert.equal(looked.format, 'zstd');
    assert.equal(top(looked).tables[0]!.rows[0]!.part!.format, 'initramfs');
  },
);

test('digits of the other case are a habit of the archive', async () => {
  const build = (lowerCase: boolean): Buffer =>
    cpioArchive('newc', [{ name: 'a', mode: 0o100644, ino: 0xabc, lowerCase, data: 'x' }]);
  assert.deepEqual(differing(await facts(build(true)), await facts(build(false))), [
    'segments/1/digits',
  ]);
});

test('a damaged archive keeps the members before the damage, and tells the rest', async () => {
  const bytes = Buffer.concat([archive(), Buffer.from('junk that is nothing')]);
  const looked = await lookInto(IMAGE, bytes);
  assert.equal(looked.problems.length, 1);
  assert.equal(top(looked).tables[0]!.rows.length, 3);
  assert.ok(top(looked).facts.some(({ name }) => name === 'rest'));
});

test('every byte of an image of several segments is in a fact', async () => {
  const bytes = Buffer.concat([
    archive({ devmajor: 254 }),
    Buffer.alloc(100),
    gzipMember(archive(), { mtime: 9, name: 'main' }),
    Buffer.alloc(12),
  ]);
  await proveEveryByte(IMAGE, bytes, 800);
  await proveTruncation(IMAGE, bytes, 200);
});

for (const dialect of ['crc', 'odc', 'bin-le', 'bin-be'] as const)
  test(`every byte of a cpio archive of the dialect ${dialect} is in a fact`, async () => {
    const bytes = archive({ check: 3 }, dialect);
    assert.equal((await lookInto('x', bytes)).format, dialect === 'crc' ? 'initramfs' : 'cpio');
    await proveEveryByte('x', bytes);
    await proveTruncation('x', bytes, 100);
  });
