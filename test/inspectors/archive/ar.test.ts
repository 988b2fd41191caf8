import assert from 'node:assert/strict';
import { test } from 'node:test';

import { arArchive, type ArFields } from '../../formats/build-ar.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';
import { differing, lines, top } from '../show-facts.js';

const NAME = 'file.o';

async function arFacts(fields: ArFields = {}) {
  const bytes = arArchive([
    { name: '/', data: 'symbols!' },
    { data: 'obj', ...fields },
  ]);
  const looked = await lookInto('x.a', bytes);
  assert.equal(looked.format, 'ar');
  assert.deepEqual(looked.problems, []);
  return top(looked);
}

for (const [planted, fields, expected] of [
  ['time', { date: '5' }, ['date']],
  ['owner', { uid: '1000' }, ['uid']],
  ['group', { gid: '1000' }, ['gid']],
  ['mode', { mode: '600' }, ['mode']],
  ['form of a number', { uid: '00' }, ['number forms']],
  ['form of its name', { name: NAME }, ['name form']],
  ['last byte', { fill: '\0' }, ['padding']],
] as const satisfies readonly (readonly [string, ArFields, readonly string[]])[])
  test(`a member of an ar archive that differs in its ${planted} gives that fact alone`, async () => {
    assert.deepEqual(
      differing(await arFacts(), await arFacts(fields)),
      expected.map((name) => `/${NAME}/${name}`),
    );
  });

test('the index of symbols follows from the members', async () => {
  const facts = await arFacts();
  const column = facts.tables[0]!.columns.find(({ name }) => name === 'index');
  assert.equal(column?.kind, 'layout');
  assert.ok(lines(facts).some((line) => line.startsWith('///index=')));
  assert.equal(facts.tables[0]!.rows[0]!.part, null);
});

test('Debian packages are told apart from other archives', async () => {
  const deb = arArchive([{ name: 'debian-binary', data: '2.0\n' }]);
  assert.equal((await lookInto('x.deb', deb)).format, 'deb');
});

test('every byte of an ar archive is in a fact', async () => {
  const bytes = arArchive([
    { name: '/', data: 'symbols' },
    { name: '//', data: 'a-very-long-name.o/\n' },
    { name: '/0', data: 'one' },
    { name: '#1/8', data: 'bsd.o\0\0\0two' },
    { name: 'plain', mode: '', uid: '' },
  ]);
  await proveEveryByte('x.a', bytes);
  await proveTruncation('x.a', bytes);
});
