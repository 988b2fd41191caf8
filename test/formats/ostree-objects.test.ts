import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import {
  readArchiveHeader,
  readDirMeta,
  readDirTree,
  readXattrList,
  writeArchiveHeader,
  writeDirMeta,
  writeDirTree,
  writeFileHeader,
  writeXattrs,
} from '../../src/formats/ostree-objects.js';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const sum = (text: string): string => sha256(Buffer.from(text));

test('the checksums that every repository has are those of ostree', () => {
  assert.equal(
    sha256(writeDirMeta({ uid: 0, gid: 0, mode: 0o40755, xattrs: [] })).slice(0, 8),
    '446a0ef1',
  );
  assert.equal(
    sha256(writeDirTree({ files: [], directories: [] })),
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  );
});

const text = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map((bytes) => Buffer.from(bytes).toString('latin1').replace(/[\0/]/g, '_'))
  .filter((name) => name !== '.' && name !== '..');
const u32 = fc.nat(0xffff_ffff);
const xattrs = fc.array(fc.record({ name: text, value: text }, { noNullPrototype: true }), {
  maxLength: 5,
});
const meta = fc.record({ uid: u32, gid: u32, mode: u32, xattrs }, { noNullPrototype: true });
const names = fc
  .uniqueArray(text, { maxLength: 30 })
  .map((all) => all.toSorted((a, b) => (a < b ? -1 : 1)));

test('what is written is read again', () => {
  fc.assert(
    fc.property(meta, names, text, fc.nat(), (attributes, all, target, size) => {
      assert.deepEqual(readDirMeta(writeDirMeta(attributes)), attributes);
      assert.deepEqual(readXattrList(writeXattrs(attributes.xattrs)), attributes.xattrs);
      const header = { ...attributes, rdev: 0, target, size };
      const bytes = writeArchiveHeader(header);
      assert.deepEqual(readArchiveHeader(Buffer.concat([bytes, Buffer.from('rest')])), {
        ...header,
        length: bytes.length,
      });
      assert.equal(
        Buffer.from(writeFileHeader(header)).readUInt32BE(0),
        writeFileHeader(header).length - 8,
      );
      const tree = {
        files: all.filter((_, i) => i % 2 === 0).map((name) => ({ name, checksum: sum(name) })),
        directories: all
          .filter((_, i) => i % 2 === 1)
          .map((name) => ({ name, tree: sum(`${name}t`), meta: sum(`${name}m`) })),
      };
      assert.deepEqual(readDirTree(writeDirTree(tree)), tree);
    }),
  );
});

test('names that lead elsewhere, disorder and duplicates are refused', () => {
  const file = (name: string) => ({ name, checksum: sum('') });
  for (const names_ of [['.'], ['..'], ['a/b'], [''], ['b', 'a'], ['a', 'a']])
    assert.throws(
      () => readDirTree(writeDirTree({ files: names_.map((name) => file(name)), directories: [] })),
      FormatError,
      names_.join(),
    );
  const directories = [{ name: 'a', tree: sum(''), meta: sum('') }];
  assert.throws(() => readDirTree(writeDirTree({ files: [file('a')], directories })), FormatError);
});

test('truncation and mutation are refused, or give another value', () => {
  const tree = writeDirTree({
    files: [{ name: 'file', checksum: sum('1') }],
    directories: [{ name: 'dir', tree: sum('2'), meta: sum('3') }],
  });
  const list = [{ name: 'user.x', value: 'y' }];
  const header = { uid: 1, gid: 2, mode: 0o100644, rdev: 0, target: '', size: 9, xattrs: list };
  const samples: readonly [Uint8Array, (bytes: Uint8Array) => unknown][] = [
    [tree, readDirTree],
    [writeDirMeta({ uid: 1, gid: 2, mode: 0o40755, xattrs: list }), readDirMeta],
    [writeArchiveHeader(header), readArchiveHeader],
  ];
  const refused = (bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): unknown => {
    try {
      return read(bytes);
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
      return null;
    }
  };
  for (const [bytes, read] of samples) {
    const value = read(bytes);
    for (let length = 0; length < bytes.length; length++)
      assert.notDeepEqual(refused(bytes.subarray(0, length), read), value, `${length} bytes`);
    for (let at = 0; at < bytes.length; at++)
      for (const flip of [1, 0x80, 0xff]) {
        const flipped = Uint8Array.from(bytes);
        flipped[at]! ^= flip;
        assert.notDeepEqual(refused(flipped, read), value, `byte ${at}`);
      }
  }
});
