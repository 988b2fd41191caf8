import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { bufferAccess } from '../../../src/core/random-access.js';
import { DEFAULT_LIMITS, inspectFile, inspectors } from '../../../src/inspectors/index.js';
import type { InspectLimits } from '../../../src/inspectors/engine/limits.js';
import { cpioArchive } from '../../formats/build-cpio.js';
import { gzipMember } from '../../formats/build-gzip.js';
import { tarArchive, tarMember } from '../../formats/build-tar.js';
import { buildZip } from '../../formats/build-zip.js';
import { compress, generator } from '../../formats/codec/samples.js';
import { needs } from '../../helpers/oracle.js';
import { lookInto } from '../prove.js';

async function look(name: string, bytes: Uint8Array, limits: Partial<InspectLimits>) {
  let pieces = 0;
  const { format, problems } = await inspectFile(
    { name, bytes: bufferAccess(bytes), digest: null },
    {
      inspectors,
      limits: { ...DEFAULT_LIMITS, ...limits },
      key: { id: 'test', bytes: new Uint8Array(32) },
      isTime: () => false,
      known: () => false,
      found: () => void pieces++,
      now: () => 0,
    },
  );
  return { format, problems, pieces };
}

const MiB = 1024 * 1024;
const ZEROS = new Uint8Array(64 * MiB);

for (const [codec, command] of [
  ['gzip', 'gzip -nc'],
  ['xz', 'xz -0c'],
  ['zstd', 'zstd -qc'],
  ['lz4', 'lz4 -qc'],
  ['bzip2', 'bzip2 -1c'],
] as const)
  test(`a bomb of ${codec} ends at the budget`, { skip: needs(codec) }, async () => {
    const bomb = compress(command, ZEROS.subarray(0, codec === 'bzip2' ? 8 * MiB : ZEROS.length));
    const found = await look('x', bomb, { outputBytes: MiB });
    assert.equal(found.format, codec);
    assert.ok(found.problems.length > 0);
  });

test('a bomb inside of an image, a tar archive and a zip archive ends at the budget', async () => {
  const bomb = gzipSync(ZEROS);
  const image = gzipMember(cpioArchive('newc', [{ name: 'a', data: 'x'.repeat(5000) }]));
  assert.equal((await look('initrd.img', image, { outputBytes: 64 })).problems.length > 0, true);
  for (const [name, bytes] of [
    ['x.tar', tarArchive([tarMember({ name: 'bomb.gz', data: bomb })])],
    ['x.zip', buildZip([{ name: 'bomb', content: ZEROS }])],
  ] as const) {
    const found = await look(name, bytes, { outputBytes: MiB });
    assert.ok(found.problems.length > 0, name);
  }
});

test('gzip in gzip a thousand times ends at the depth', async () => {
  let bytes: Uint8Array = Buffer.from('core\n');
  for (let i = 0; i < 1000; i++) bytes = gzipSync(bytes);
  const found = await look('x.gz', bytes, {});
  assert.equal(found.format, 'gzip');
  assert.ok(found.pieces <= DEFAULT_LIMITS.depth + 1);
});

test('more members than the budget leave those before, and a problem', async () => {
  const many = Array.from({ length: 300 }, (_, i) => tarMember({ name: `f${i}` }));
  const tar = await look('x.tar', tarArchive(many), { members: 100 });
  assert.equal(tar.format, 'tar');
  assert.ok(tar.problems.length > 0);
  const packed = await look('x.tar.gz', gzipMember(tarArchive(many)), { members: 100 });
  assert.equal(packed.format, 'gzip');
  assert.ok(packed.problems.length > 0);
  const cpio = cpioArchive(
    'newc',
    Array.from({ length: 300 }, (_, i) => ({ name: `f${i}` })),
  );
  const image = await look('initrd.img', gzipMember(cpio), { members: 100 });
  assert.equal(image.format, 'initramfs');
  assert.ok(image.problems.length > 0);
});

test('sizes beyond the file are refused', async () => {
  for (const size of ['77777777777\0', '\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff']) {
    const bytes = tarArchive([tarMember({ name: 'a' }), tarMember({ name: 'b', size })]);
    const found = await look('x.tar', bytes, {});
    assert.ok(found.problems.length > 0);
  }
});

test('random damage never throws', { skip: needs('xz', 'zstd', 'bzip2', 'lz4') }, async () => {
  const random = generator(11);
  const cpio = cpioArchive('newc', [
    { name: 'a', data: 'text\n' },
    { name: 'b', data: 'x'.repeat(500) },
  ]);
  const samples: readonly (readonly [string, Uint8Array])[] = [
    ['x.tar', tarArchive([tarMember({ name: 'a', data: 'text\n' }), tarMember({ name: 'b' })])],
    [
      'x.zip',
      buildZip([
        { name: 'a', content: 'text\n' },
        { name: 'b', content: 'other\n', descriptor: 'bare' },
      ]),
    ],
    ['initrd.img', Buffer.concat([cpio, gzipMember(cpio), Buffer.alloc(8), gzipMember(cpio)])],
    ['x.gz', Buffer.concat([gzipMember('a'), gzipMember('b')])],
    ['initrd.zst', compress('zstd -qc', cpio)],
    ['initrd.xz', compress('xz -c', cpio)],
    ['initrd.lz4', compress('lz4 -qlc', cpio)],
    ['initrd.bz2', compress('bzip2 -c', cpio)],
  ];
  for (const [name, bytes] of samples)
    for (let i = 0; i < 150; i++) {
      const damaged = Uint8Array.from(bytes);
      for (let n = 0; n < 1 + random() * 6; n++)
        damaged[Math.floor(random() * damaged.length)] = random() * 256;
      const end = random() < 0.3 ? Math.floor(random() * damaged.length) : damaged.length;
      await lookInto(name, damaged.subarray(0, end));
    }
});
