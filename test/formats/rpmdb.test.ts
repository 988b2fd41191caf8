import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import Database from 'better-sqlite3';

import { FormatError } from '../../src/core/errors.js';
import { RPM_TAG, rpmNumber, rpmString } from '../../src/formats/rpm-header.js';
import { checkRpmdb, readRpmdb, settleRpmdb } from '../../src/formats/rpmdb.js';
import { checkpointedSqlite } from '../../src/formats/sqlite-file.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { addPackage, createRpmdb, type TestPackage } from './build-rpmdb.js';

const EPOCH = 1700000000;
const NAMES = ['filesystem', 'glibc', 'bash', 'python3'];

function packagesAt(time: number): TestPackage[] {
  return NAMES.map((name, i) => ({
    name,
    installTime: time + i,
    installTid: time,
    files: Array.from({ length: 50 }, (_, k) => ({ path: `/usr/share/${name}/${k}` })),
  }));
}

function image(t: TestContext, make: (file: string) => Database.Database): Uint8Array {
  const file = join(tempFolder(t), 'rpmdb.sqlite');
  const database = make(file);
  const bytes = checkpointedSqlite(readFileSync(file), readIfThere(`${file}-wal`));
  database.close();
  return bytes;
}

function readIfThere(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

function times(bytes: Uint8Array): (number | null)[][] {
  return [...readRpmdb(bytes, null)].map((header) =>
    [RPM_TAG.INSTALLTIME, RPM_TAG.INSTALLTID].map((tag) => rpmNumber(header, tag)),
  );
}

function tidKeys(bytes: Uint8Array): unknown[] {
  const database = new Database(Buffer.from(bytes));
  const keys = database.prepare('SELECT hex(key) FROM Installtid').pluck().all();
  database.close();
  return keys;
}

test('Headers come by package number, log included', (t) => {
  const file = join(tempFolder(t), 'rpmdb.sqlite');
  const database = createRpmdb(file, packagesAt(5));
  const headers = [...readRpmdb(readFileSync(file), readFileSync(`${file}-wal`))];
  database.close();
  assert.deepEqual(
    headers.map((header) => rpmString(header, RPM_TAG.NAME)),
    NAMES,
  );
});

test('Times count up from the epoch and ids are the epoch, in the headers and in their index', (t) => {
  const settled = settleRpmdb(
    image(t, (file) => createRpmdb(file, packagesAt(1800000123))),
    EPOCH,
  );
  assert.deepEqual(
    times(settled),
    NAMES.map((_, i) => [EPOCH + i, EPOCH]),
  );
  assert.deepEqual(
    tidKeys(settled),
    NAMES.map(() => '00F15365'),
  );
  checkRpmdb(settled);
});

test('Other bytes of a header stay', (t) => {
  const before = image(t, (file) => createRpmdb(file, packagesAt(1800000123)));
  const after = [...readRpmdb(settleRpmdb(before, EPOCH), null)];
  for (const [i, header] of [...readRpmdb(before, null)].entries()) {
    const changed = header.blob.reduce(
      (sum, byte, k) => sum + (byte === after[i]!.blob[k] ? 0 : 1),
      0,
    );
    assert.ok(changed > 0 && changed <= 8);
  }
});

test('Keys of a machine of the other byte order keep their order', (t) => {
  const before = image(t, (file) => createRpmdb(file, packagesAt(1800000123), { bigEndian: true }));
  assert.deepEqual(
    tidKeys(settleRpmdb(before, EPOCH)),
    NAMES.map(() => '6553F100'),
  );
});

test('Equal packages in equal order give equal bytes, however and whenever they came', (t) => {
  const once = image(t, (file) => createRpmdb(file, packagesAt(1800000000)));
  const later = image(t, (file) =>
    createRpmdb(file, packagesAt(1900000000), { journal: 'delete' }),
  );
  const twice = image(t, (file) => {
    const database = createRpmdb(file, packagesAt(1810000000).slice(0, 2));
    database.exec('ANALYZE');
    database.exec('CREATE TABLE scratch (a); INSERT INTO scratch VALUES (zeroblob(90000))');
    for (const item of packagesAt(1820000000).slice(2)) addPackage(database, item);
    database.exec('DROP TABLE scratch');
    return database;
  });
  const settled = settleRpmdb(once, EPOCH);
  assert.ok(Buffer.from(settled).equals(settleRpmdb(later, EPOCH)));
  assert.ok(Buffer.from(settled).equals(settleRpmdb(twice, EPOCH)));
});

test('What is settled stays as it is', (t) => {
  const settled = settleRpmdb(
    image(t, (file) => createRpmdb(file, packagesAt(5))),
    EPOCH,
  );
  assert.ok(Buffer.from(settled).equals(settleRpmdb(settled, EPOCH)));
});

test('Another order is another database', (t) => {
  const one = image(t, (file) => createRpmdb(file, packagesAt(5)));
  const other = image(t, (file) => createRpmdb(file, packagesAt(5).toReversed()));
  assert.ok(!Buffer.from(settleRpmdb(one, EPOCH)).equals(settleRpmdb(other, EPOCH)));
});

test('A database that rpm would not have made is refused', (t) => {
  const spoil = (sql: string): Uint8Array =>
    image(t, (file) => {
      const database = createRpmdb(file, packagesAt(5));
      database.exec(sql);
      return database;
    });
  for (const sql of [
    'CREATE TRIGGER x AFTER UPDATE ON Packages BEGIN DELETE FROM Name; END',
    'CREATE VIEW v AS SELECT 1',
    'DROP TABLE Installtid',
    "UPDATE Installtid SET key = x'01020304' WHERE hnum = 2",
    "UPDATE Packages SET blob = 'text' WHERE hnum = 2",
    "UPDATE Packages SET blob = x'00' WHERE hnum = 2",
  ])
    assert.throws(() => settleRpmdb(spoil(sql), EPOCH), FormatError, sql);
});

test('A time that does not fit into 32 bits is refused', (t) => {
  const before = image(t, (file) => createRpmdb(file, packagesAt(5)));
  assert.throws(() => settleRpmdb(before, 2 ** 32), FormatError);
});

test('Damaged pages give faults of the format, nothing else', (t) => {
  const before = image(t, (file) => createRpmdb(file, packagesAt(5)));
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let round = 0; round < 150; round++) {
    const bytes = Buffer.from(before);
    for (let k = 0; k < 6; k++) bytes[random(bytes.length)] = random(256);
    for (const use of [
      () => [...readRpmdb(bytes, null)],
      () => checkRpmdb(bytes),
      () => settleRpmdb(bytes, EPOCH),
    ])
      try {
        use();
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
      }
  }
});

test('An index that does not agree with its table is found', (t) => {
  const bytes = Buffer.from(image(t, (file) => createRpmdb(file, packagesAt(5))));
  const places: number[] = [];
  for (let i = bytes.indexOf('bash'); i >= 0; i = bytes.indexOf('bash', i + 1)) places.push(i);
  // Some are in headers, where SQLite cannot tell; one is the row of `Name` and one its index entry.
  const found = places.filter((at) => {
    const changed = Buffer.from(bytes);
    changed[at] = 0x7a;
    try {
      checkRpmdb(changed);
      return false;
    } catch (error) {
      return error instanceof FormatError;
    }
  });
  assert.equal(found.length, 2);
});
