import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { readVfat, type VfatImage } from '../../src/formats/vfat.js';
import { needs } from '../helpers/oracle.js';
import { vfatSample } from './build-vfat.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

const read = (bytes: Uint8Array): VfatImage => readVfat(bufferAccess(bytes));

for (const isFat32 of [true, false]) {
  const kind = isFat32 ? 'fat32' : 'fat12';

  test(`serial, label and layout of ${kind} are told`, () => {
    const found = read(vfatSample(isFat32));
    assert.deepEqual(found.account.problems, []);
    assert.deepEqual(
      [found.kind, found.serial, found.label, found.clusterCount, found.data.offset],
      [kind, 0x1234abcd, 'EFI        ', 2, 1536],
    );
  });

  test(`an image of ${kind} stands cuts, flips and mutations`, () => {
    proveTruncation(vfatSample(isFat32), read, 13);
    proveFlips(vfatSample(isFat32), read, 3);
    proveMutations(vfatSample(isFat32), read);
  });
}

test('other files are refused', () => {
  assert.throws(() => read(Buffer.alloc(3000)), FormatError);
});

for (const [bits, size] of [
  [12, 1 << 20],
  [16, 16 << 20],
  [32, 40 << 20],
] as const)
  test(
    `fsck.fat tells the same of an image with ${bits} bits`,
    { skip: needs('mkfs.vfat', 'fsck.vfat') },
    (t) => {
      const root = mkdtempSync(join(tmpdir(), 'vfat-'));
      t.after(() => rmSync(root, { recursive: true, force: true }));
      const image = join(root, 'image');
      writeFileSync(image, '');
      truncateSync(image, size);
      const serial = ['-i', 'deadbeef', '-n', 'ESP', '-F', String(bits)];
      execFileSync('mkfs.vfat', [...serial, '-s', '1', image], { stdio: 'ignore' });
      const found = read(readFileSync(image));
      assert.deepEqual(found.account.problems, []);
      assert.deepEqual(
        [found.kind, found.serial, found.label, found.oemName],
        [`fat${bits}`, 0xdeadbeef, 'ESP        ', 'mkfs.fat'],
      );
      const told = execFileSync('fsck.vfat', ['-n', '-v', image], { encoding: 'utf8' });
      const number = (label: RegExp): number => Number(label.exec(told)?.[1]);
      assert.equal(found.clusterSize, number(/(\d+) bytes per cluster/));
      assert.equal(found.data.offset, number(/Data area starts at byte (\d+)/));
      assert.equal(found.clusterCount, number(/(\d+) data clusters/));
      assert.equal(found.tables[0]?.offset, number(/First FAT starts at byte (\d+)/));
      assert.equal(found.tables[0]?.length, number(/(\d+) bytes per FAT/));
    },
  );
