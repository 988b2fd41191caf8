import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import {
  androidBootId,
  androidBootRegions,
  readAndroidBoot,
} from '../../src/formats/android-boot.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { mutations } from '../scrub/normalizers/mutations.js';
import { assertRegions } from './assert-regions.js';

const CONTENT = {
  kernel: Buffer.alloc(5000, 1),
  ramdisk: Buffer.alloc(300, 2),
  second: Buffer.alloc(2048, 3),
  'recovery-dtbo': Buffer.alloc(1, 4),
  dtb: Buffer.alloc(77, 5),
} as const;

/** A version 2 image with pages of 2048 bytes. */
function classicImage(): Buffer {
  const header = Buffer.alloc(2048);
  header.write('ANDROID!', 'latin1');
  const numbers = [
    CONTENT.kernel.length,
    0x1000,
    CONTENT.ramdisk.length,
    0x2000,
    CONTENT.second.length,
    0x3000,
    0x100,
    2048,
    2,
    0x1234,
  ];
  for (const [i, number] of numbers.entries()) header.writeUInt32LE(number, 8 + 4 * i);
  header.write('board', 48, 'latin1');
  header.write('quiet ', 64, 'latin1');
  header.write('root=/dev/x', 608, 'latin1');
  header.writeUInt32LE(CONTENT['recovery-dtbo'].length, 1632);
  header.writeUInt32LE(1660, 1644);
  header.writeUInt32LE(CONTENT.dtb.length, 1648);
  const parts = Object.values(CONTENT).map((part) =>
    Buffer.concat([part, Buffer.alloc((2048 - (part.length % 2048)) % 2048)]),
  );
  const file = Buffer.concat([header, ...parts, Buffer.from('AVBf')]);
  const id = androidBootId(bufferAccess(file), readAndroidBoot(bufferAccess(file)));
  file.write(id!, 576, 'hex');
  return file;
}

function readOrRefuse(bytes: Uint8Array): void {
  const input = bufferAccess(bytes);
  try {
    const image = readAndroidBoot(input);
    assertRegions(bytes.length, androidBootRegions(image));
    androidBootId(input, image);
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
  }
}

test('Parts, command line and id of an image are read, and regions cover it', () => {
  const file = classicImage();
  const image = readAndroidBoot(bufferAccess(file));
  assert.deepEqual(image.problems, []);
  assert.equal(image.cmdline, 'quiet root=/dev/x');
  assert.equal(image.idHex, androidBootId(bufferAccess(file), image));
  for (const { name, offset, length } of image.parts)
    assert.deepEqual(file.subarray(offset, offset + length), CONTENT[name as keyof typeof CONTENT]);
  const regions = androidBootRegions(image);
  assertRegions(file.length, regions);
  assert.deepEqual(
    regions.map(({ name }) => name),
    [
      'header',
      'padding of header',
      'kernel',
      'padding of kernel',
      'ramdisk',
      'padding of ramdisk',
      'second',
      'recovery-dtbo',
      'padding of recovery-dtbo',
      'dtb',
      'padding of dtb',
      'trailing',
    ],
  );
});

test('Images cut at any byte or damaged are read with problems or refused', () => {
  const file = classicImage();
  for (let length = 0; length < file.length; length++) readOrRefuse(file.subarray(0, length));
  for (const mutant of mutations(file.subarray(0, 4096), 5000, 1)) readOrRefuse(mutant);
  for (const mutant of mutations(file.subarray(0, 64), 5000, 2))
    readOrRefuse(Buffer.concat([mutant, file.subarray(64)]));
});

test('Sizes beyond the file are cut, and pages smaller than the header refused', () => {
  const file = classicImage();
  file.writeUInt32LE(0xffff_ffff, 8);
  const image = readAndroidBoot(bufferAccess(file));
  assert.ok(image.problems.length > 0);
  assertRegions(file.length, androidBootRegions(image));
  for (const pageSize of [0, 1, 1659]) {
    file.writeUInt32LE(pageSize, 36);
    assert.throws(() => readAndroidBoot(bufferAccess(file)), FormatError);
  }
});

test('A version 4 image has its signature behind the ramdisk', () => {
  const file = Buffer.alloc(4096 * 3 + 10);
  file.write('ANDROID!', 'latin1');
  for (const [at, value] of [
    [8, 5],
    [12, 4096],
    [40, 4],
    [1580, 10],
  ] as const)
    file.writeUInt32LE(value, at);
  const image = readAndroidBoot(bufferAccess(file));
  assert.deepEqual(image.problems, []);
  assert.deepEqual(image.parts, [
    { name: 'kernel', offset: 4096, length: 5 },
    { name: 'ramdisk', offset: 8192, length: 4096 },
    { name: 'signature', offset: 12288, length: 10 },
  ]);
  assertRegions(file.length, androidBootRegions(image));
});

const PARTS = new Map([
  [0, ['kernel', 'ramdisk', 'second']],
  [1, ['kernel', 'ramdisk', 'second']],
  [2, ['kernel', 'ramdisk', 'second', 'dtb']],
  [3, ['kernel', 'ramdisk']],
]);

function made(t: TestContext, version: number): Buffer {
  const folder = tempFolder(t);
  for (const [name, content] of Object.entries(CONTENT)) writeFileSync(join(folder, name), content);
  const options = [
    '--header_version',
    String(version),
    '--kernel',
    'kernel',
    '--ramdisk',
    'ramdisk',
  ];
  if (version < 3) options.push('--second', 'second', '--pagesize', '2048', '--board', 'b');
  // Debian's mkbootimg 29 fails on a recovery DTBO, and knows no version 4.
  if (version === 2) options.push('--dtb', 'dtb');
  const cmdline = 'x'.repeat(700);
  execFileSync(
    'mkbootimg',
    [
      ...options,
      '--cmdline',
      cmdline,
      '--os_version',
      '11.0.0',
      '--os_patch_level',
      '2020-09',
      '-o',
      'out',
    ],
    { cwd: folder, stdio: 'pipe' },
  );
  return readFileSync(join(folder, 'out'));
}

test(
  'Images of versions 0 to 3 by mkbootimg are read, with the id it computed',
  { skip: needs('mkbootimg') },
  (t) => {
    for (const version of [0, 1, 2, 3]) {
      const file = made(t, version);
      const input = bufferAccess(file);
      const image = readAndroidBoot(input);
      assert.deepEqual(image.problems, []);
      assert.equal(image.header.version, version);
      assert.equal(image.cmdline, 'x'.repeat(700));
      assert.equal(image.idHex, androidBootId(input, image));
      assert.equal(image.idHex !== null, version < 3);
      assertRegions(file.length, androidBootRegions(image));
      assert.deepEqual(
        image.parts.map(({ name }) => name),
        PARTS.get(version),
      );
      for (const { name, offset, length } of image.parts)
        assert.deepEqual(
          file.subarray(offset, offset + length),
          CONTENT[name as keyof typeof CONTENT],
        );
      for (const { kind, offset, length } of androidBootRegions(image))
        if (kind === 'padding')
          assert.ok(file.subarray(offset, offset + length).every((byte) => byte === 0));
    }
  },
);
