import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import {
  cpioDialect,
  cpioHeaderBytes,
  cpioLimit,
  cpioMembers,
  type CpioEnd,
  type CpioMember,
} from '../../src/formats/cpio.js';
import { cpioArchive, cpioMember, type CpioDialectName } from './build-cpio.js';

const DIALECTS: readonly CpioDialectName[] = ['newc', 'crc', 'odc', 'bin-le', 'bin-be'];
const FIELDS = { name: 'a/b', ino: 7, mode: 0o100755, uid: 1, gid: 2, nlink: 3, mtime: 0x5f000001 };

function read(bytes: Uint8Array): { members: CpioMember[]; end: CpioEnd } {
  const members: CpioMember[] = [];
  const generator = cpioMembers(bytes);
  for (let step = generator.next(); ; step = generator.next()) {
    if (step.done === true) return { members, end: step.value };
    members.push(step.value);
  }
}

for (const dialect of DIALECTS) {
  test(`Every field of ${dialect} is read`, () => {
    const bytes = cpioArchive(dialect, [{ ...FIELDS, rdev: 5, dev: 6, data: 'odd' }]);
    assert.equal(cpioDialect(bytes), dialect);
    const { members, end } = read(bytes);
    const { header, path, dataOffset } = members[0]!;
    const { ino, mode, uid, gid, nlink, mtime, devminor, rdevminor, sizeBytes } = header;
    assert.deepEqual(
      { name: path, ino, mode, uid, gid, nlink, mtime, devminor, rdevminor, sizeBytes },
      { ...FIELDS, devminor: 6, rdevminor: 5, sizeBytes: 3 },
    );
    assert.equal(Buffer.from(bytes.subarray(dataOffset, dataOffset + 3)).toString(), 'odd');
    assert.equal(members[1]!.isTrailer, true);
    assert.equal(end.offset, bytes.length);
    assert.equal(end.isComplete, true);
  });

  test(`A header of ${dialect} is written as it was read`, () => {
    const bytes = cpioMember(dialect, FIELDS);
    const { header, path } = [...cpioMembers(cpioArchive(dialect, [FIELDS]))][0]!;
    assert.deepEqual(cpioHeaderBytes(dialect, header, path), bytes);
    assert.ok(cpioLimit(dialect, 'ino') >= 65535);
  });

  test(`${dialect} cut anywhere gives FormatErrors and nothing else`, () => {
    const bytes = cpioArchive(dialect, [FIELDS, { ...FIELDS, data: 'x' }]);
    for (let length = 0; length < bytes.length - 3; length++)
      assert.throws(() => read(bytes.subarray(0, length)), FormatError, String(length));
  });
}

test('Archives behind archives are read, padding between them too, up to what is none', () => {
  const first = cpioArchive('newc', [{ name: 'one' }], 512);
  const bytes = Buffer.concat([
    first,
    cpioArchive('odc', [{ name: 'two' }]),
    Buffer.from([0x1f, 0x8b]),
  ]);
  const { members, end } = read(bytes);
  assert.deepEqual(
    members.map(({ path, archive, dialect }) => [path, archive, dialect]),
    [
      ['one', 0, 'newc'],
      ['TRAILER!!!', 0, 'newc'],
      ['two', 1, 'odc'],
      ['TRAILER!!!', 1, 'odc'],
    ],
  );
  assert.equal(end.offset, bytes.length - 2);
});
