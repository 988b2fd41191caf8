import assert from 'node:assert/strict';
import { test } from 'node:test';

import { RPM_TAG, RPM_TYPE } from '../../../src/formats/rpm-header.js';
import { buildRpmHeader, numbers, text, texts } from '../../formats/build-rpm-header.js';
import { createRpmdb, type TestPackage } from '../../formats/build-rpmdb.js';
import { everyDifference } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const NAME = 'usr/lib/sysimage/rpm/rpmdb.sqlite';
const PACKAGES: readonly TestPackage[] = [
  { name: 'alpha', files: [{ path: '/usr/bin/a', digest: 'ab'.repeat(32) }] },
  { name: 'beta', epoch: 3, installTime: 1_790_000_000 },
  { name: 'gamma', installTid: 1_790_000_000 },
];

function build(packages: readonly TestPackage[] = PACKAGES, then = ''): Buffer {
  const database = createRpmdb(':memory:', packages, { journal: 'delete' });
  database.exec(then);
  const bytes = database.serialize();
  database.close();
  return bytes;
}

const isRoot = (name: string): boolean => !/ (layout|size)$/.test(name);

async function roots(before: Uint8Array, after: Uint8Array): Promise<readonly string[]> {
  return (await everyDifference(NAME, before, after)).filter(isRoot);
}

test('every byte of the database is in some fact', async () => {
  await proveEveryByte(NAME, build(), 3000);
  await proveTruncation(NAME, build(), 60);
});

test('the tag that differs is named with its package', async () => {
  const [alpha, beta, gamma] = PACKAGES as [TestPackage, TestPackage, TestPackage];
  const later = build([alpha, { ...beta, installTime: 1_790_000_001 }, gamma]);
  assert.deepEqual(await roots(build(), later), ['Packages!beta-3:1.0-2.noarch!INSTALLTIME time']);
  const transaction = build([alpha, beta, { ...gamma, installTid: 1_790_000_001 }]);
  const found = await everyDifference(NAME, build(), transaction);
  assert.deepEqual(found.filter(isRoot), ['Packages!gamma-1.0-2.noarch!INSTALLTID time']);
  assert.ok(found.includes('b-trees!table Installtid!cells layout'));
});

test('packages in another order differ in layout alone', async () => {
  const [alpha, beta, gamma] = PACKAGES as [TestPackage, TestPackage, TestPackage];
  const found = await everyDifference(NAME, build(), build([alpha, gamma, beta]));
  assert.deepEqual(found.filter(isRoot), []);
  assert.ok(found.includes('Packages!order layout'));
  assert.ok(found.includes('Packages!gamma-1.0-2.noarch!hnum layout'));
});

test('a package that came, and a key of which there are two, are rows of their own', async () => {
  const more = build([...PACKAGES, { name: 'gamma', installTime: 1_790_000_009 }]);
  assert.deepEqual(await roots(build(), more), ['Packages!gamma-1.0-2.noarch!member opaque']);
});

test('a header that makes no sense is told, and the others still speak', async () => {
  const damaged = build(PACKAGES, 'UPDATE Packages SET blob = substr(blob, 1, 30) WHERE hnum = 2');
  const { problems, facts, format } = await lookInto(NAME, damaged);
  assert.equal(format, 'rpmdb');
  assert.ok(problems.some((problem) => problem.includes('rpm-header')));
  const { rows } = facts.at(-1)!.facts.tables.find(({ name }) => name === 'Packages')!;
  assert.deepEqual(
    rows.map(({ key }) => key),
    ['alpha-1.0-2.noarch', 'hnum 2', 'gamma-1.0-2.noarch'],
  );
});

test('a database of other tables is one of SQLite', async () => {
  const { format } = await lookInto(NAME, build([], 'ALTER TABLE Packages RENAME TO Others'));
  assert.equal(format, 'sqlite');
});

test('every tag of a header is a fact of the kind that it has', async () => {
  const header = buildRpmHeader(
    [
      text(RPM_TAG.NAME, 'x'),
      numbers(1006, [1_790_000_000]),
      text(1007, 'builder.example'),
      text(1005, 'a long description'),
      numbers(RPM_TAG.FILEMODES, [0o100644, 0o40755], RPM_TYPE.INT16),
      texts(RPM_TAG.BASENAMES, ['a', 'b']),
      numbers(999_999, [5], RPM_TYPE.INT64),
    ],
    [numbers(1127, [0]), numbers(267, [1, 2, 3], RPM_TYPE.BIN)],
  );
  const database = createRpmdb(':memory:', [], { journal: 'delete' });
  database.prepare('INSERT INTO Packages (blob) VALUES (?)').run(header);
  const { facts } = await lookInto(NAME, database.serialize());
  const told = facts[0]!.facts;
  assert.equal(told.format, 'rpm-header');
  assert.deepEqual(
    told.facts.slice(0, 9).map(({ name, kind }) => `${name} ${kind}`),
    [
      'NAME text',
      'BUILDTIME time',
      'BUILDHOST host',
      'DESCRIPTION opaque',
      'FILEMODES mode',
      'BASENAMES opaque',
      '999999 number',
      'INSTALLCOLOR number',
      'DSAHEADER signature',
    ],
  );
  assert.deepEqual(
    told.facts.slice(0, 3).map(({ value }) => value),
    ['x', '1790000000', 'builder.example'],
  );
  assert.equal(told.facts[4]!.value, '100644 40755');
});
