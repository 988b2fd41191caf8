import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import {
  GNU,
  longName,
  paxHeader,
  tarArchive,
  tarMember,
  type TarFields,
} from '../../formats/build-tar.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';
import { differing, lines, top } from '../show-facts.js';

const NAME = 'etc/file';
const PASSWORD = '$6$salt$hash';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function tarFacts(...members: readonly Buffer[]) {
  const looked = await lookInto('x.tar', tarArchive(members));
  assert.equal(looked.format, 'tar');
  assert.deepEqual(looked.problems, []);
  return top(looked);
}

function member(fields: TarFields): Buffer {
  return tarMember({ name: NAME, data: 'text\n', ...fields });
}

/** Every change of a header changes its checksum. */
for (const [planted, before, after, expected] of [
  ['mode', { mode: 0o644 }, { mode: 0o600 }, ['mode']],
  ['owner', { uid: 0 }, { uid: 1000 }, ['uid']],
  ['group', { gid: 0 }, { gid: 1000 }, ['gid']],
  ['name of the owner', { uname: 'root' }, { uname: 'user' }, ['uname']],
  ['name of the group', { gname: 'root' }, { gname: 'user' }, ['gname']],
  ['time', { mtime: 1 }, { mtime: 2 }, ['mtime']],
  ['type', { typeflag: '0' }, { typeflag: '7' }, ['typeflag']],
  ['link target', { linkname: 'a' }, { linkname: 'b' }, ['linkname']],
  ['device', { devminor: 1 }, { devminor: 2 }, ['device']],
  ['form of a number', { uid: 7 }, { uid: '7     \0' }, ['number forms']],
  ['bytes behind a NUL', {}, { uname: '\0junk' }, ['slack']],
  ['bytes at the end of the header', {}, { tail: 'junk' }, ['slack']],
  ['dialect', { magic: 'ustar\x0000' }, { magic: GNU }, ['magic', 'number forms']],
] as const satisfies readonly (readonly [string, TarFields, TarFields, readonly string[]])[])
  test(`a tar header that differs in its ${planted} gives that fact, and its checksum`, async () => {
    const found = differing(await tarFacts(member(before)), await tarFacts(member(after)));
    assert.deepEqual(
      found.filter((name) => !name.endsWith('/checksum')),
      expected.map((name) => `/${NAME}/${name}`),
    );
  });

test('content that differs shows in the part of the member alone', async () => {
  const [before, after] = [member({ data: 'one\n' }), member({ data: 'two\n' })];
  assert.deepEqual(differing(await tarFacts(before), await tarFacts(after)), [`/${NAME}@`]);
});

test('bytes that pad a member are told', async () => {
  const found = differing(await tarFacts(member({})), await tarFacts(member({ padding: 1 })));
  assert.deepEqual(found, [`/${NAME}/padding`]);
});

for (const [key, before, after] of [
  ['mtime', '1.5', '1.6'],
  ['atime', '1.5', '1.6'],
  ['ctime', '1.5', '1.6'],
  ['uid', '4000000', '4000001'],
  ['uname', 'a', 'b'],
] as const)
  test(`a pax record for ${key} is a fact of its member`, async () => {
    const build = (value: string) => tarFacts(paxHeader([[key, value]]), member({}));
    assert.deepEqual(differing(await build(before), await build(after)), [`/${NAME}/pax ${key}`]);
  });

test('pax records of unknown keys are digests, and extended attributes are told apart', async () => {
  const build = (key: string, value: string) => tarFacts(paxHeader([[key, value]]), member({}));
  const other = await build('VENDOR.key', 'secret-value');
  assert.deepEqual(differing(other, await build('VENDOR.key', 'x'.repeat(12))), [
    `/${NAME}/pax others`,
  ]);
  assert.ok(!JSON.stringify(other).includes('secret-value'));
  const xattr = (value: string) => build('SCHILY.xattr.user.a', value);
  assert.deepEqual(differing(await xattr('a'), await xattr('b')), [`/${NAME}/pax xattrs`]);
});

test('the header of an extension is looked at like any other', async () => {
  const build = (fields: TarFields) => tarFacts(paxHeader([['mtime', '1.5']], fields), member({}));
  const found = differing(await build({ mtime: 1 }), await build({ mtime: 2 }));
  assert.deepEqual(found, [`extended headers/${NAME}/checksum`, `extended headers/${NAME}/mtime`]);
  const named = await build({ name: 'PaxHeaders.123/file' });
  assert.ok(lines(named).some((line) => line.endsWith('name in header=PaxHeaders.123/file')));
});

test('members in another order are the same rows in another order', async () => {
  const a = tarMember({ name: 'a', data: 'one\n' });
  const b = tarMember({ name: 'b', data: 'two\n' });
  const [before, after] = [await tarFacts(a, b), await tarFacts(b, a)];
  assert.equal(before.tables[0]!.ordered, true);
  assert.deepEqual(differing(before, after), []);
  assert.deepEqual(
    after.tables[0]!.rows.map(({ key }) => key),
    ['b', 'a'],
  );
});

test('archives behind the end of an archive are read too, and how an archive ends is told', async () => {
  const first = tarArchive([member({})], 20);
  const second = tarArchive([tarMember({ name: 'second', data: 'x' })]);
  const facts = top(await lookInto('x.tar', Buffer.concat([first, second])));
  assert.ok(lines(facts).includes(`/second/zeros before=${first.length - 1024}`));
  assert.ok(lines(facts).includes('zeros at the end=1024'));
  const junk = top(await lookInto('x.tar', Buffer.concat([second, Buffer.from('junk')])));
  assert.ok(junk.facts.some(({ name }) => name === 'rest'));
});

test('directories, links and empty files have no part; names with dots are names', async () => {
  const facts = await tarFacts(
    tarMember({ name: 'd/', typeflag: '5' }),
    tarMember({ name: 'l', typeflag: '2', linkname: '/etc/passwd' }),
    tarMember({ name: '../../etc/passwd', data: 'x\n' }),
  );
  assert.deepEqual(
    facts.tables[0]!.rows.map(({ key, part }) => [key, part?.size ?? null]),
    [
      ['d/', null],
      ['l', null],
      ['../../etc/passwd', 2],
    ],
  );
});

test('secrets in a tar archive are kept as keyed digests', async () => {
  const looked = await lookInto(
    'x.tar',
    tarArchive([tarMember({ name: './etc/shadow', data: `root:${PASSWORD}\n` })]),
  );
  assert.ok(!JSON.stringify(looked).includes(PASSWORD));
  assert.notEqual(top(looked).tables[0]!.rows[0]!.part!.digest, sha256(`root:${PASSWORD}\n`));
});

test('every byte of tar archives of all dialects is in a fact', async () => {
  const archive = tarArchive([
    member({ uname: 'root', prefix: 'usr' }),
    paxHeader([
      ['mtime', '1.5'],
      ['VENDOR.a', 'b'],
      ['SCHILY.xattr.user.a', 'c'],
    ]),
    member({ mtime: 1 }),
    longName('L', 'n'.repeat(120)),
    member({ magic: GNU, name: 'n'.repeat(100) }),
    tarMember({ name: 'v7', magic: '', data: 'x' }),
    tarMember({ name: 'dev', magic: GNU, typeflag: '3', devmajor: 8, devminor: 1 }),
  ]);
  await proveEveryByte('x.tar', archive, 800);
  await proveTruncation('x.tar', archive, 150);
});
