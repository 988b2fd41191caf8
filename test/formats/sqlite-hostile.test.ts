import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { columnValues, openSqliteDatabase } from '../../src/formats/sqlite-database.js';
import { SqliteProblems, type SqliteProblemCode } from '../../src/formats/sqlite-problems.js';
import type { RandomAccess } from '../../src/core/random-access.js';
import { assertTiled, plainRows, read, sqliteBytes, tableNamed } from './read-sqlite.js';

const SMALL = [
  'PRAGMA page_size = 512; PRAGMA auto_vacuum = incremental',
  'CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); CREATE INDEX i ON t (a)',
  'CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID',
  `WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 22)
   INSERT INTO t SELECT i, 'text ' || i, randomblob(i % 7 * 3) FROM n`,
  "INSERT INTO t VALUES (1000, 'long', zeroblob(700))",
  "INSERT INTO w SELECT a, b FROM t; DELETE FROM t WHERE id % 3 = 0; DELETE FROM w WHERE k > 'text 4'",
];

/** Everything that can be asked is asked; only a FormatError may come out. What is returned says what was wrong. */
function exhaust(
  bytes: Uint8Array,
  wal: Uint8Array | null = null,
): ReadonlySet<SqliteProblemCode> | null {
  try {
    const database = read(bytes, wal);
    // Every page may be visited once per tree, and has so many cells at most.
    let budget = database.image.size * (2 + database.tables.length + database.indexes.length);
    for (const table of database.tables)
      for (const row of database.rows(table)) {
        columnValues(table, row);
        assert.ok(budget-- > 0);
      }
    for (const index of database.indexes)
      for (const row of database.entries(index)) {
        assert.ok(row.values);
        assert.ok(budget-- > 0);
      }
    assertTiled(database);
    return new Set(database.problems().map((problem) => problem.code));
  } catch (error) {
    if (error instanceof FormatError) return null;
    throw error;
  }
}

test('A database cut anywhere is refused or has a problem', (t) => {
  const bytes = sqliteBytes(t, SMALL);
  assert.deepEqual(exhaust(bytes), new Set());
  for (let length = 0; length < bytes.length; length++) {
    const found = exhaust(bytes.subarray(0, length));
    assert.ok(found === null ? length < 512 : found.has('size'), `cut at ${length}`);
  }
});

test('10,000 databases with changed bytes are read to their ends', (t) => {
  const bytes = sqliteBytes(t, SMALL);
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const damaged = Uint8Array.from(bytes);
      for (const [at, value] of changes) damaged[at] = value;
      exhaust(damaged);
    }),
    { numRuns: 10_000 },
  );
});

test('Any changed byte changes a row, a region that is no row, or is a problem', (t) => {
  const bytes = sqliteBytes(t, SMALL);
  const cells = new Set<number>();
  for (const region of read(bytes).regions())
    if (region.use === 'data')
      for (let at = region.offset; at < region.offset + region.length; at++) cells.add(at);
  const before = contents(bytes);
  let silent = 0;
  for (const at of cells) {
    const damaged = Uint8Array.from(bytes);
    damaged[at]! ^= 1;
    const found = exhaust(damaged);
    if (found?.size === 0 && contents(damaged) === before) silent++;
  }
  assert.equal(silent, 0);
});

test('Pages in a circle end the walk', (t) => {
  const bytes = sqliteBytes(t, [
    'PRAGMA page_size = 512; CREATE TABLE t (a)',
    'WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO t SELECT zeroblob(50) FROM n',
    'CREATE TABLE o (a); INSERT INTO o VALUES (zeroblob(5000))',
  ]);
  const intact = read(bytes);
  const root = tableNamed(intact, 't').root;
  const circle = Buffer.from(bytes);
  circle.writeUInt32BE(root, (root - 1) * 512 + 8);
  assert.ok(exhaust(circle)?.has('shared'));
  assert.ok(plainRows(read(circle), 't').length > 100);

  const [row] = [...intact.rows(tableNamed(intact, 'o'))];
  const overflow = row!.payload[2]!.offset - 4;
  const chain = Buffer.from(bytes);
  chain.writeUInt32BE(overflow / 512 + 1, overflow);
  assert.ok(exhaust(chain)?.has('shared'));
  assert.ok(plainRows(read(chain), 't').length === 200);
});

test('Cells that are one cell many times do not multiply the walk', (t) => {
  const bytes = sqliteBytes(t, [
    'PRAGMA page_size = 512; CREATE TABLE t (a)',
    'WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO t SELECT zeroblob(60) FROM n',
  ]);
  for (let page = 2; page * 512 <= bytes.length; page++) {
    const base = (page - 1) * 512;
    if (bytes[base] !== 5) continue;
    const first = bytes.readUInt16BE(base + 12);
    const count = bytes.readUInt16BE(base + 3);
    for (let i = 0; i < count; i++) bytes.writeUInt16BE(first, base + 12 + 2 * i);
  }
  const found = exhaust(bytes);
  assert.ok(found?.has('overlap'));
  assert.ok(found?.has('shared'));
});

test('Two tables on the same page are one table and a problem', (t) => {
  const bytes = sqliteBytes(t, [
    'CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO a VALUES (1)',
  ]);
  const intact = read(bytes);
  const [, second] = [...intact.rows(tableNamed(intact, 'sqlite_schema'))];
  bytes[second!.values[3]!.extents[0]!.offset] = 2;
  const database = read(bytes);
  assert.deepEqual(
    database.tables.map(({ name }) => name),
    ['sqlite_schema', 'a'],
  );
  assert.deepEqual(
    database.problems().map(({ code }) => code),
    ['shared', 'unreferenced'],
  );
});

test('Wrong counts are problems', (t) => {
  const bytes = sqliteBytes(t, SMALL);
  const cases: readonly [SqliteProblemCode, (changed: Buffer) => unknown][] = [
    ['freelist', (changed) => changed.writeUInt32BE(changed.readUInt32BE(36) + 1, 36)],
    ['size', (changed) => changed.writeUInt32BE(2 ** 31, 28)],
    ['header', (changed) => changed.writeUInt32BE(9, 44)],
    ['header', (changed) => changed.writeUInt8(1, 80)],
    ['page-header', (changed) => changed.writeUInt16BE(0xffff, 103)],
    ['fragments', (changed) => changed.writeUInt8(changed[107]! + 1, 107)],
    ['ptrmap', (changed) => changed.writeUInt8(changed[512]! ^ 2, 512)],
  ];
  for (const [code, change] of cases) {
    const changed = Buffer.from(bytes);
    change(changed);
    assert.ok(exhaust(changed)?.has(code), code);
  }
});

test('Damage to a log is never more than a FormatError', (t) => {
  const main = sqliteBytes(t, SMALL);
  const wal = Buffer.alloc(32 + 2 * (24 + 512), 7);
  for (let length = 0; length <= wal.length; length += 7)
    assert.deepEqual(exhaust(main, wal.subarray(0, length)), new Set());
});

test('The page of the lock byte is accounted for, and unknown pages are not read', (t) => {
  const small = sqliteBytes(t, ['PRAGMA page_size = 65536; CREATE TABLE t (a)']);
  const pages = 2 ** 30 / 65536 + 4;
  const head = Buffer.from(small);
  head.writeUInt32BE(pages, 28);
  let reads = 0;
  const access: RandomAccess = {
    size: pages * 65536,
    read(offset, length) {
      reads++;
      return offset < head.length ? head.subarray(offset, offset + length) : new Uint8Array(length);
    },
  };
  const database = openSqliteDatabase(access);
  const lock = [...database.regions()].filter((region) => region.kind === 'lock-byte');
  assert.deepEqual(
    lock.map(({ page, offset, length, use }) => ({ page, offset, length, use })),
    [{ page: pages - 3, offset: 2 ** 30, length: 65536, use: 'reserved' }],
  );
  assert.ok(reads < 10);
  assert.equal(database.droppedProblems(), pages - 3 - 1000);
});

test('A list of problems knows no place twice and ends', () => {
  const problems = new SqliteProblems();
  for (let i = 0; i < 3000; i++) problems.add('cell', i % 1500, 'x');
  assert.equal(problems.list.length, 1000);
  assert.ok(problems.dropped >= 500);
});

/** Rows, entries and how each is stored. */
function contents(bytes: Uint8Array): string {
  const database = read(bytes);
  const lists = [
    ...database.tables.map((table) => [...database.rows(table)]),
    ...database.indexes.map((index) => [...database.entries(index)]),
  ];
  return JSON.stringify(
    lists.map((rows) =>
      rows.map((row) => [
        String(row.rowid),
        row.page,
        row.length,
        ...row.values.map((value) => [value.serialType, Buffer.from(value.bytes).toString('hex')]),
      ]),
    ),
  );
}
