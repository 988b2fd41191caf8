import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import { bzImageCrc } from '../../src/formats/bzimage-crc.js';
import { bzImageRegions, readBzImage, type BzImage } from '../../src/formats/bzimage.js';
import { readArm64Image, readZboot } from '../../src/formats/efi-kernel.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { mutations } from '../scrub/normalizers/mutations.js';
import { assertRegions } from './assert-regions.js';
import { buildBzImage, buildZboot } from './build-kernel.js';

const VERSION = '6.1.0 (me@host) #1 SMP Thu Jan 1 00:00:00 UTC 1970';

function readOrRefuse(bytes: Uint8Array): BzImage | null {
  const input = bufferAccess(bytes);
  try {
    const image = readBzImage(input);
    assertRegions(bytes.length, bzImageRegions(image));
    bzImageCrc(input, image);
    return image;
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    return null;
  }
}

test('Header, version, payload and CRC of a kernel are read', () => {
  const file = buildBzImage({ trailing: Buffer.from('signature') });
  const image = readBzImage(bufferAccess(file));
  assert.deepEqual(image.problems, []);
  assert.equal(image.version, 0x20f);
  assert.equal(image.kernelVersion?.text, VERSION);
  assert.deepEqual(image.payload, { offset: 1536 + 64, length: 8, codec: 'zstd' });
  assert.equal(image.kernelInfo?.size.value, 16);
  assert.equal(bzImageCrc(bufferAccess(file), image), file.readUInt32LE(image.crc!.offset));
  const regions = bzImageRegions(image);
  assertRegions(file.length, regions);
  assert.deepEqual(
    regions.map(({ name, length }) => [name, length]),
    [
      ['boot-sector', 0x1f1],
      ['setup-header', 0x26c - 0x1f1],
      ['setup', 0x400 - 0x26c],
      ['kernel-version', VERSION.length],
      ['setup#2', 512 - VERSION.length],
      ['code', 64],
      ['payload', 8],
      ['kernel-info', 16],
      ['code#2', 4],
      ['crc', 4],
      ['trailing', 9],
    ],
  );
});

test('A CRC can be taken as before a signer changed the headers', () => {
  const file = buildBzImage();
  const image = readBzImage(bufferAccess(file));
  const stored = file.readUInt32LE(image.crc!.offset);
  file.fill(0, 100, 104);
  const plain = bzImageCrc(bufferAccess(file), image, []);
  file.fill(7, 100, 104);
  const hidden = bzImageCrc(bufferAccess(file), image, [{ offset: 100, length: 4 }]);
  assert.equal(hidden, plain);
  assert.notEqual(hidden, stored);
});

test('Old headers lack what came later', () => {
  const old = readBzImage(
    bufferAccess(buildBzImage({ version: 0x202, headerLength: 0x22c - 0x202 })),
  );
  assert.equal(old.payload, null);
  assert.equal(old.crc, null);
  assert.equal(old.header.payloadOffset, undefined);
  assert.equal(old.header.cmdLinePtr?.offset, 0x228);
  assert.equal(old.headerExtent.length, 0x22c - 0x1f1);
});

test('Kernels cut at any byte or damaged are read with problems or refused', () => {
  const file = buildBzImage({ trailing: Buffer.from('signature') });
  for (let length = 0; length < file.length; length++) {
    const image = readOrRefuse(file.subarray(0, length));
    if (length < file.length - 9) assert.ok(image === null || image.problems.length > 0);
  }
  for (const mutant of mutations(file, 5000, 1)) readOrRefuse(mutant);
  for (const mutant of mutations(file.subarray(0x1f0, 0x270), 5000, 2))
    readOrRefuse(Buffer.concat([file.subarray(0, 0x1f0), mutant, file.subarray(0x270)]));
});

test('file(1) tells the same version', { skip: needs('file') }, (t) => {
  const path = join(tempFolder(t), 'vmlinuz');
  writeFileSync(path, buildBzImage());
  const shown = execFileSync('file', ['-b', path], { encoding: 'utf8' });
  assert.ok(shown.includes(`version ${VERSION}`), shown);
});

test('The payload of a zboot program and the header of an arm64 kernel are read', () => {
  const file = buildZboot('zstd22', Buffer.from('28b52ffd0000', 'hex'));
  const zboot = readZboot(bufferAccess(file));
  assert.equal(zboot.compression, 'zstd22');
  assert.deepEqual(zboot.payload, { offset: 64, length: 6, codec: 'zstd' });
  assert.deepEqual(zboot.problems, []);
  assert.equal(readZboot(bufferAccess(file.subarray(0, 66))).problems.length, 1);
  for (let length = 0; length < 64; length++)
    assert.throws(() => readZboot(bufferAccess(file.subarray(0, length))), FormatError);
  const arm64 = Buffer.alloc(100);
  arm64.writeBigUInt64LE(0x123456789an, 16);
  arm64.write('ARMd', 56, 'latin1');
  arm64.writeUInt32LE(64, 60);
  const { header } = readArm64Image(bufferAccess(arm64));
  assert.equal(header.imageSize.value, 0x123456789an);
  assert.equal(header.peOffset.value, 64);
  for (let length = 0; length < 64; length++)
    assert.throws(() => readArm64Image(bufferAccess(arm64.subarray(0, length))), FormatError);
});
