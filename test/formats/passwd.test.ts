import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  ACCOUNT_FIELDS,
  accountField,
  accountFileKind,
  readAccountLines,
  type AccountFileKind,
} from '../../src/formats/passwd.js';
import { needs } from '../helpers/oracle.js';

const KINDS = Object.keys(ACCOUNT_FIELDS) as readonly AccountFileKind[];

test('fields are told by name with their offsets', () => {
  const bytes = Buffer.from('root:*:19000:0:99999:7:::\n\n#x\nshort:1\n+::::::::\nbin:!');
  const lines = readAccountLines('shadow', bytes);
  assert.deepEqual(
    lines.map(({ number, kind, hasNewline }) => [number, kind, hasNewline]),
    [
      [1, 'entry', true],
      [2, 'other', true],
      [3, 'other', true],
      [4, 'other', true],
      [5, 'entry', true],
      [6, 'other', false],
    ],
  );
  assert.equal(accountField(lines[0]!, 'changed'), '19000');
  assert.equal(accountField(lines[3]!, 'changed'), undefined);
  assert.equal(lines[0]!.fields.find(({ name }) => name === 'changed')?.offset, 7);
});

test('fields beyond those of the file are numbered', () => {
  const [line] = readAccountLines('group', Buffer.from('a:b:c:d:e'));
  assert.deepEqual(
    line?.fields.map(({ name }) => name),
    ['name', 'password', 'gid', 'members', '5'],
  );
});

test('the lines hold every byte of any file', () => {
  const texts = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .array(fc.constantFrom(0x3a, 0x0a, 0x61, 0x2b, 0x23, 0xff, 0x0d, 0), { maxLength: 80 })
      .map((bytes) => Uint8Array.from(bytes)),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom(...KINDS), (bytes, kind) => {
      const lines = readAccountLines(kind, bytes);
      const joined = lines
        .map(
          ({ fields, hasNewline }) =>
            fields.map(({ text }) => text).join(':') + (hasNewline ? '\n' : ''),
        )
        .join('');
      assert.deepEqual(Buffer.from(joined, 'latin1'), Buffer.from(bytes));
      for (const { fields } of lines)
        for (const { offset, text } of fields)
          assert.equal(
            Buffer.from(bytes.subarray(offset, offset + text.length)).toString('latin1'),
            text,
          );
    }),
  );
});

test('paths tell which file it is', () => {
  assert.deepEqual(
    ['etc/passwd', 'usr/lib/group', 'etc/shadow-', 'etc/gshadow', 'etc/passwd.d', 'etc/xgroup'].map(
      accountFileKind,
    ),
    ['passwd', 'group', 'shadow', 'gshadow', null, null],
  );
});

for (const kind of ['passwd', 'group'] as const)
  test(
    `getent knows every entry of /etc/${kind} by the same fields`,
    { skip: needs('getent') },
    () => {
      const entries = readAccountLines(kind, readFileSync(`/etc/${kind}`)).filter(
        (line) => line.kind === 'entry' && !/^[+-]/.test(line.fields[0]!.text),
      );
      const [first] = entries;
      const told = execFileSync('getent', [kind, accountField(first!, 'name')!], {
        encoding: 'utf8',
      });
      assert.equal(first!.fields.map(({ text }) => text).join(':'), told.trimEnd());
    },
  );
