import assert from 'node:assert/strict';
import { test } from 'node:test';

import Database from 'better-sqlite3';
import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { RPM_TAG, rpmNumber, rpmString } from '../../src/formats/rpm-header.js';
import { canonicalRpmdb } from '../../src/formats/rpmdb-canonical.js';
import { checkRpmdb, readRpmdb, settleRpmdb } from '../../src/formats/rpmdb.js';
import { checkpointedSqlite } from '../../src/formats/sqlite-file.js';
import { addPackage, createRpmdb, packageHeader, type TestPackage } from './build-rpmdb.js';

const EPOCH = 1700000000;
const files = (name: string) =>
  Array.from({ length: 20 }, (_, k) => ({ path: `/usr/share/${name}/${k}` }));
/** Sorted. Two of one name differ in the epoch, two in nothing but their files. */
const PACKAGES: readonly TestPackage[] = [
  { name: 'bash', files: files('a') },
  { name: 'glibc', files: files('i686') },
  { name: 'glibc', files: files('x86_64') },
  { name: 'kernel' },
  { name: 'kernel', epoch: 0 },
  { name: 'kernel', epoch: 2 },
];

/** Installs in the given order, spoils what `also` says, and takes the image from memory. */
function image(
  items: readonly TestPackage[],
  also: (database: Database.Database) => void = () => undefined,
  options: { readonly bigEndian?: boolean } = {},
): Uint8Array {
  const database = createRpmdb(':memory:', items, options);
  also(database);
  const bytes = database.serialize();
  database.close();
  return checkpointedSqlite(bytes, null);
}

function ask(bytes: Uint8Array, sql: string): unknown[] {
  const database = new Database(Buffer.from(bytes));
  try {
    return database.prepare(sql).raw().all();
  } finally {
    database.close();
  }
}

const EXPECTED = canonicalRpmdb(image(PACKAGES), EPOCH);

test('Packages are sorted and numbered from 1, times follow, and the next number is the next', () => {
  const bytes = canonicalRpmdb(image(PACKAGES.toReversed()), EPOCH);
  checkRpmdb(bytes);
  assert.deepEqual(
    [...readRpmdb(bytes, null)].map((header) => [
      rpmString(header, RPM_TAG.NAME),
      rpmNumber(header, RPM_TAG.EPOCH),
      rpmNumber(header, RPM_TAG.INSTALLTIME),
      rpmNumber(header, RPM_TAG.INSTALLTID),
    ]),
    PACKAGES.map(({ name, epoch }, i) => [name, epoch ?? null, EPOCH + i, EPOCH]),
  );
  assert.deepEqual(ask(bytes, 'SELECT name, seq FROM sqlite_sequence'), [['Packages', 6]]);
  assert.deepEqual(
    ask(bytes, 'SELECT rowid, key, hnum, idx FROM Name ORDER BY rowid'),
    PACKAGES.map(({ name }, i) => [i + 1, name, i + 1, 0]),
  );
  assert.deepEqual(ask(bytes, 'SELECT DISTINCT hex(key) FROM Installtid'), [['00F15365']]);
});

test('Any order, removals, updates, statistics and times give the same bytes', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
      fc.nat(5),
      fc.nat(1_000_000),
      fc.boolean(),
      (order, removed, later, statistics) => {
        const timed = (i: number): TestPackage => ({
          ...PACKAGES[i]!,
          installTime: EPOCH + later + i,
          installTid: EPOCH + later,
        });
        const bytes = image(order.map(timed), (database) => {
          database.exec(`PRAGMA foreign_keys = OFF`);
          for (const table of ['Name', 'Installtid', 'Packages'])
            database.exec(`DELETE FROM ${table} WHERE hnum = ${removed + 1}`);
          addPackage(database, { name: 'passing' });
          if (statistics) database.exec('ANALYZE');
          for (const table of ['Name', 'Installtid', 'Packages'])
            database.exec(`DELETE FROM ${table} WHERE hnum = 7`);
          addPackage(database, timed(order[removed]!));
        });
        assert.ok(Buffer.from(EXPECTED).equals(canonicalRpmdb(bytes, EPOCH)));
      },
    ),
    { numRuns: 60 },
  );
});

test('The result is a fixed point, also of the other way to settle a database', () => {
  assert.ok(Buffer.from(EXPECTED).equals(canonicalRpmdb(EXPECTED, EPOCH)));
  assert.ok(Buffer.from(EXPECTED).equals(settleRpmdb(EXPECTED, EPOCH)));
  const empty = canonicalRpmdb(image([]), EPOCH);
  assert.ok(Buffer.from(empty).equals(canonicalRpmdb(empty, EPOCH)));
  const emptied = image(PACKAGES, (database) =>
    database.exec('DELETE FROM Name; DELETE FROM Installtid; DELETE FROM Packages'),
  );
  assert.ok(Buffer.from(empty).equals(canonicalRpmdb(emptied, EPOCH)));
});

test('Page size, encoding of keys and byte order of the machine stay', () => {
  const big = canonicalRpmdb(
    image(PACKAGES, () => undefined, { bigEndian: true }),
    EPOCH,
  );
  assert.deepEqual(ask(big, 'SELECT DISTINCT hex(key) FROM Installtid'), [['6553F100']]);
  const latin = canonicalRpmdb(
    image(PACKAGES.toReversed(), (database) =>
      database.exec("UPDATE Name SET key = CAST(x'62E4E4' AS TEXT) WHERE hnum = 6"),
    ),
    EPOCH,
  );
  assert.deepEqual(
    ask(latin, 'SELECT typeof(key), hex(CAST(key AS BLOB)) FROM Name WHERE hnum = 1'),
    [['text', '62E4E4']],
  );
  const paged = image(PACKAGES, (database) => database.exec('PRAGMA page_size = 1024; VACUUM'));
  assert.deepEqual(ask(canonicalRpmdb(paged, EPOCH), 'PRAGMA page_size'), [
    ask(paged, 'PRAGMA page_size')[0],
  ]);
});

test('Rows of one package stay in the order of their positions', () => {
  const bytes = image(
    ['b', 'a'].map((name) => ({ name })),
    (database) => {
      const insert = database.prepare('INSERT INTO Name VALUES (?, ?, ?)');
      for (const [key, number, index] of [
        ['b2', 1, 2],
        ['a1', 2, 1],
        ['b1', 1, 1],
      ] as const)
        insert.run(key, number, index);
    },
  );
  assert.deepEqual(ask(canonicalRpmdb(bytes, EPOCH), 'SELECT key, hnum FROM Name ORDER BY rowid'), [
    ['a', 1],
    ['a1', 1],
    ['b', 2],
    ['b1', 2],
    ['b2', 2],
  ]);
});

test('A database that rpm would not have made is refused', () => {
  for (const sql of [
    'CREATE TABLE extra (a)',
    'CREATE TABLE extra (key, hnum, idx, more)',
    'CREATE TABLE extra (key, hnum, idx PRIMARY KEY) WITHOUT ROWID',
    'CREATE VIEW extra AS SELECT 1',
    'PRAGMA foreign_keys = OFF; INSERT INTO Name VALUES (1, 99, 0)',
    "UPDATE Packages SET blob = x'00' WHERE hnum = 2",
    "UPDATE Installtid SET key = x'01020304' WHERE hnum = 2",
  ])
    assert.throws(
      () =>
        canonicalRpmdb(
          image(PACKAGES, (database) => database.exec(sql)),
          EPOCH,
        ),
      FormatError,
      sql,
    );
  assert.throws(() => canonicalRpmdb(image(PACKAGES), 2 ** 32 - 3), FormatError);
});

test('Damaged bytes give faults of the format, nothing else', () => {
  const before = image(PACKAGES);
  const place = fc.tuple(fc.nat(before.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = Buffer.from(before);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        canonicalRpmdb(bytes, EPOCH);
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});

test('Headers that differ in nothing but their times count as one package twice', () => {
  const twice = [1, 2].map((n) => ({ name: 'same', installTime: n, installTid: 1800000000 }));
  const one = canonicalRpmdb(image(twice), EPOCH);
  assert.ok(Buffer.from(one).equals(canonicalRpmdb(image(twice.toReversed()), EPOCH)));
  assert.notDeepEqual(packageHeader(twice[0]!), packageHeader(twice[1]!));
});
