import assert from 'node:assert/strict';
import { test } from 'node:test';

import Database from 'better-sqlite3';

import { everyDifference as differences } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const SCHEMA = `
  CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, made INTEGER, note TEXT, data BLOB);
  CREATE TABLE pairs (a TEXT, b TEXT, n REAL, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE INDEX things_made ON things(made);
  CREATE VIEW seen AS SELECT name FROM things;`;

type Row = readonly [
  id: number | null,
  name: string,
  made: number,
  note: string | null,
  data: Buffer,
];

const BIG = Buffer.alloc(3000, 7);
const ROWS: readonly Row[] = [
  [1, 'one', 1_790_000_000, 'said in secret', Buffer.from('a')],
  [2, 'two', 1_790_000_001, null, BIG],
  [3, 'three', 1_790_000_002, 'two words', Buffer.from('c')],
];

function build(rows: readonly Row[] = ROWS, then = ''): Buffer {
  const database = new Database(':memory:');
  database.pragma('page_size = 1024');
  database.exec(SCHEMA);
  const insert = database.prepare('INSERT INTO things VALUES (?, ?, ?, ?, ?)');
  database.transaction(() => rows.forEach((row) => insert.run(...row)))();
  database.exec(`INSERT INTO pairs VALUES ('x', '/usr/lib/y', 1.5), ('z', 'w', 2); ${then}`);
  const bytes = database.serialize();
  database.close();
  return bytes;
}

const isDerived = (name: string): boolean => / (layout|size)$/.test(name);

async function roots(before: Uint8Array, after: Uint8Array): Promise<readonly string[]> {
  return (await differences('x.db', before, after)).filter((name) => !isDerived(name));
}

function changed(place: number): readonly Row[] {
  const values: Row = [3, 'drei', 1_790_009_999, 'more words', Buffer.from('d')];
  return ROWS.map((row, i) =>
    i === 2
      ? (row.map((value, at) => (at === place ? values[at]! : value)) as unknown as Row)
      : row,
  );
}

test('every byte of a database is in some fact', async () => {
  const bytes = build(ROWS, "DELETE FROM things WHERE name = 'one'");
  await proveEveryByte('x.db', bytes, 3000);
  await proveTruncation('x.db', bytes, 100);
});

test('free pages, rows over several pages and automatic vacuum are accounted for too', async () => {
  const database = new Database(':memory:');
  database.pragma('page_size = 512');
  database.pragma('auto_vacuum = 2');
  database.exec('CREATE TABLE t (a, b); CREATE TABLE gone (a)');
  const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
  for (let i = 0; i < 60; i++) insert.run(i, `text ${i}`.repeat(i));
  database.exec('DELETE FROM t WHERE a > 30; DROP TABLE gone');
  await proveEveryByte('x.db', database.serialize(), 2000);
});

test('a value that differs is named by row and column, and the rest follows', async () => {
  const base = build();
  assert.deepEqual(await roots(base, build(changed(2))), ['things!three!made time']);
  assert.deepEqual(await roots(base, build(changed(3))), ['things!three!note opaque']);
  assert.deepEqual(await roots(base, build(changed(4))), ['things!three!data opaque']);
  const all = await differences('x.db', base, build(changed(2)));
  assert.ok(all.includes('b-trees!table things!cells layout'));
  assert.ok(all.includes('b-trees!index things_made!cells layout'));
});

test('equal rows in another order differ in layout alone', async () => {
  const order = (ids: readonly number[]): readonly Row[] =>
    ids.map((id, i) => [i + 1, ...ROWS[id]!.slice(1)] as unknown as Row);
  const found = await differences('x.db', build(order([0, 1, 2])), build(order([0, 2, 1])));
  assert.ok(found.includes('things!order layout'));
  assert.ok(found.includes('things!two!rowid layout'));
  // SQLite leaves in free space what it moved out of the way.
  assert.deepEqual(
    found.filter((name) => !isDerived(name)),
    ['free space slack'],
  );
});

test('a counter, an unused byte and a column of the schema are each told by themselves', async () => {
  const base = build();
  const with1 = (at: number): Buffer => {
    const copy = Buffer.from(base);
    copy[at]! ^= 1;
    return copy;
  };
  assert.deepEqual(await differences('x.db', base, with1(43)), ['schema-cookie layout']);
  assert.deepEqual(await differences('x.db', base, with1(99)), ['sqlite-version version']);
  assert.deepEqual(await differences('x.db', base, with1(63)), ['user-version number']);
  const gap = base.indexOf(Buffer.alloc(64));
  assert.deepEqual(await differences('x.db', base, with1(gap + 32)), ['free space slack']);
  const view = build(ROWS, 'DROP VIEW seen; CREATE VIEW seen AS SELECT note FROM things');
  assert.deepEqual(await roots(base, view), ['sqlite_schema!view seen!sql opaque']);
});

test('text that may be secret is in no fact, and names, times and numbers are', async () => {
  const { facts, problems, format } = await lookInto('x.db', build());
  assert.equal(format, 'sqlite');
  assert.deepEqual(problems, []);
  const json = JSON.stringify(facts);
  assert.ok(!json.includes('said in secret'));
  const things = facts[0]!.facts.tables.find(({ name }) => name === 'things')!;
  assert.deepEqual(
    things.columns.map(({ name, kind }) => `${name} ${kind}`),
    ['made time', 'note opaque', 'data opaque', 'rowid layout'],
  );
  assert.deepEqual(
    things.rows.map(({ key, values }) => [key, values[0]]),
    [
      ['one', '1790000000'],
      ['two', '1790000001'],
      ['three', '1790000002'],
    ],
  );
  const pairs = facts[0]!.facts.tables.find(({ name }) => name === 'pairs')!;
  assert.deepEqual(pairs.columns, [{ name: 'n', kind: 'number' }]);
});

test('times in milliseconds and texts, ids and paths are told as what they are', async () => {
  const database = new Database(':memory:');
  database.exec(`
    CREATE TABLE t (k INTEGER PRIMARY KEY, ms INTEGER, at TEXT, zoned TEXT, id TEXT, path TEXT, v TEXT);
    INSERT INTO t VALUES (1, 1790000000123, '2026-05-06 07:08:09', '2026-05-06T07:08:09Z',
      '0b9c4bd6-4a0e-4a9a-8a39-2c5b2d6b5c11', '/usr/bin/x', '1.2.3');`);
  const { facts } = await lookInto('x.db', database.serialize());
  const { columns, rows } = facts[0]!.facts.tables.find(({ name }) => name === 't')!;
  const told = Object.fromEntries(
    columns.map(({ name, kind }, i) => [name, [kind, rows[0]!.values[i]]]),
  );
  assert.deepEqual(told['ms'], ['time', '1790000000.123']);
  assert.deepEqual(told['zoned'], ['time', '1778051289']);
  assert.deepEqual(told['path'], ['path', '/usr/bin/x']);
  assert.deepEqual(told['v'], ['version', '1.2.3']);
  assert.equal(told['id']![0], 'random');
});

test('a table of very many rows is told in buckets', async () => {
  const many = (last: number): Buffer => {
    const database = new Database(':memory:');
    database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b)');
    const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
    database.transaction(() => {
      for (let i = 1; i <= 21_000; i++) insert.run(i, i === 5500 ? last : i);
    })();
    return database.serialize();
  };
  assert.deepEqual(await roots(many(5500), many(5501)), ['t!rows 5001-6000!rows opaque']);
});
