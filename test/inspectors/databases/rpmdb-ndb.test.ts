import assert from 'node:assert/strict';
import { test } from 'node:test';

import { buildNdb } from '../../formats/build-ndb.js';
import { buildRpmHeader, numbers, text } from '../../formats/build-rpm-header.js';
import { RPM_TAG } from '../../../src/formats/rpm-header.js';
import { everyDifference } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const NAME = 'usr/lib/sysimage/rpm/Packages.db';
const header = (name: string, installTime = 1_790_000_000): Buffer =>
  buildRpmHeader(
    [text(RPM_TAG.NAME, name), text(RPM_TAG.VERSION, '1.0'), text(RPM_TAG.RELEASE, '2')],
    [numbers(RPM_TAG.INSTALLTIME, [installTime])],
  );
const pack = (name: string, timestamp = 1_790_000_100, installTime?: number, gap = 0) => ({
  header: header(name, installTime),
  timestamp,
  gap,
});
const PACKAGES = [pack('alpha'), pack('beta-long-name'), pack('gamma')];

test('every byte of the database is in some fact', async () => {
  const bytes = buildNdb(PACKAGES);
  const { format, problems } = await lookInto(NAME, bytes);
  assert.deepEqual([format, problems], ['rpmdb-ndb', []]);
  await proveEveryByte(NAME, bytes, 10_000);
  await proveEveryByte(NAME, buildNdb([pack('alpha'), pack('beta', 0, 0, 3)], 7), 10_000);
  await proveTruncation(NAME, bytes, 200);
});

test('the tag that differs is named with its package, and the time of writing', async () => {
  const [alpha, beta, gamma] = PACKAGES;
  const later = [alpha!, beta!, pack('gamma', 1_790_000_101, 1_790_000_001)];
  assert.deepEqual(
    await everyDifference(NAME, buildNdb([alpha!, beta!, gamma!]), buildNdb(later)),
    [
      'Packages!gamma-1.0-2!INSTALLTIME time',
      'Packages!gamma-1.0-2!adler32 checksum',
      'Packages!gamma-1.0-2!timestamp time',
    ],
  );
});

test('packages in another order, and what a removed one left, are layout and slack', async () => {
  const [alpha, beta, gamma] = PACKAGES;
  const kinds = new Set(
    (await everyDifference(NAME, buildNdb(PACKAGES), buildNdb([gamma!, alpha!, beta!]))).map(
      (found) => found.slice(found.lastIndexOf(' ') + 1),
    ),
  );
  assert.deepEqual([...kinds].toSorted(), ['checksum', 'layout', 'offset']);
  const gap = [pack('alpha'), pack('beta', 1_790_000_100, 1_790_000_000, 2)];
  assert.deepEqual(await everyDifference(NAME, buildNdb(gap, 1), buildNdb(gap, 2)), [
    'free blocks slack',
  ]);
});

test('a blob that makes no sense is told, and the others still speak', async () => {
  const bytes = buildNdb(PACKAGES);
  bytes[4096] = 0;
  const { format, problems, facts } = await lookInto(NAME, bytes);
  assert.equal(format, 'rpmdb-ndb');
  assert.equal(problems.length, 1);
  assert.deepEqual(
    facts.at(-1)!.facts.tables[0]!.rows.map(({ key }) => key),
    ['pkgidx 1', 'beta-long-name-1.0-2', 'gamma-1.0-2'],
  );
});
