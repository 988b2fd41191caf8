import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { diffContent } from '../../src/app/content/content-diff.js';
import type { Report } from '../../src/core/report.js';
import { tarMember } from '../formats/build-tar.js';
import { diffSources, sourcesRequest } from '../helpers/diff-sources.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { runIn } from '../sources/contract.js';

const END = Buffer.alloc(1024);

function tarPair(t: TestContext, before: readonly Buffer[], after: readonly Buffer[]) {
  const folder = tempFolder(t);
  const write = (name: string, members: readonly Buffer[]): string => {
    const file = join(folder, name);
    writeFileSync(file, Buffer.concat([...members, END]));
    return `tar:${file}`;
  };
  return [write('before.tar', before), write('after.tar', after)] as const;
}

const fieldsOf = ({ container }: Report): readonly string[] =>
  (container?.explanation?.counts ?? [])
    .filter(({ consequence }) => !consequence)
    .map(({ field }) => field);

test('two archives of the same bytes are identical', async (t) => {
  const member = tarMember({ name: 'a', data: 'x' });
  const report = await diffSources(...tarPair(t, [member], [member]));
  assert.equal(report.container?.verdict, 'identical');
  assert.equal(report.verdict, 'same');
});

test('another order is the same content in other bytes', async (t) => {
  const [a, b] = [tarMember({ name: 'a', data: 'x' }), tarMember({ name: 'b', data: 'y' })];
  const report = await diffSources(...tarPair(t, [a, b], [b, a]));
  assert.equal(report.container?.verdict, 'same-content');
  assert.equal(report.verdict, 'different');
  assert.equal(report.changes.length, 0);
  assert.deepEqual(fieldsOf(report), ['order']);
  assert.equal(report.container.explanation?.sameExcept, 'order');
});

test('type bits in a mode field are the same content, and the field is named', async (t) => {
  const report = await diffSources(
    ...tarPair(
      t,
      [tarMember({ name: 'a', mode: '0000775\0' })],
      [tarMember({ name: 'a', mode: '0100775\0' })],
    ),
  );
  assert.equal(report.container?.verdict, 'same-content');
  assert.deepEqual(fieldsOf(report), ['mode']);
});

test('other contents are different', async (t) => {
  const report = await diffSources(
    ...tarPair(t, [tarMember({ name: 'a', data: 'x' })], [tarMember({ name: 'a', data: 'y' })]),
  );
  assert.equal(report.container?.verdict, 'different');
  assert.equal(report.container.explanation, null);
});

test(
  'two wheels with other times have the same content, and the times are listed',
  {
    skip: needs('zip'),
  },
  async (t) => {
    const folder = tempFolder(t);
    runIn(
      folder,
      'mkdir p && echo 1 >p/m.py && touch -d @1600000000 p/m.py && zip -qX a.whl p/m.py',
    );
    runIn(folder, 'touch -d @1700000000 p/m.py && zip -qX b.whl p/m.py');
    assert.notDeepEqual(readFileSync(join(folder, 'a.whl')), readFileSync(join(folder, 'b.whl')));
    const report = await diffSources(join(folder, 'a.whl'), `whl:${join(folder, 'b.whl')}`);
    assert.equal(report.container?.verdict, 'same-content');
    assert.deepEqual(
      report.changes.map(({ path, attributes }) => [
        path,
        attributes.map((each) => each.attribute),
      ]),
      [['p/m.py', ['mtime']]],
    );
  },
);

test('an archive held against a directory has no archive beside it', async (t) => {
  const [archive] = tarPair(t, [tarMember({ name: 'a', data: 'x' })], []);
  const report = await diffSources(archive, `dir:${tempFolder(t)}`);
  assert.equal(report.container, null);
});

const SECRETS = [
  ['etc/machine-id', `${'0a1b2c3d'.repeat(4)}\n`, `${'4e5f6071'.repeat(4)}\n`],
  ['etc/app.conf', 'DB_PASSWD=one-of-them\nport=1\n', 'DB_PASSWD=one-of-them\nport=2\n'],
] as const;

test('files of secrets that differ are looked into in an archive as in a directory', async (t) => {
  const members = (side: 1 | 2): readonly Buffer[] =>
    SECRETS.map((row) => tarMember({ name: row[0], data: row[side] }));
  const { changes } = await diffSources(...tarPair(t, members(1), members(2)));
  assert.deepEqual(
    changes.map(({ path, explanation }) => [
      path,
      explanation?.status === 'not-inspected',
      explanation?.changes.length,
    ]),
    [
      ['etc/app.conf', false, 1],
      ['etc/machine-id', false, 1],
    ],
  );
  assert.equal(changes[1]?.explanation?.changes[0]?.cause, 'rand.key');
});

test('an archive that is a file of an archive is looked into as a whole', async (t) => {
  const inner = (data: string): Buffer =>
    Buffer.concat([tarMember({ name: 'in', data }), tarMember({ name: 'other', data }), END]);
  const outer = (data: string): readonly Buffer[] => [
    tarMember({ name: 'x.tar', data: inner(data).toString('latin1') }),
  ];
  const { changes } = await diffSources(...tarPair(t, outer('a=1\nb\n'), outer('a=2\nb\n')));
  assert.deepEqual(
    changes[0]?.explanation?.changes.map(({ chain, field }) => [chain.at(-1), field]).slice(0, 2),
    [
      ['in', 'line 1'],
      ['other', 'line 1'],
    ],
  );
});

test('what changed in a file of an archive is shown from the archive', async (t) => {
  const members = (data: string): readonly Buffer[] => [
    tarMember({ name: './etc/motd', data: `hello\n${data}\n` }),
    tarMember({ name: 'etc/machine-id', data: `${data}\n` }),
  ];
  const words = tarPair(t, members('one'), members('two'));
  for (const [before, after] of [words, words.map((word) => word.slice('tar:'.length))]) {
    const { files } = await diffContent(sourcesRequest(before!, after!), [
      'etc/motd',
      'etc/machine-id',
    ]);
    assert.deepEqual(
      files.map(({ content }) => content.kind),
      ['text', 'refused'],
    );
  }
});
