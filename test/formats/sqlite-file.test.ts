import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import Database from 'better-sqlite3';
import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { checkpointedSqlite, isHotJournal, isWalMode } from '../../src/formats/sqlite-file.js';
import { tempFolder } from '../helpers/temp-tree.js';

interface Files {
  readonly main: Buffer;
  readonly wal: Buffer | null;
}

/** A database in write-ahead mode, caught while a connection is open. */
function walDatabase(t: TestContext, steps: readonly string[], pageSize = 1024): Files {
  const file = join(tempFolder(t), 'x.db');
  const database = new Database(file);
  database.pragma(`page_size = ${pageSize}`);
  database.pragma('journal_mode = wal');
  database.pragma('wal_autocheckpoint = 0');
  for (const step of steps) database.exec(step);
  const files = { main: readFileSync(file), wal: readFileSync(`${file}-wal`) };
  database.close();
  return files;
}

/** What SQLite makes of the same files: all of the log moved into the main file. */
function bySqlite(folder: string, { main, wal }: Files): Buffer {
  const file = join(folder, 'oracle.db');
  writeFileSync(file, main);
  writeFileSync(`${file}-wal`, wal ?? '');
  const database = new Database(file);
  database.pragma('wal_checkpoint(TRUNCATE)');
  const shown = readFileSync(file);
  database.close();
  return shown;
}

function assertSameDatabase(actual: Uint8Array, expected: Buffer): void {
  const marked = Buffer.from(expected);
  marked[18] = marked[19] = 1;
  assert.ok(marked.equals(actual), 'the pages differ from those that SQLite shows');
}

const STEPS = [
  'CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)',
  'INSERT INTO t (b) SELECT hex(randomblob(20)) FROM (VALUES (1),(2),(3),(4),(5),(6),(7),(8))',
  'PRAGMA wal_checkpoint',
  "INSERT INTO t (b) SELECT b || b FROM t; UPDATE t SET b = 'new' WHERE a % 3 = 0",
  'DELETE FROM t WHERE a > 12; PRAGMA user_version = 7',
];

test('A log is replayed as SQLite replays it', (t) => {
  for (let count = 1; count <= STEPS.length; count++) {
    const files = walDatabase(t, STEPS.slice(0, count));
    assertSameDatabase(checkpointedSqlite(files.main, files.wal), bySqlite(tempFolder(t), files));
  }
});

test('A log is replayed even onto a database that is marked for rollback journals', (t) => {
  const { main, wal } = walDatabase(t, STEPS);
  main[18] = main[19] = 1;
  const expected = bySqlite(tempFolder(t), { main, wal });
  assertSameDatabase(checkpointedSqlite(main, wal), expected);
});

test('A log that shrinks the database makes it shorter', (t) => {
  const files = walDatabase(t, [
    ...STEPS,
    'CREATE TABLE big (x)',
    'INSERT INTO big VALUES (zeroblob(50000))',
    'PRAGMA wal_checkpoint',
    'DROP TABLE big; VACUUM',
  ]);
  const image = checkpointedSqlite(files.main, files.wal);
  assert.ok(image.length < files.main.length);
  assertSameDatabase(image, bySqlite(tempFolder(t), files));
});

test('Frames after the last whole commit are not replayed, wherever the log is cut', (t) => {
  const files = walDatabase(t, STEPS, 512);
  const folder = tempFolder(t);
  for (let length = 0; length <= files.wal!.length; length += 131) {
    const cut = { main: files.main, wal: files.wal!.subarray(0, length) };
    assertSameDatabase(checkpointedSqlite(cut.main, cut.wal), bySqlite(folder, cut));
  }
});

test('A log with any changed byte is read as SQLite reads it', (t) => {
  const files = walDatabase(t, STEPS, 512);
  const folder = tempFolder(t);
  const change = fc.tuple(fc.nat(files.wal!.length - 1), fc.nat(255));
  const early = fc.tuple(fc.nat(60), fc.nat(255));
  fc.assert(
    fc.property(fc.array(fc.oneof(change, early), { minLength: 1, maxLength: 3 }), (changes) => {
      const wal = Buffer.from(files.wal!);
      for (const [at, value] of changes) wal[at] = value;
      let image: Uint8Array;
      try {
        image = checkpointedSqlite(files.main, wal);
      } catch (error) {
        assert.ok(error instanceof FormatError);
        return;
      }
      assertSameDatabase(image, bySqlite(folder, { main: files.main, wal }));
    }),
    { numRuns: 150 },
  );
});

test('A log that was started anew after a checkpoint hides the frames of its first life', (t) => {
  const file = join(tempFolder(t), 'x.db');
  const database = new Database(file);
  database.pragma('journal_mode = wal');
  database.pragma('wal_autocheckpoint = 0');
  database.exec('CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(30000))');
  database.pragma('wal_checkpoint(RESTART)');
  database.exec("INSERT INTO t VALUES ('second life')");
  const files = { main: readFileSync(file), wal: readFileSync(`${file}-wal`) };
  database.close();
  assertSameDatabase(checkpointedSqlite(files.main, files.wal), bySqlite(tempFolder(t), files));
});

test('A database without a log is only marked, one in rollback mode is itself', (t) => {
  const { main } = walDatabase(t, STEPS);
  const image = checkpointedSqlite(main, null);
  assert.equal(isWalMode(main), true);
  assert.equal(isWalMode(image), false);
  assert.equal(main[18], 2, 'the argument is not written to');
  assert.equal(checkpointedSqlite(image, null), image);
  assert.equal(checkpointedSqlite(image, Buffer.alloc(0)), image);
});

test('What is no database, or a cut one, is a fault of the format', (t) => {
  const { main } = walDatabase(t, STEPS);
  for (let length = 0; length < main.length; length++)
    if (length % 1024 !== 0 || length === 0)
      assert.throws(() => checkpointedSqlite(main.subarray(0, length), null), FormatError);
  for (const at of [0, 15, 16, 17, 18, 19]) {
    const bytes = Buffer.from(main);
    bytes[at] = 0x37;
    assert.throws(() => checkpointedSqlite(bytes, null), FormatError);
  }
});

test('A log of another page size or version is a fault of the format', (t) => {
  const { main } = walDatabase(t, STEPS, 1024);
  const { wal } = walDatabase(t, STEPS, 2048);
  assert.throws(() => checkpointedSqlite(main, wal), FormatError);
});

test('Only a journal with its magic waits to be rolled back', (t) => {
  const file = join(tempFolder(t), 'x.db');
  const database = new Database(file);
  database.exec('CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)');
  database.pragma('cache_spill = 1');
  database.exec('INSERT INTO t SELECT zeroblob(1000) FROM t');
  assert.equal(existsSync(`${file}-journal`), true);
  copyFileSync(`${file}-journal`, `${file}.copy`);
  const journal = readFileSync(`${file}.copy`);
  database.exec('ROLLBACK');
  database.close();
  assert.equal(isHotJournal(Buffer.alloc(512)), false);
  assert.equal(isHotJournal(Buffer.alloc(0)), false);
  // SQLite writes the magic when it syncs the journal; until then it is not hot.
  journal.set([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
  assert.equal(isHotJournal(journal), true);
});
