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
import { fontconfigCacheSample } from './build-fontconfig-cache.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

for (const wordSize of [4, 8] as const)
  for (const littleEndian of [true, false]) {
    const name = `${littleEndian ? 'le' : 'be'}${8 * wordSize}`;
    const bytes = fontconfigCacheSample(wordSize, littleEndian);

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
  const bytes = fontconfigCacheSample(8, true);
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
