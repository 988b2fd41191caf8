import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { erofsSample } from '../formats/build-erofs.js';
import { ext4Sample } from '../formats/build-ext4.js';
import { gptSample } from '../formats/build-gpt.js';
import { squashfsSample } from '../formats/build-squashfs.js';
import { vfatSample } from '../formats/build-vfat.js';
import { differences, fieldsToldAlone } from './differences.js';
import { lookInto, proveEveryByte, proveTruncation } from './prove.js';

const SAMPLES: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
  ['squashfs', squashfsSample(), ['mkfs_time', 'block_log', 'flags']],
  ['erofs', erofsSample(), ['build_time', 'uuid', 'volume_name', 'feature_compat']],
  ['ext4', ext4Sample(), ['s_mkfs_time', 's_wtime', 's_uuid', 's_hash_seed', 's_volume_name']],
  ['vfat', vfatSample(false), ['BS_VolID', 'BS_VolLab', 'BS_OEMName']],
  ['vfat', vfatSample(true), ['BS_VolID', 'BS_VolLab', 'FSI_Free_Count']],
  ['gpt', gptSample(), ['DiskGUID', 'UniqueMBRDiskSignature']],
];

for (const [format, bytes, fields] of SAMPLES) {
  test(`every byte of ${format} of ${bytes.length} bytes is in a fact`, async () => {
    const looked = await lookInto('a.img', bytes);
    assert.deepEqual([looked.format, looked.problems], [format, []]);
    await proveEveryByte('a.img', bytes, 700);
    await proveTruncation('a.img', bytes, 200);
  });

  test(`a difference in a field of ${format} of ${bytes.length} bytes is told by its name alone`, async () => {
    const alone = await fieldsToldAlone('a.img', bytes);
    assert.deepEqual(
      fields.filter((field) => !alone.includes(field)),
      [],
    );
  });

  test(`${format} of ${bytes.length} bytes with random damage gives facts and never throws`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        async (changes) => {
          const changed = Uint8Array.from(bytes);
          for (const [at, value] of changes) changed[at] = value;
          assert.ok((await lookInto('a.img', changed)).facts.length > 0);
        },
      ),
      { numRuns: 60 },
    );
  });
}

test('a file system in a partition is looked into, and its time is told below the partition', async () => {
  const disk = diskOf(ext4Sample());
  const later = ext4Sample();
  later[1024 + 264]! ^= 1;
  assert.deepEqual(await differences('disk.img', disk, diskOf(later)), ['1!s_mkfs_time time']);
});

/** The disk of the sample with another size, so that its first partition holds these bytes. */
function diskOf(content: Uint8Array): Uint8Array {
  const table = gptSample();
  const sectors = Math.ceil(content.length / 512);
  const bytes = Buffer.alloc(table.length + sectors * 512);
  bytes.set(table);
  const first = table.length / 512;
  bytes.writeBigUInt64LE(BigInt(first), 2 * 512 + 32);
  bytes.writeBigUInt64LE(BigInt(first + sectors - 1), 2 * 512 + 40);
  bytes.set(content, table.length);
  return Uint8Array.from(bytes);
}
