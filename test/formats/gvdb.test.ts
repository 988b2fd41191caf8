import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { readGvdb, type GvdbTable } from '../../src/formats/gvdb.js';
import { needs } from '../helpers/oracle.js';
import { gvdbSample } from './build-gvdb.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

for (const littleEndian of [true, false]) {
  const name = littleEndian ? 'little-endian' : 'big-endian';

  test(`a ${name} database is read with whole keys and values`, () => {
    const { root, account } = readGvdb(gvdbSample(littleEndian));
    assert.deepEqual(account.problems, []);
    assert.deepEqual([root.bloomShift, root.bloomWords, root.buckets], [5, [0xdeadbeef], [0]]);
    assert.deepEqual(
      root.items.map(({ key }) => key),
      ['/', '/name', 'locks'],
    );
    const [list, value, table] = root.items.map((item) => item.value);
    assert.deepEqual(list?.kind === 'list' ? list.items : null, [1]);
    assert.deepEqual(
      value?.kind === 'value' ? [value.type, Buffer.from(value.bytes).toString()] : null,
      ['s', 'abc\0'],
    );
    assert.equal(table?.kind === 'table' ? table.table.items.length : null, 0);
  });

  test(`a ${name} database stands cuts, flips and mutations`, () => {
    proveTruncation(gvdbSample(littleEndian), readGvdb);
    proveFlips(gvdbSample(littleEndian), readGvdb);
    proveMutations(gvdbSample(littleEndian), readGvdb, 1000);
  });
}

test('a table inside itself, and a key that is its own parent, end', () => {
  const bytes = Buffer.from(gvdbSample(true));
  bytes.writeUInt32LE(24, 40 + 48 + 16);
  bytes.writeUInt32LE(112, 40 + 48 + 20);
  bytes.writeUInt32LE(1, 40 + 24 + 4);
  const { root, account } = readGvdb(bytes);
  assert.equal(account.problems.length, 1);
  assert.deepEqual([root.items[1]?.key, root.items[2]?.value.kind], ['name', 'other']);
});

test('other files are refused', () => {
  assert.throws(() => readGvdb(Buffer.from('GVariants')), FormatError);
  assert.throws(() => readGvdb(Buffer.from('SQLite format 3')), FormatError);
});

/** Values by their whole keys, tables as `key!`. */
function values(table: GvdbTable, prefix = ''): readonly (readonly [string, string, string])[] {
  return table.items.flatMap(({ key, value }) =>
    value.kind === 'value'
      ? [[prefix + key, value.type ?? '', Buffer.from(value.bytes).toString('latin1')] as const]
      : value.kind === 'table'
        ? values(value.table, `${prefix}${key}!`)
        : [],
  );
}

test(
  'a database of dconf has the keys and locks it was compiled from',
  { skip: needs('dconf') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'gvdb-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, 'site.d/locks'), { recursive: true });
    writeFileSync(
      join(root, 'site.d/00-a'),
      "[org/gnome/x]\nname='abc'\nnumber=uint32 5\n[org/foo]\non=true\n",
    );
    writeFileSync(join(root, 'site.d/locks/a'), '/org/foo/on\n');
    execFileSync('dconf', ['compile', join(root, 'site'), join(root, 'site.d')]);
    const bytes = readFileSync(join(root, 'site'));
    const database = readGvdb(bytes);
    assert.deepEqual(database.account.problems, []);
    assert.deepEqual(
      [...values(database.root)].sort(([a], [b]) => (a < b ? -1 : 1)),
      [
        ['.locks!/org/foo/on', 's', '\0'],
        ['/org/foo/on', 'b', '\x01'],
        ['/org/gnome/x/name', 's', 'abc\0'],
        ['/org/gnome/x/number', 'u', '\x05\0\0\0'],
      ],
    );
    // The hash is Bernstein's over the whole key, and tells the bucket.
    for (const { key, hash } of database.root.items)
      assert.equal(
        hash,
        Buffer.from(key, 'latin1').reduce((sum, byte) => (sum * 33 + byte) >>> 0, 5381),
      );
    proveFlips(bytes, readGvdb);
  },
);

test(
  'compiled schemas have the schemas and keys that gsettings lists',
  { skip: needs('glib-compile-schemas', 'gsettings') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'gschemas-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const key = (name: string, type: string, value: string): string =>
      `<key name="${name}" type="${type}"><default>${value}</default></key>`;
    writeFileSync(
      join(root, 'org.a.gschema.xml'),
      `<schemalist><schema id="org.a" path="/org/a/">${key('one', 'i', '5')}${key('two', 's', '"x"')}</schema>` +
        `<schema id="org.b">${key('three', 'as', "['a']")}</schema></schemalist>`,
    );
    execFileSync('glib-compile-schemas', [root]);
    const bytes = readFileSync(join(root, 'gschemas.compiled'));
    const database = readGvdb(bytes);
    assert.deepEqual(database.account.problems, []);
    for (const schema of ['org.a', 'org.b']) {
      const listed = execFileSync('gsettings', ['--schemadir', root, 'list-keys', schema], {
        encoding: 'utf8',
      });
      const item = database.root.items.find((one) => one.key === schema);
      assert.ok(item?.value.kind === 'table');
      const keys = item.value.table.items.map((one) => one.key);
      assert.deepEqual(
        keys.filter((name) => /^[^.]/.test(name)).sort(),
        listed.trim().split('\n').sort(),
      );
    }
    proveFlips(bytes, readGvdb);
  },
);
