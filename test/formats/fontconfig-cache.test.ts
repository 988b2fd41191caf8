import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { readFontconfigCache } from '../../src/formats/fontconfig-cache.js';
import { needs } from '../helpers/oracle.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

/**
 * A cache in memory order, every structure where the one before ends: one subdirectory, one font with a value of each
 * kind. Pointers are offsets from their structure, odd where fontconfig marks them.
 */
function sample(wordSize: 4 | 8, littleEndian: boolean): Uint8Array {
  const bytes = Buffer.alloc(1024);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const int = (at: number, value: number): void => view.setInt32(at, value, littleEndian);
  const word = (at: number, value: number): void =>
    wordSize === 4 ? int(at, value) : view.setBigInt64(at, BigInt(value), littleEndian);
  let end = wordSize === 8 ? 64 : 40;
  const take = (length: number): number => {
    end = Math.ceil(end / 8) * 8 + length;
    return end - length;
  };
  const text = (value: string): number => {
    const at = take(value.length + 1);
    bytes.write(value, at, 'latin1');
    return at;
  };
  const directory = text('/usr/share/fonts');
  const list = take(wordSize);
  word(list, text('/usr/share/fonts/sub') - list);
  const set = take(8 + wordSize);
  const fonts = take(wordSize);
  int(set, 1);
  int(set + 4, 1);
  word(set + 8, fonts - set + 1);
  const font = take(8 + 2 * wordSize);
  word(fonts, font - set + 1);
  const kinds = ['string', 'int', 'double', 'bool', 'charset', 'langset', 'range', 'void'] as const;
  const elements = take(kinds.length * 2 * wordSize);
  int(font, kinds.length);
  int(font + 4, kinds.length);
  word(font + 8, elements - font);
  int(font + 8 + wordSize, -1);
  kinds.forEach((kind, i) => {
    const element = elements + i * 2 * wordSize;
    const node = take(wordSize + (wordSize === 8 ? 24 : 16));
    const value = node + wordSize;
    const union = value + (wordSize === 8 ? 8 : 4);
    int(element, i + 1);
    word(element + wordSize, node - element + 1);
    int(
      value,
      { string: 3, int: 1, double: 2, bool: 4, charset: 6, langset: 8, range: 9, void: 0 }[kind],
    );
    int(union + 8, 1);
    if (kind === 'string') word(union, text('DejaVu') - value + 1);
    if (kind === 'int' || kind === 'bool') int(union, 1);
    if (kind === 'double') view.setFloat64(union, 12.5, littleEndian);
    if (kind === 'range') word(union, take(16) - value + 1);
    if (kind === 'charset') {
      const charset = take(8 + 2 * wordSize);
      const [leaves, leaf, numbers] = [take(wordSize), take(32), take(2)];
      int(charset, -1);
      int(charset + 4, 1);
      word(charset + 8, leaves - charset);
      word(charset + 8 + wordSize, numbers - charset);
      word(leaves, leaf - leaves);
      word(union, charset - value + 1);
    }
    if (kind === 'langset') {
      const langset = take(wordSize + 12);
      int(langset + wordSize, 2);
      word(union, langset - value + 1);
    }
  });
  const tail = wordSize === 8 ? 40 : 28;
  view.setUint32(0, 0xfc02fc04, littleEndian);
  int(4, 8);
  word(8, end);
  word(8 + wordSize, directory);
  word(8 + 2 * wordSize, list);
  int(8 + 3 * wordSize, 1);
  word(tail - (wordSize === 8 ? 0 : 4), set);
  int(wordSize === 8 ? 48 : 28, 1700000000);
  view.setBigInt64(wordSize === 8 ? 56 : 32, 123456789n, littleEndian);
  return Uint8Array.from(bytes.subarray(0, end));
}

for (const wordSize of [4, 8] as const)
  for (const littleEndian of [true, false]) {
    const name = `${littleEndian ? 'le' : 'be'}${8 * wordSize}`;
    const bytes = sample(wordSize, littleEndian);

    test(`a cache of ${name} is read to its values`, () => {
      const cache = readFontconfigCache(bytes);
      assert.deepEqual(cache.account.problems, []);
      assert.deepEqual(
        [cache.wordSize, cache.littleEndian, cache.version, cache.directory, cache.subdirectories],
        [wordSize, littleEndian, 8, '/usr/share/fonts', ['/usr/share/fonts/sub']],
      );
      assert.deepEqual([cache.checksum, cache.checksumNano], [1700000000, 123456789n]);
      assert.deepEqual(
        cache.fonts[0]?.elements.map(({ name, values }) => [
          name,
          values[0]?.kind,
          values[0]?.binding,
        ]),
        [
          ['family', 'string', 1],
          ['familylang', 'int', 1],
          ['style', 'double', 1],
          ['stylelang', 'bool', 1],
          ['fullname', 'charset', 1],
          ['fullnamelang', 'langset', 1],
          ['slant', 'range', 1],
          ['weight', 'void', 1],
        ],
      );
      const values = cache.fonts[0]?.elements.map((element) => element.values[0]?.value);
      assert.deepEqual(values?.slice(0, 4), ['DejaVu', '1', '12.5', '1']);
    });

    test(`a cache of ${name} stands cuts, flips and mutations`, () => {
      proveTruncation(bytes, readFontconfigCache);
      proveFlips(bytes, readFontconfigCache);
      proveMutations(bytes, readFontconfigCache);
    });
  }

test('a list of values that never ends is stopped', () => {
  const bytes = sample(8, true);
  const view = new DataView(bytes.buffer);
  const first = readFontconfigCache(bytes).fonts[0]!.elements[0]!.values[0]!.offset - 8;
  view.setBigInt64(first, 1n, true);
  assert.ok(readFontconfigCache(bytes).account.problems.length > 0);
});

test('other files are refused', () => {
  assert.throws(() => readFontconfigCache(Buffer.from('fonts.conf')), FormatError);
});

test(
  'caches that fc-cache writes name the directory, its mtime, and the fonts that fc-cat lists',
  { skip: needs('fc-cache', 'fc-cat', 'fc-list') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'fontconfig-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const [fonts, caches] = [join(root, 'fonts'), join(root, 'cache')];
    mkdirSync(join(fonts, 'sub'), { recursive: true });
    const installed = '/usr/share/fonts/truetype/dejavu';
    if (existsSync(installed)) cpSync(installed, fonts, { recursive: true });
    const config = join(root, 'fonts.conf');
    writeFileSync(
      config,
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${fonts}</dir><cachedir>${caches}</cachedir></fontconfig>`,
    );
    const env = {
      PATH: process.env['PATH'],
      FONTCONFIG_FILE: config,
      HOME: root,
      LC_ALL: 'C.UTF-8',
    };
    execFileSync('fc-cache', ['-f'], { env });
    const files = readdirSync(caches).filter((name) => name.includes('.cache-'));
    assert.equal(files.length, 2);
    const read = files.map((name) => readFontconfigCache(readFileSync(join(caches, name))));
    assert.deepEqual(read.map(({ directory }) => directory).sort(), [fonts, join(fonts, 'sub')]);
    for (const [i, cache] of read.entries()) {
      assert.deepEqual(cache.account.problems, []);
      const { mtimeNs } = statSync(cache.directory, { bigint: true });
      assert.equal(BigInt(cache.checksum) * 1_000_000_000n + cache.checksumNano, mtimeNs);
      const listed = execFileSync('fc-cat', [join(caches, files[i]!)], { env, encoding: 'utf8' });
      const value = (font: (typeof cache.fonts)[number], name: string): string =>
        font.elements.find((element) => element.name === name)?.values[0]?.value ?? '';
      const names = cache.fonts.map((font) => value(font, 'file').replace(/.*\//, ''));
      const expected = [...listed.matchAll(/^"([^"]+\.ttf)" \d+ /gm)].map((line) => line[1]!);
      assert.deepEqual(names.sort(), expected.sort());
      for (const font of cache.fonts)
        assert.ok(listed.includes(`${value(font, 'family')}:`), value(font, 'family'));
    }
  },
);
