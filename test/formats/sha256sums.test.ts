import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { sha256sumsReader } from '../../src/formats/sha256sums.js';
import { sha256sumsWriter } from '../../src/formats/sha256sums-write.js';
import { entries, EVERYTHING, proveHarmless, readAll, reread, treePaths } from './listings.js';

const reader = (): ReturnType<typeof sha256sumsReader> => sha256sumsReader({ escapes: true });
const SHA = 'ab'.repeat(32);

const SAMPLE = `# comment
${SHA}  text
${SHA} *binary
\\${SHA}  a\\nb\\\\c
SHA256 (tag (1)) = ${SHA}
\\SHA256 (a\\nb) = ${SHA}
SHA2-256(openssl)= ${SHA}
${SHA}   two spaces
`;

test('names of all forms are read', () => {
  const { entries: found, errors } = readAll(reader(), SAMPLE);
  assert.deepEqual(errors, []);
  assert.deepEqual(
    found.map(({ path }) => path),
    ['text', 'binary', 'a\nb\\c', 'tag (1)', 'a\nb', 'openssl', ' two spaces'],
  );
  for (const { sha256 } of found) assert.equal(Buffer.from(sha256 ?? []).toString('hex'), SHA);
});

test('without escapes a backslash is part of the name', () => {
  const { entries: found } = readAll(sha256sumsReader({ escapes: false }), `${SHA}  a\\nb`);
  assert.equal(found[0]?.path, 'a\\nb');
});

test('other digests are named and not taken for SHA-256', () => {
  const text = `${'0'.repeat(32)}  a\n${'0'.repeat(128)}  b\nBLAKE2b (c) = ${'0'.repeat(128)}\nSHA3-256 (d) = ${'0'.repeat(64)}`;
  const { entries: found } = readAll(reader(), text);
  assert.deepEqual(
    found.map(({ path, sha256, otherDigests }) => [path, sha256, otherDigests]),
    [
      ['a', null, ['md5']],
      ['b', null, ['sha512']],
      ['d', null, ['sha3-256']],
    ],
  );
});

test('lines without a digest or with an unknown escape are refused', () => {
  const { errors } = readAll(
    reader(),
    `hello\n${SHA} x\n${SHA}  \n\\${SHA}  a\\tb\n${'0'.repeat(40).slice(1)}  f`,
  );
  assert.equal(errors.length, 5);
});

test('what is written is read again, whatever the name', () => {
  fc.assert(
    fc.property(treePaths, entries, (path, entry) => {
      const writer = sha256sumsWriter(EVERYTHING);
      if (entry.type !== 'file') return assert.equal(writer.line(path as never, entry), '');
      const found = reread(writer, reader(), path, entry);
      assert.equal(found?.path, `./${path}`);
      assert.deepEqual(Buffer.from(found.sha256 ?? []), Buffer.from(entry.sha256 ?? []));
    }),
  );
});

test('cut and changed lists do no harm', () => proveHarmless(reader, SAMPLE));
