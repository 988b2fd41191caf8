import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../../src/core/errors.js';
import { bufferAccess } from '../../../src/core/random-access.js';
import { crc32c } from '../../../src/formats/crc32c.js';
import { readErofs, type ErofsImage } from '../../../src/formats/erofs/superblock.js';
import { needs } from '../../helpers/oracle.js';
import { erofsSample } from '../build-erofs.js';
import { proveFlips, proveMutations, proveTruncation } from '../prove-parser.js';

const read = (bytes: Uint8Array): ErofsImage => readErofs(bufferAccess(bytes));

test('the check sum is the known one', () => {
  assert.equal(~crc32c(Buffer.from('123456789')) >>> 0, 0xe3069283);
});

test('times, uuid, name and features are told', () => {
  const found = read(erofsSample());
  assert.deepEqual(found.account.problems, []);
  assert.deepEqual(
    [found.buildTime, found.buildTimeNs, found.uuid, found.volumeName, found.inodeCount],
    [1700000000n, 77, '00112233-4455-6677-8899-aabbccddeeff', 'root', 3n],
  );
  assert.deepEqual([found.blockSize, found.blockCount, found.checksumValid], [512, 4, true]);
});

test('an image stands cuts, flips and mutations', () => {
  proveTruncation(erofsSample(), read, 7);
  proveFlips(erofsSample(), read);
  proveMutations(erofsSample(), read);
});

test('other files are refused', () => {
  assert.throws(() => read(Buffer.alloc(2000)), FormatError);
});

test(
  'dump.erofs tells the same of an image of mkfs.erofs',
  { skip: needs('mkfs.erofs', 'dump.erofs') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'erofs-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, 'in'));
    for (const name of ['a', 'b', 'c']) writeFileSync(join(root, 'in', name), name.repeat(1000));
    const image = join(root, 'image');
    const uuid = '12345678-1234-5678-9abc-123456789abc';
    execFileSync(
      'mkfs.erofs',
      ['-T1600000000', `-U${uuid}`, '-Enoinline_data', image, join(root, 'in')],
      {
        stdio: 'ignore',
      },
    );
    const bytes = readFileSync(image);
    const found = read(bytes);
    assert.deepEqual(found.account.problems, []);
    const told = execFileSync('dump.erofs', ['-s', image], { encoding: 'utf8' });
    const field = (name: string): string | undefined =>
      new RegExp(`${name}:\\s+(.*)`).exec(told)?.[1];
    assert.equal(found.uuid, field('Filesystem UUID'));
    assert.equal(String(found.inodeCount), field('Filesystem inode count'));
    assert.equal(String(found.blockCount), field('Filesystem blocks'));
    assert.equal(found.buildTime, 1600000000n);
    assert.equal(
      found.checksumValid,
      (field('Filesystem features') ?? '').includes('sb_csum') ? true : null,
    );
    assert.equal(found.checksumValid, true);
    bytes[1080]! ^= 1;
    assert.equal(read(bytes).checksumValid, false);
  },
);
