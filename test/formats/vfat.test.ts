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
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

const read = (bytes: Uint8Array): VfatImage => readVfat(bufferAccess(bytes));

function sample(isFat32: boolean): Uint8Array {
  const bytes = Buffer.alloc(5 * 512 + 30);
  bytes.write('eb3c906d6b66732e666174', 'hex');
  bytes.writeUInt16LE(512, 11);
  bytes[13] = 1;
  bytes.writeUInt16LE(isFat32 ? 2 : 1, 14);
  bytes[16] = 1;
  bytes.writeUInt16LE(isFat32 ? 0 : 16, 17);
  bytes.writeUInt16LE(5, 19);
  bytes.writeUInt16LE(isFat32 ? 0 : 1, 22);
  if (isFat32) {
    bytes.writeUInt32LE(1, 36);
    bytes.writeUInt32LE(2, 44);
    bytes.writeUInt16LE(1, 48);
    bytes.write('RRaA', 512, 'latin1');
  }
  const at = isFat32 ? 66 : 38;
  bytes[at] = 0x29;
  bytes.writeUInt32LE(0x1234abcd, at + 1);
  bytes.write('EFI        ', at + 5, 'latin1');
  bytes.write('55aa', 510, 'hex');
  return bytes;
}

for (const isFat32 of [true, false]) {
  const kind = isFat32 ? 'fat32' : 'fat12';

  test(`serial, label and layout of ${kind} are told`, () => {
    const found = read(sample(isFat32));
    assert.deepEqual(found.account.problems, []);
    assert.deepEqual(
      [found.kind, found.serial, found.label, found.clusterCount, found.data.offset],
      [kind, 0x1234abcd, 'EFI        ', 2, 1536],
    );
  });

  test(`an image of ${kind} stands cuts, flips and mutations`, () => {
    proveTruncation(sample(isFat32), read, 13);
    proveFlips(sample(isFat32), read, 3);
    proveMutations(sample(isFat32), read);
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
