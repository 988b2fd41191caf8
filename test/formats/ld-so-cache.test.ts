import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { readLdSoCache } from '../../src/formats/ld-so-cache.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

interface Library {
  readonly key: string;
  readonly value: string;
  readonly hwcap?: bigint;
}

/** The new format with a generator and names of hwcaps, from glibc's description. */
function newCache(
  libraries: readonly Library[],
  hwcaps: readonly string[] = [],
  start = 0,
): Uint8Array {
  const stringsAt = 48 + 24 * libraries.length;
  const texts = [...libraries.flatMap(({ key, value }) => [key, value]), ...hwcaps];
  const offsets: number[] = [];
  let strings = '';
  for (const text of texts) {
    offsets.push(stringsAt + strings.length);
    strings += `${text}\0`;
  }
  const extensionAt = Math.ceil((stringsAt + strings.length) / 4) * 4;
  const generator = 'a writer of caches';
  const bytes = Buffer.alloc(extensionAt + 8 + 32 + 4 * hwcaps.length + generator.length);
  bytes.write('glibc-ld.so.cache1.1', 'latin1');
  [libraries.length, strings.length, 2, start + extensionAt].forEach((n, i) =>
    bytes.writeUInt32LE(n, 20 + 4 * i),
  );
  libraries.forEach(({ hwcap = 0n }, i) => {
    const at = 48 + 24 * i;
    bytes.writeInt32LE(0x303, at);
    bytes.writeUInt32LE(offsets[2 * i]!, at + 4);
    bytes.writeUInt32LE(offsets[2 * i + 1]!, at + 8);
    bytes.writeBigUInt64LE(hwcap, at + 16);
  });
  bytes.write(strings, stringsAt, 'latin1');
  const data = extensionAt + 40;
  [
    0xeaa42174,
    2,
    0,
    0,
    start + data + 4 * hwcaps.length,
    generator.length,
    1,
    0,
    start + data,
    4 * hwcaps.length,
  ].forEach((n, i) => bytes.writeUInt32LE(n, extensionAt + 4 * i));
  hwcaps.forEach((_, i) => bytes.writeUInt32LE(offsets[2 * libraries.length + i]!, data + 4 * i));
  bytes.write(generator, data + 4 * hwcaps.length, 'latin1');
  return bytes;
}

/** The old format, alone or in front of another one. */
function oldCache(
  libraries: readonly Library[],
  behind: Uint8Array = new Uint8Array(),
): Uint8Array {
  const size = 16 + 12 * libraries.length;
  const padded = behind.length === 0 ? size : Math.ceil(size / 8) * 8;
  const texts = libraries.flatMap(({ key, value }) => [key, value]);
  const bytes = Buffer.alloc(padded);
  bytes.write('ld.so-1.7.0', 'latin1');
  bytes.writeUInt32LE(libraries.length, 12);
  let at = padded + behind.length - size;
  texts.forEach((text, i) => {
    if (i % 2 === 0) bytes.writeInt32LE(3, 16 + 6 * i);
    bytes.writeUInt32LE(at, 16 + 6 * i + (i % 2 === 0 ? 4 : 2));
    at += text.length + 1;
  });
  return Buffer.concat([bytes, behind, Buffer.from(texts.map((text) => `${text}\0`).join(''))]);
}

const LIBRARIES = [
  { key: 'libz.so.1', value: '/lib/libz.so.1' },
  { key: 'libc.so.6', value: '/lib/libc.so.6' },
];
const NAMED = [{ ...LIBRARIES[0]!, hwcap: (1n << 62n) | 1n }, LIBRARIES[1]!];
const SAMPLES: readonly (readonly [string, Uint8Array])[] = [
  ['new', newCache(NAMED, ['x86-64-v2', 'x86-64-v3'])],
  ['old', oldCache(LIBRARIES)],
  ['both', oldCache([...LIBRARIES, LIBRARIES[0]!], newCache(LIBRARIES, [], 56))],
];

for (const [kind, bytes] of SAMPLES) {
  test(`a cache of the ${kind} kind is read with names and paths`, () => {
    const cache = readLdSoCache(bytes);
    assert.equal(cache.kind, kind);
    assert.deepEqual(cache.account.problems, []);
    for (const { key, value } of LIBRARIES)
      assert.ok(cache.entries.some((entry) => entry.key === key && entry.value === value));
    assert.equal(cache.generator, kind === 'old' ? null : 'a writer of caches');
  });

  test(`a cache of the ${kind} kind stands cuts, flips and mutations`, () => {
    proveTruncation(bytes, readLdSoCache);
    proveFlips(bytes, readLdSoCache);
    proveMutations(bytes, readLdSoCache);
  });
}

test('an entry for newer processors names its subdirectory', () => {
  const cache = readLdSoCache(SAMPLES[0]![1]);
  assert.deepEqual(cache.hwcapNames, ['x86-64-v2', 'x86-64-v3']);
  assert.deepEqual(
    cache.entries.map(({ hwcapName }) => hwcapName),
    ['x86-64-v3', null],
  );
});

test('a cache for a big-endian machine is read by its flags', () => {
  const bytes = Buffer.alloc(48);
  bytes.write('glibc-ld.so.cache1.1', 'latin1');
  bytes[28] = 3;
  bytes.writeUInt32BE(0, 20);
  bytes.writeUInt32BE(7, 24);
  const { account } = readLdSoCache(bytes);
  assert.equal(account.fields.find(({ name }) => name === 'new.stringBytes')?.value, 7);
});

test('other files are refused', () => {
  assert.throws(() => readLdSoCache(Buffer.from('ld.so.conf')), FormatError);
});

for (const format of ['new', 'compat', 'old'])
  test(
    `ldconfig lists the entries that are read from its own ${format} cache`,
    { skip: needs('ldconfig') || needsRoot() },
    (t) => {
      const root = mkdtempSync(join(tmpdir(), 'ld-so-cache-'));
      t.after(() => rmSync(root, { recursive: true, force: true }));
      mkdirSync(join(root, 'lib/glibc-hwcaps/x86-64-v2'), { recursive: true });
      const libc = execFileSync('ldconfig', ['-p'], { encoding: 'utf8' })
        .split('\n')
        .find((line) => line.trim().startsWith('libc.so.6 '))!
        .split(' => ')[1]!;
      copyFileSync(libc, join(root, 'lib/libc.so.6'));
      copyFileSync(libc, join(root, 'lib/glibc-hwcaps/x86-64-v2/libc.so.6'));
      mkdirSync(join(root, 'etc'));
      writeFileSync(join(root, 'etc/ld.so.conf'), '/lib\n');
      execFileSync('ldconfig', ['-r', root, '-X', '-c', format, '-C', '/etc/ld.so.cache'], {
        stdio: 'ignore',
      });
      const file = join(root, 'etc/ld.so.cache');
      const cache = readLdSoCache(readFileSync(file));
      assert.deepEqual(cache.account.problems, []);
      const listed = execFileSync('ldconfig', ['-p', '-C', file], { encoding: 'utf8' });
      const expected = [...listed.matchAll(/^\t(\S+) \(.*\) => (.*)$/gm)].map((line) =>
        line.slice(1),
      );
      assert.ok(expected.length > 0);
      const shown = cache.entries.filter((entry) => cache.kind === 'old' || entry.format === 'new');
      assert.deepEqual(
        shown.map(({ key, value }) => [key, value]),
        expected,
      );
      const generator = /generated by: (.*)/.exec(listed)?.[1];
      if (cache.kind === 'new') assert.equal(cache.generator, generator);
      if (format === 'new') assert.deepEqual(cache.hwcapNames, ['x86-64-v2']);
    },
  );
