import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { readAlpmBackup, readAlpmSections } from '../../src/formats/alpm-desc.js';
import { readAlpmMtree } from '../../src/formats/alpm-mtree.js';

const DESC = `%NAME%
x

%VERSION%
1:2.0-3

%DESC%
%NAME%

%LICENSE%
MIT
GPL

%FILES%
etc/
etc/b\xe4r

`;

const MTREE = `#mtree
/set type=file uid=0 gid=0 mode=755
./.PKGINFO time=1600000000.5 mode=644 size=3 md5digest=${'0a'.repeat(16)} sha256digest=${'0b'.repeat(32)}
./usr time=1600000000.0 type=dir
/set mode=644
./usr/a\\040b\\134\\303\\274 time=1600000001.999999999 size=2 sha256digest=${'0c'.repeat(32)}
./usr/link time=1600000002.0 mode=777 type=link link=a\\040b
/unset type
./usr/plain size=1 md5=${'0d'.repeat(16)} sha256=short time=never
`;

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test('Sections have values, of which only the first line can be a name', () => {
  assert.deepEqual(
    [...readAlpmSections(bytes(DESC))],
    [
      ['NAME', ['x']],
      ['VERSION', ['1:2.0-3']],
      ['DESC', ['%NAME%']],
      ['LICENSE', ['MIT', 'GPL']],
      ['FILES', ['etc/', 'etc/b\xe4r']],
    ],
  );
  assert.deepEqual([...readAlpmSections(bytes('\n\n%FILES%\n'))], [['FILES', []]]);
});

test('Text without sections, sections twice and cut lines are refused', () => {
  for (const text of ['x\n', '%NAME%\nx', '%NAME%\n\n%NAME%\n', '%name%\n', '%NAME\n'])
    assert.throws(() => readAlpmSections(bytes(text)), FormatError, text);
});

test('Configuration files have the digest behind the last tab', () => {
  const md5 = '0e'.repeat(16);
  assert.deepEqual(
    [
      ...readAlpmBackup([
        `etc/a\tb\t${md5}`,
        `etc/c\t${md5}`,
        'etc/d\t(null)',
        'etc/e',
        `\t${md5}`,
      ]),
    ],
    [
      ['etc/a\tb', md5],
      ['etc/c', md5],
    ],
  );
});

test('Entries of an mtree have unescaped paths, types and what is recorded', () => {
  assert.deepEqual(
    [...readAlpmMtree(bytes(MTREE))],
    [
      {
        path: '.PKGINFO',
        type: 'file',
        sha256: '0b'.repeat(32),
        md5: '0a'.repeat(16),
        mtimeSeconds: 1600000000,
      },
      { path: 'usr', type: 'dir', sha256: null, md5: null, mtimeSeconds: 1600000000 },
      {
        path: 'usr/a b\\\xc3\xbc',
        type: 'file',
        sha256: '0c'.repeat(32),
        md5: null,
        mtimeSeconds: 1600000001,
      },
      { path: 'usr/link', type: 'link', sha256: null, md5: null, mtimeSeconds: 1600000002 },
      { path: 'usr/plain', type: 'file', sha256: null, md5: '0d'.repeat(16), mtimeSeconds: null },
    ],
  );
});

test('An mtree with other lines or odd escapes is refused', () => {
  for (const text of ['usr type=dir\n', './a\\b type=file\n', './a\\400 x\n', './a type=file'])
    assert.throws(() => [...readAlpmMtree(bytes(text))], FormatError, text);
});

test('Cut or changed bytes give entries or a fault of the format', () => {
  const attempt = (work: () => unknown): void => {
    try {
      work();
    } catch (error) {
      assert.ok(error instanceof FormatError, String(error));
    }
  };
  const both = (text: Buffer): void => {
    attempt(() => readAlpmSections(text));
    attempt(() => [...readAlpmMtree(text)]);
  };
  for (const text of [DESC, MTREE]) {
    for (let length = 0; length < text.length; length++) both(bytes(text.slice(0, length)));
    const place = fc.tuple(fc.nat(text.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 8 }), (changes) => {
        const changed = bytes(text);
        for (const [at, value] of changes) changed[at] = value;
        both(changed);
      }),
      { numRuns: 2000 },
    );
  }
});
