import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { rpmFiles } from '../../src/formats/rpm-files.js';
import {
  findRpmEntry,
  readRpmHeader,
  RPM_TAG,
  RPM_TYPE,
  rpmNumber,
  rpmNumbers,
  rpmString,
  rpmStrings,
} from '../../src/formats/rpm-header.js';
import { buildRpmHeader, numbers, text, texts } from './build-rpm-header.js';
import { packageHeader } from './build-rpmdb.js';

const FILES = [
  { path: '/usr/bin/tool', digest: 'ab'.repeat(32) },
  { path: '/usr/share/doc/tool/READ\xe9', digest: 'cd'.repeat(32), verify: 0xfffffffe },
  { path: '/var/lib/tool/state', flags: 64 },
  { path: '/usr/bin/other', state: 1 },
];
const SAMPLE = packageHeader({ name: 'tool', epoch: 3, files: FILES, installTime: 1234567890 });

/** Everything that is made of a header. */
function readAll(bytes: Uint8Array): void {
  const header = readRpmHeader(bytes);
  for (const tag of [RPM_TAG.NAME, RPM_TAG.VERSION, RPM_TAG.ARCH]) rpmString(header, tag);
  for (const tag of [RPM_TAG.EPOCH, RPM_TAG.INSTALLTIME]) rpmNumber(header, tag);
  for (const file of rpmFiles(header)) assert.equal(typeof file.name, 'string');
}

/** Runs and lets `FormatError` pass: nothing else may come out. */
function onlyFormatErrors(bytes: Uint8Array): void {
  try {
    readAll(bytes);
  } catch (error) {
    assert.ok(error instanceof FormatError, String(error));
    assert.ok(error.offset >= 0);
  }
}

test('A header gives its tags with their types', () => {
  const header = readRpmHeader(SAMPLE);
  assert.equal(rpmString(header, RPM_TAG.NAME), 'tool');
  assert.equal(rpmString(header, RPM_TAG.RELEASE), '2');
  assert.equal(rpmNumber(header, RPM_TAG.EPOCH), 3);
  assert.deepEqual(rpmStrings(header, RPM_TAG.DIRNAMES), [
    '/usr/bin/',
    '/usr/share/doc/tool/',
    '/var/lib/tool/',
  ]);
  assert.deepEqual([...rpmNumbers(header, RPM_TAG.FILESTATES)!], [0, 0, 0, 1]);
  assert.equal(rpmString(header, RPM_TAG.OLDFILENAMES), null);
  assert.equal(rpmNumbers(header, RPM_TAG.OLDFILENAMES), null);
});

test('What installation added is told from the immutable region', () => {
  const header = readRpmHeader(SAMPLE);
  assert.equal(findRpmEntry(header, RPM_TAG.NAME)!.dribble, false);
  const time = findRpmEntry(header, RPM_TAG.INSTALLTIME)!;
  assert.equal(time.dribble, true);
  assert.equal(time.type, RPM_TYPE.INT32);
  assert.equal(SAMPLE.readUInt32BE(time.offset), 1234567890);
});

test('A dribble hides the same tag of the region', () => {
  const header = readRpmHeader(
    buildRpmHeader([numbers(RPM_TAG.INSTALLTIME, [1])], [numbers(RPM_TAG.INSTALLTIME, [2])]),
  );
  assert.equal(rpmNumber(header, RPM_TAG.INSTALLTIME), 2);
});

test('A header without a region, as imported keys have, is all dribbles', () => {
  const header = readRpmHeader(buildRpmHeader(null, [text(RPM_TAG.NAME, 'gpg-pubkey')]));
  assert.equal(rpmString(header, RPM_TAG.NAME), 'gpg-pubkey');
  assert.ok(header.entries.every(({ dribble }) => dribble));
});

test('The file list joins directories and names, and keeps ghosts, exemptions and states', () => {
  const files = [...rpmFiles(readRpmHeader(SAMPLE))];
  assert.deepEqual(
    files.map(({ directory, name }) => `/${directory}/${name}`),
    FILES.map(({ path }) => path),
  );
  assert.deepEqual(
    files.map(({ ghost, verifiesDigest, installed }) => [ghost, verifiesDigest, installed]),
    [
      [false, true, true],
      [false, false, true],
      [true, true, true],
      [false, true, false],
    ],
  );
  assert.deepEqual(
    [files[0]!.digest, files[0]!.digestAlgorithm, files[0]!.mtimeSeconds],
    ['ab'.repeat(32), 'sha256', 1577836800],
  );
});

test('Packages of rpm 3 list whole paths and have MD5 digests', () => {
  const header = readRpmHeader(
    buildRpmHeader(
      [
        texts(RPM_TAG.OLDFILENAMES, ['/a', '/usr/b']),
        texts(RPM_TAG.FILEDIGESTS, ['', 'f'.repeat(32)]),
      ],
      [],
    ),
  );
  const files = [...rpmFiles(header)];
  assert.deepEqual(
    files.map(({ directory, name, digestAlgorithm }) => [directory, name, digestAlgorithm]),
    [
      ['', 'a', 'md5'],
      ['usr', 'b', 'md5'],
    ],
  );
});

test('A package without files has an empty list', () => {
  assert.deepEqual([...rpmFiles(readRpmHeader(packageHeader({ name: 'meta' })))], []);
});

test('A type that does not fit the question is a fault of the format', () => {
  const header = readRpmHeader(buildRpmHeader([numbers(RPM_TAG.NAME, [1])], []));
  assert.throws(() => rpmString(header, RPM_TAG.NAME), FormatError);
});

test('File arrays of unequal length are a fault of the format', () => {
  const header = readRpmHeader(
    buildRpmHeader(
      [texts(RPM_TAG.OLDFILENAMES, ['/a', '/b']), numbers(RPM_TAG.FILEFLAGS, [0])],
      [],
    ),
  );
  assert.throws(() => [...rpmFiles(header)], FormatError);
});

test('A header cut at any byte is a fault of the format', () => {
  for (let length = 0; length < SAMPLE.length; length++)
    assert.throws(() => readRpmHeader(SAMPLE.subarray(0, length)), FormatError);
  assert.throws(() => readRpmHeader(Buffer.concat([SAMPLE, Buffer.alloc(1)])), FormatError);
});

test('Any byte may be any other: the header is read or refused, never misread past its end', () => {
  for (let at = 0; at < SAMPLE.length; at++)
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const bytes = Buffer.from(SAMPLE);
      bytes[at] = value;
      onlyFormatErrors(bytes);
    }
});

test('Random bytes and random changes give headers or faults', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), onlyFormatErrors));
  const change = fc.tuple(fc.nat(SAMPLE.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const bytes = Buffer.from(SAMPLE);
      for (const [at, value] of changes) bytes[at] = value;
      onlyFormatErrors(bytes);
    }),
    { numRuns: 1000 },
  );
});

test('Headers written by the test builder are read back, whatever their strings are', () => {
  const name = fc
    .string({ unit: 'binary-ascii', maxLength: 30 })
    .map((s) => s.replaceAll('\0', '.'));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 20 }), (names) => {
      const header = readRpmHeader(buildRpmHeader([texts(RPM_TAG.BASENAMES, names)], []));
      assert.deepEqual(rpmStrings(header, RPM_TAG.BASENAMES), names);
    }),
  );
});
