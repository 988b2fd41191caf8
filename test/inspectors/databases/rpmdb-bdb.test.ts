import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { RPM_TAG } from '../../../src/formats/rpm-header.js';
import { buildRpmHeader, numbers, text } from '../../formats/build-rpm-header.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { everyDifference } from '../every-difference.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const NAME = 'var/lib/rpm/Packages';
const skip = needs('db5.3_load', 'db5.3_dump');

interface TestPackage {
  readonly name: string;
  readonly installTime?: number;
  readonly description?: number;
}

const ALL: readonly TestPackage[] = [
  { name: 'alpha' },
  { name: 'beta', description: 9000 },
  { name: 'gamma', description: 300 },
];

function header({ name, installTime = 1_790_000_000, description = 10 }: TestPackage): Buffer {
  return buildRpmHeader(
    [
      text(RPM_TAG.NAME, name),
      text(RPM_TAG.VERSION, '1.0'),
      text(RPM_TAG.RELEASE, '2'),
      text(1005, 'd'.repeat(description)),
    ],
    [numbers(RPM_TAG.INSTALLTIME, [installTime])],
  );
}

/** A database as rpm makes it: number 0 has the last number. */
function build(t: TestContext, packages: readonly TestPackage[] = ALL): Buffer {
  const file = join(tempFolder(t), 'Packages');
  const key = (number: number): string => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(number);
    return bytes.toString('hex');
  };
  const pairs = packages.map((each, i) => [key(i + 1), header(each).toString('hex')]);
  const lines = [[key(0), key(packages.length)], ...pairs].flat().map((hex) => ` ${hex}`);
  const dump = [
    'VERSION=3',
    'format=bytevalue',
    'type=hash',
    'db_pagesize=4096',
    'HEADER=END',
    ...lines,
    'DATA=END',
    '',
  ];
  execFileSync('db5.3_load', [file], { input: dump.join('\n') });
  return readFileSync(file);
}

test('packages of a database that Berkeley DB wrote are told by name', { skip }, async (t) => {
  const { format, problems, facts } = await lookInto(NAME, build(t));
  assert.deepEqual([format, problems], ['rpmdb-bdb', []]);
  const { rows } = facts.at(-1)!.facts.tables[0]!;
  assert.deepEqual(
    new Set(rows.map(({ key }) => key)),
    new Set(['last number', 'alpha-1.0-2', 'beta-1.0-2', 'gamma-1.0-2']),
  );
});

test('every byte of the database is in some fact, and damage never throws', { skip }, async (t) => {
  const bytes = build(t);
  await proveEveryByte(NAME, bytes, 4000);
  await proveTruncation(NAME, bytes, 100);
});

test('the tag that differs is named with its package', { skip }, async (t) => {
  const bytes = build(t);
  const changed = Uint8Array.from(bytes);
  const time = bytes.indexOf(Buffer.from('6ab13b80', 'hex'));
  assert.ok(time > 0);
  changed[time + 3]! ^= 1;
  const found = await everyDifference(NAME, bytes, changed);
  assert.equal(found.length, 1);
  assert.match(found[0]!, /^Packages!\w+-1\.0-2!INSTALLTIME time$/);
});

test(
  'two databases of the same packages differ in their ids and in layout',
  { skip },
  async (t) => {
    const found = await everyDifference(NAME, build(t), build(t, ALL.toReversed()));
    const kinds = new Set(found.map((each) => each.slice(each.lastIndexOf(' ') + 1)));
    assert.deepEqual([...kinds].toSorted(), ['layout', 'random', 'slack']);
  },
);
