import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess, type RandomAccess } from '../../src/core/random-access.js';
import { columnValues, openSqliteDatabase } from '../../src/formats/sqlite-database.js';
import { readExtents } from '../../src/formats/sqlite-payload.js';
import { walRegions } from '../../src/formats/sqlite-wal-regions.js';
import { indexWal } from '../../src/formats/sqlite-wal.js';
import { openSqlite } from '../../src/util/open-sqlite.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { assertAgrees, plainRows, read, sqliteBytes, tableNamed } from './read-sqlite.js';

const SHAPES = `
  CREATE TABLE plain (a, b TEXT, c REAL, d BLOB);
  CREATE TABLE alias (id INTEGER PRIMARY KEY AUTOINCREMENT, v VARCHAR(20) UNIQUE, w INT);
  CREATE TABLE kv (v, k TEXT, n INT, PRIMARY KEY (k, n)) WITHOUT ROWID;
  CREATE INDEX plain_b ON plain (b, a DESC);
  CREATE INDEX alias_part ON alias (w) WHERE w > 3;
  CREATE INDEX alias_expr ON alias (length(v), w COLLATE nocase);
  CREATE INDEX kv_v ON kv (v);
  CREATE VIEW seen AS SELECT a FROM plain;
  CREATE TRIGGER fired AFTER DELETE ON plain BEGIN SELECT 1; END;
`;
const FILL = `
  WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
  INSERT INTO plain SELECT i * i * i * i * 1000003, 'tëxt ' || i || char(128512), i / 7.0,
    CASE WHEN i % 50 = 0 THEN randomblob(i * 20) WHEN i % 3 THEN randomblob(i % 11) END FROM n;
  INSERT INTO plain VALUES (-1, '', 5, zeroblob(0)), (9223372036854775807, NULL, -0.5, x'00');
  INSERT INTO alias (id, v, w) SELECT rowid * 3 - 500, b || rowid, rowid % 10 FROM plain;
  INSERT INTO kv SELECT d, b, a FROM plain WHERE b IS NOT NULL AND length(d) < 300;
`;
const HOLES = `
  DELETE FROM plain WHERE rowid % 4 = 1 OR rowid BETWEEN 100 AND 180;
  DELETE FROM alias WHERE w IN (2, 5);
  UPDATE kv SET v = zeroblob(700) WHERE n % 9 = 0;
  DELETE FROM kv WHERE n % 4 = 0;
`;

const KINDS = [
  ['UTF-8', 'none'],
  ['UTF-16le', 'full'],
  ['UTF-16be', 'incremental'],
] as const;
for (const pageSize of [512, 1024, 4096, 16384, 65536])
  for (const [encoding, vacuum] of KINDS)
    test(`Rows, entries and pages are those of SQLite: ${pageSize} ${encoding} ${vacuum}`, (t) => {
      const file = join(tempFolder(t), 'x.db');
      const database = openSqlite(file);
      database.exec(
        `PRAGMA page_size=${pageSize}; PRAGMA encoding='${encoding}'; PRAGMA auto_vacuum=${vacuum}`,
      );
      database.exec(SHAPES);
      assertAgrees(file);
      database.exec(`BEGIN; ${FILL} COMMIT`);
      assertAgrees(file);
      database.exec(HOLES);
      database.exec('DROP INDEX plain_b');
      database.close();
      const found = assertAgrees(file);
      assert.equal(found.image.pageSize, pageSize);
      assert.equal(found.header.encoding, encoding.toLowerCase());
    });

test('All fields of the header are there, one after another', (t) => {
  const bytes = sqliteBytes(t, [
    'PRAGMA user_version = 77; PRAGMA application_id = 0x1234; CREATE TABLE t (a)',
  ]);
  const { fields } = read(bytes).header;
  let at = 0;
  for (const field of fields) {
    assert.equal(field.offset, at);
    at += field.length;
  }
  assert.equal(at, 100);
  const byName = Object.fromEntries(fields.map((field) => [field.name, field.value]));
  assert.equal(byName['page-size'], 4096);
  assert.equal(byName['user-version'], 77);
  assert.equal(byName['application-id'], 0x1234);
  assert.equal(byName['page-count'], 2);
  assert.equal(byName['schema-format'], 4);
  assert.equal(byName['magic'], 'SQLite format 3\0');
});

test('A blob of a megabyte has its bytes in extents, whatever is held in memory', (t) => {
  const bytes = sqliteBytes(t, [
    'CREATE TABLE t (a, b, c)',
    "INSERT INTO t VALUES ('before', randomblob(1000000), 'behind')",
  ]);
  const whole = read(bytes);
  const [row] = [...whole.rows(tableNamed(whole, 't'))];
  const [before, blob, behind] = row!.values;
  assert.equal(before!.value, 'before');
  assert.equal(before!.extents.length, 1);
  assert.equal(behind!.value, 'behind');
  assert.ok(blob!.extents.length > 200);
  assert.ok(Buffer.concat([...readExtents(whole.image, blob!.extents)]).equals(blob!.bytes));

  const frugal = openSqliteDatabase(
    { size: bytes.length, read: readOf(bytes) },
    { payloadLimit: 5000 },
  );
  const [same] = [...frugal.rows(tableNamed(frugal, 't'))];
  assert.equal(same!.values[1]!.length, 1_000_000);
  assert.equal(same!.values[1]!.bytes.length < 5000, true);
  assert.deepEqual(same!.values[1]!.extents, blob!.extents);
  assert.deepEqual(frugal.problems(), []);
});

test('100,000 rows are read with few pages in memory', (t) => {
  const file = join(tempFolder(t), 'x.db');
  const database = openSqlite(file);
  database.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, size INT); CREATE INDEX i ON t (name);
    WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO t SELECT i, 'usr/lib/' || (i * 7919 % 100003), i * i FROM n`);
  database.close();
  const { access, close } = openFile(file);
  const ours = openSqliteDatabase(access);
  const table = tableNamed(ours, 't');
  let rows = 0;
  let sum = 0n;
  for (const row of ours.rows(table)) {
    rows++;
    const [id, , size] = columnValues(table, row);
    assert.ok(id?.kind === 'integer' && size?.kind === 'integer');
    sum += size.value - id.value;
  }
  assert.equal(rows, 100_000);
  assert.equal(sum, 333_338_333_350_000n - 5_000_050_000n);
  let last = '';
  for (const { values } of ours.entries(ours.indexes[0]!)) {
    const name = String(values[0]!.value);
    assert.ok(name > last);
    last = name;
  }
  assert.deepEqual(ours.problems(), []);
  close();
});

test('Columns are named as SQLite names them', (t) => {
  const file = join(tempFolder(t), 'x.db');
  const database = openSqlite(file);
  database.exec(`
    PRAGMA foreign_keys = off;
    CREATE TABLE "odd ""name""" (
      "a,b" DECIMAL(10, 5) NOT NULL DEFAULT (1 + (2)), -- a comment, with (
      [c d] TEXT CHECK ("c d" <> ')') /* another , */,
      \`e\`\`f\` "my type" COLLATE NOCASE,
      'g' INTEGER DEFAULT -5 CONSTRAINT "unique" REFERENCES kv (k) ON DELETE CASCADE,
      größe,
      h GENERATED ALWAYS AS (g * 2) VIRTUAL, i AS (g + 1) STORED, j,
      CONSTRAINT pk PRIMARY KEY (g DESC) UNIQUE (j, "a,b"), FOREIGN KEY (j) REFERENCES kv
    );
    CREATE TABLE kv (k, unique_one, key INT, "primary" TEXT UNIQUE, PRIMARY KEY (key, k)) WITHOUT ROWID;
  `);
  database.exec(`
    CREATE TABLE not_alias (id INTEGER PRIMARY KEY DESC, x);
    CREATE TABLE int_key (id INT PRIMARY KEY, x UNIQUE, UNIQUE (x), UNIQUE (id, x));
    CREATE TABLE strict_one (id INTEGER PRIMARY KEY, x ANY) STRICT;
    CREATE TABLE copied AS SELECT 1 AS "a b", 'x' AS c;
    INSERT INTO not_alias VALUES (50, 1), (NULL, 2);
    INSERT INTO int_key VALUES (5, 6), (7, 8);
    INSERT INTO strict_one VALUES (12, 'y');
    INSERT INTO "odd ""name""" ("a,b", [c d], g, j) VALUES (1.5, 'x', 42, 'y'), (2, 'y', -7, 'z');
    INSERT INTO kv VALUES (1, 2, 3, 'four'), ('a', 'b', 4, 'd');
    ALTER TABLE copied ADD COLUMN later DEFAULT 'unsaid';
    INSERT INTO copied VALUES (3, 4, 5);
    ALTER TABLE strict_one RENAME COLUMN x TO "new name";
  `);
  database.close();
  const before = read(readFileSync(file));
  assert.deepEqual(plainRows(before, 'copied'), [
    [1n, 'x', null],
    [3n, 4n, 5n],
  ]);
  const again = openSqlite(file);
  again.exec('DROP TABLE copied');
  again.close();
  const ours = assertAgrees(file);
  const odd = tableNamed(ours, 'odd "name"');
  assert.deepEqual(
    odd.columns.map(({ type }) => type),
    ['DECIMAL(10, 5)', 'TEXT', 'my type', 'INTEGER', '', '', '', ''],
  );
  assert.deepEqual(
    odd.columns.map(({ rowid }) => rowid),
    [false, false, false, true, false, false, false, false],
  );
});

test('A log that was not checkpointed is laid over the file', (t) => {
  const folder = tempFolder(t);
  const file = join(folder, 'x.db');
  const database = openSqlite(file);
  database.exec('PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0');
  database.exec(SHAPES);
  database.exec('PRAGMA wal_checkpoint');
  database.exec(`${FILL} ${HOLES}`);
  const main = readFileSync(file);
  const wal = readFileSync(`${file}-wal`);
  const copy = join(folder, 'copy.db');
  writeFileSync(copy, main);
  writeFileSync(`${copy}-wal`, wal);
  database.close();
  const shown = assertAgrees(copy);
  assert.equal(read(main).tables.length, shown.tables.length);
  assert.equal(plainRows(read(main), 'plain').length, 0);
  assert.ok(plainRows(read(main, wal), 'plain').length > 100);
  const [row] = [...shown.rows(tableNamed(shown, 'plain'))];
  const place = shown.image.locate(row!.offset);
  assert.equal(place.file, 'wal');
  const cell = Buffer.from(shown.image.read(row!.offset, row!.length));
  assert.ok(cell.equals(wal.subarray(place.offset, place.offset + row!.length)));
});

test('A database that is in its log alone is read', (t) => {
  const file = join(tempFolder(t), 'x.db');
  const database = openSqlite(file);
  database.exec('PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)');
  database.exec('INSERT INTO t VALUES (1)');
  const wal = readFileSync(`${file}-wal`);
  database.close();
  assert.deepEqual(plainRows(read(new Uint8Array(), wal), 't'), [[1n]]);
});

test('Every byte of a log is in one region, and says whether readers see it', (t) => {
  const file = join(tempFolder(t), 'x.db');
  const database = openSqlite(file);
  database.exec('PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)');
  database.exec('INSERT INTO t VALUES (1)');
  database.exec('INSERT INTO t VALUES (2)');
  const wal = readFileSync(`${file}-wal`);
  database.close();
  const kinds = (bytes: Uint8Array): Set<string> => {
    const found = new Set<string>();
    let at = 0;
    for (const region of walRegions(indexWal(bufferAccess(bytes), 4096), bytes.length)) {
      assert.equal(region.offset, at);
      at += region.length;
      found.add(region.kind);
    }
    assert.equal(at, bytes.length);
    return found;
  };
  assert.deepEqual(kinds(wal), new Set(['wal-header', 'frame-header', 'replaced-page', 'page']));
  assert.ok(kinds(wal.subarray(0, 32 + 4120 + 9)).has('uncommitted-page'));
  for (let length = 1; length < wal.length; length += 97)
    assert.equal(kinds(wal.subarray(0, length)).has('stale'), length % 4120 !== 32);
});

test('Bytes reserved for extensions are told apart', { skip: needs('sqlite3') }, (t) => {
  const file = join(tempFolder(t), 'x.db');
  const input = `.filectrl reserve_bytes 32\nVACUUM;\nCREATE TABLE t (a);\nINSERT INTO t VALUES (randomblob(20000));\nVACUUM;\n`;
  execFileSync('sqlite3', [file], { input });
  const ours = read(readFileSync(file));
  assert.equal(ours.header.reserved, 32);
  assert.deepEqual(ours.problems(), []);
  const reserved = [...ours.regions()].filter((region) => region.kind === 'reserved');
  assert.equal(reserved.length, ours.image.pageCount);
  assert.ok(reserved.every((region) => region.length === 32));
  assert.equal(ours.problems().length, 0);
});

test('Rows are those of .dump', { skip: needs('sqlite3') }, (t) => {
  const file = join(tempFolder(t), 'x.db');
  const values = `(1, 'it''s', x'00ff'), (-9223372036854775808, 'ü', NULL), (0, '', x'')`;
  execFileSync('sqlite3', [file, `CREATE TABLE t (a, b, c); INSERT INTO t VALUES ${values}`]);
  const dump = execFileSync('sqlite3', [file, '.dump'], { encoding: 'utf8' });
  const lines = plainRows(read(readFileSync(file)), 't').map((row) => {
    const quoted = row.map((value) => {
      if (value === null) return 'NULL';
      if (Buffer.isBuffer(value)) return `X'${value.toString('hex')}'`;
      if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
      assert.ok(typeof value === 'bigint');
      return value.toString();
    });
    return `INSERT INTO t VALUES(${quoted.join()});`;
  });
  const shown = dump.split('\n').filter((line) => line.startsWith('INSERT'));
  assert.deepEqual(
    lines.map((line) => line.toLowerCase()),
    shown.map((line) => line.toLowerCase()),
  );
});

test('Random rows come out as they went in', (t) => {
  const file = join(tempFolder(t), 'x.db');
  const value = fc.oneof(
    fc.constant(null),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.integer({ min: -300, max: 300 }).map(BigInt),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.replaceAll('\0', '')),
    fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
  );
  const rowid = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.integer({ min: -5, max: 200 }).map(BigInt),
  );
  const rows = fc.uniqueArray(fc.tuple(rowid, value, value), { selector: (row) => row[0] });
  const sizes = fc.constantFrom(512, 1024, 4096);
  const encodings = fc.constantFrom('UTF-8', 'UTF-16le', 'UTF-16be');
  fc.assert(
    fc.property(rows, sizes, encodings, (given, pageSize, encoding) => {
      const database = openSqlite(':memory:');
      database.exec(`PRAGMA page_size=${pageSize}; PRAGMA encoding='${encoding}'`);
      database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); CREATE INDEX i ON t (b, a)');
      const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?)');
      for (const row of given) insert.run(...row);
      writeFileSync(file, database.serialize());
      database.close();
      const ours = read(readFileSync(file));
      const sorted = given.toSorted((a, b) => (a[0] < b[0] ? -1 : 1));
      const wanted: readonly (readonly unknown[])[] = sorted;
      const got = plainRows(ours, 't').map((row, r) =>
        // SQLite stores a whole number as an integer only in columns that say so.
        row.map((item, c) => (typeof wanted[r]?.[c] === 'number' ? Number(item) : item)),
      );
      assert.deepEqual(got, wanted);
      assert.equal([...ours.entries(ours.indexes[0]!)].length, given.length);
      assert.deepEqual(ours.problems(), []);
    }),
    { numRuns: 150 },
  );
});

test('What is no database is refused', () => {
  assert.throws(() => read(new Uint8Array()), FormatError);
  assert.throws(() => read(new Uint8Array(5000)), FormatError);
  assert.throws(() => read(Buffer.from('SQLite format 3\0')), FormatError);
});

test('The package database of rpm is read as SQLite reads it', { skip: needs('rpm') }, (t) => {
  const folder = tempFolder(t);
  execFileSync('rpm', ['--dbpath', folder, '--define', '_db_backend sqlite', '--initdb']);
  assert.ok(assertAgrees(join(folder, 'rpmdb.sqlite')).tables.length > 15);
});

function readOf(bytes: Uint8Array): RandomAccess['read'] {
  return (offset, length) => bytes.subarray(offset, Math.min(bytes.length, offset + length));
}

/** A file read on demand. */
function openFile(file: string): { access: RandomAccess; close: () => void } {
  const descriptor = openSync(file, 'r');
  const size = readFileSync(file).length;
  const access: RandomAccess = {
    size,
    read(offset, length) {
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
      readSync(descriptor, buffer, 0, buffer.length, offset);
      return buffer;
    },
  };
  return { access, close: () => closeSync(descriptor) };
}
