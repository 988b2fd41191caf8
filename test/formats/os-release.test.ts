import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import fc from 'fast-check';

import { parseOsRelease, readOsReleaseLines } from '../../src/formats/os-release.js';
import { needs } from '../helpers/oracle.js';

const SAMPLE = 'NAME="A \\"B\\" C"\n# comment\n\nID=a\nBUG=\'x y\'\nnot a field\nVERSION_ID="12"';

test('fields are read with the quoting of the shell', () => {
  assert.deepEqual(parseOsRelease(SAMPLE), {
    NAME: 'A "B" C',
    ID: 'a',
    BUG: 'x y',
    VERSION_ID: '12',
  });
});

test('lines are told with their offsets, those without a field as well', () => {
  const lines = readOsReleaseLines(Buffer.from(SAMPLE));
  assert.deepEqual(
    lines.map(({ key, value }) => [key, value]),
    [
      ['NAME', 'A "B" C'],
      [null, '# comment'],
      [null, ''],
      ['ID', 'a'],
      ['BUG', 'x y'],
      [null, 'not a field'],
      ['VERSION_ID', '12'],
    ],
  );
  assert.deepEqual([lines[3]?.number, lines[3]?.offset, lines[6]?.hasNewline], [4, 28, false]);
});

test('the lines hold every byte of any file', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = readOsReleaseLines(bytes)
        .map(({ raw, hasNewline }) => raw + (hasNewline ? '\n' : ''))
        .join('');
      assert.deepEqual(Buffer.from(text, 'latin1'), Buffer.from(bytes));
    }),
  );
});

test('a shell reads the same values', { skip: needs('sh') }, () => {
  const quoted = 'NAME="A \\"B\\" C"\nID=a\nBUG=\'x y\'\nVERSION_ID="1\\$2"\n';
  const told = execFileSync(
    'sh',
    ['-c', 'eval "$1"; printf "%s|" "$NAME" "$ID" "$BUG" "$VERSION_ID"', 'sh', quoted],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(Object.values(parseOsRelease(quoted)).join('|') + '|', told);
});
