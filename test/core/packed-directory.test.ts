import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Entry, EntryType } from '../../src/core/entry.js';
import { FormatError } from '../../src/core/errors.js';
import {
  packDirectory,
  readRecord,
  unpackDirectory,
  type RecordedEntry,
} from '../../src/core/packed-directory.js';
import { ROOT_PATH } from '../../src/core/path.js';

const latin1 = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: 1, maxLength }).map((b) => Buffer.from(b).toString('latin1'));
const name = latin1(20).filter((n) => !/[\0/]/.test(n));
const TYPES: readonly EntryType[] = [
  'file',
  'directory',
  'symlink',
  'fifo',
  'socket',
  'char',
  'block',
];

const entry: fc.Arbitrary<Entry> = fc
  .record({
    name,
    type: fc.constantFrom(...TYPES),
    coverage: fc.constantFrom('full', 'unreadable', 'unstable'),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.integer({ min: 0, max: 0xffffffff }),
    gid: fc.integer({ min: 0, max: 0xffffffff }),
    size: fc.maxSafeNat(),
    mtimeNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
    target: latin1(30),
    rdev: fc.record({ major: fc.nat(4095), minor: fc.nat() }),
    xattrs: fc.uniqueArray(fc.record({ name, value: latin1(50) }), {
      selector: (x) => x.name,
      maxLength: 4,
    }),
    digests: fc.constantFrom(0, 1, 2, 3),
  })
  .map(({ digests, ...e }): Entry => ({
    ...e,
    coverage: e.coverage as Entry['coverage'],
    size: e.type === 'file' ? e.size : 0,
    target: e.type === 'symlink' ? e.target : null,
    rdev: e.type === 'char' || e.type === 'block' ? e.rdev : null,
    xxh64: e.type === 'file' && digests & 1 ? new Uint8Array(8).fill(7) : null,
    sha256: e.type === 'file' && digests & 2 ? new Uint8Array(32).fill(9) : null,
    link: null,
  }));

const plain = (e: RecordedEntry): object => ({
  name: e.name,
  type: e.type,
  coverage: e.coverage,
  mode: e.mode,
  uid: e.uid,
  gid: e.gid,
  size: e.size,
  target: e.target,
  xattrs: e.xattrs.map(({ name: xattr, value }) => ({ name: xattr, value })),
  rdev: e.rdev === null ? null : { major: e.rdev.major, minor: e.rdev.minor },
  xxh64: e.xxh64 === null ? null : [...e.xxh64],
  sha256: e.sha256 === null ? null : [...e.sha256],
});

test('entries come out of a packed directory as they went in, in byte order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: (e) => e.name, maxLength: 12 }), (entries) => {
      const packed = packDirectory(ROOT_PATH, entries, () => null);
      const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const expected = sorted.map(plain);
      assert.deepEqual([...unpackDirectory(packed)].map(plain), expected);
      assert.deepEqual(
        [...packed.mtimesNs],
        sorted.map((e) => e.mtimeNs),
      );
      assert.equal(
        packed.sizeBytes,
        sorted.reduce((sum, e) => sum + e.size, 0),
      );
    }),
  );
});

test('a record that is cut anywhere is a format error', () => {
  fc.assert(
    fc.property(entry, (e) => {
      const { records } = packDirectory(ROOT_PATH, [e], () => null);
      for (let length = 0; length < records.length; length++)
        assert.throws(() => readRecord(records.subarray(0, length), 0), FormatError);
    }),
    { numRuns: 30 },
  );
});
