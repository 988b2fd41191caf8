import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Coverage, Entry, EntryType } from '../../src/core/entry.js';
import { FormatError } from '../../src/core/errors.js';
import { packDirectory, unpackDirectory } from '../../src/core/packed-directory.js';
import { visitFiles } from '../../src/core/packed-files.js';
import { ROOT_PATH } from '../../src/core/path.js';

const TYPES: readonly EntryType[] = ['file', 'directory', 'symlink', 'fifo', 'char'];
const COVERAGES: readonly Coverage[] = ['full', 'unreadable', 'unstable'];

const entry = fc
  .record({
    name: fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .map((bytes) => Buffer.from(bytes).toString('latin1'))
      .filter((name) => !/[\0/]/.test(name)),
    type: fc.constantFrom(...TYPES),
    coverage: fc.constantFrom(...COVERAGES),
    size: fc.oneof(fc.constant(0), fc.maxSafeNat()),
    target: fc.string({ unit: 'binary-ascii', maxLength: 9 }),
    xattrs: fc.array(fc.constant({ name: 'user.x', value: 'some value' }), { maxLength: 1 }),
    digests: fc.nat(3),
    fill: fc.nat(255),
  })
  .map(({ digests, fill, ...fields }): Entry => {
    const isFile = fields.type === 'file';
    return {
      ...fields,
      mode: 0o644,
      uid: 0,
      gid: 70_000,
      size: isFile ? fields.size : 0,
      mtimeNs: 0n,
      target: fields.type === 'symlink' ? fields.target : null,
      rdev: fields.type === 'char' ? { major: 1, minor: 3 } : null,
      xxh64: isFile && (digests & 1) !== 0 ? new Uint8Array(8).fill(fill) : null,
      sha256: isFile && (digests & 2) !== 0 ? new Uint8Array(32).fill(fill) : null,
      link: null,
    };
  });

const entries = fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 12 });

test('The files of packed records are those that unpacking them finds', () => {
  fc.assert(
    fc.property(entries, (list) => {
      const packed = packDirectory(ROOT_PATH, list, () => null);
      const found: object[] = [];
      visitFiles(packed, (name, size, ordinal, at) =>
        found.push({ name, size, ordinal, sha256: Array.from(packed.records.slice(at, at + 32)) }),
      );
      const expected = [...unpackDirectory(packed)].flatMap((each, ordinal) =>
        each.sha256 === null || each.coverage !== 'full' || each.size === 0
          ? []
          : [{ name: each.name, size: each.size, ordinal, sha256: [...each.sha256] }],
      );
      assert.deepEqual(found, expected);
    }),
  );
});

test('Records that are cut are refused', () => {
  fc.assert(
    fc.property(entries, fc.nat(), (list, cut) => {
      const { records, count } = packDirectory(ROOT_PATH, list, () => null);
      if (records.length === 0) return;
      const part = records.slice(0, cut % records.length);
      assert.throws(() => visitFiles({ records: part, count }, () => undefined), FormatError);
    }),
  );
});
