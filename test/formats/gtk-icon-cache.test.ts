import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { readGtkIconCache } from '../../src/formats/gtk-icon-cache.js';
import { needs } from '../helpers/oracle.js';
import { gtkIconCacheSample } from './build-gtk-icon-cache.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

test('icons are read by bucket with name, directory and flags', () => {
  const { directories, buckets, icons, account } = readGtkIconCache(gtkIconCacheSample());
  assert.deepEqual(account.problems, []);
  assert.deepEqual(directories, ['16x16/actions']);
  assert.equal(buckets.count, 2);
  assert.deepEqual(
    icons.map(({ bucket, name, images }) => [bucket, name, images[0]?.directory, images[0]?.flags]),
    [
      [0, 'open', 0, 4],
      [0, 'close', 0, 2],
    ],
  );
});

test('a cache stands cuts, flips and mutations', () => {
  proveTruncation(gtkIconCacheSample(), readGtkIconCache);
  proveFlips(gtkIconCacheSample(), readGtkIconCache);
  proveMutations(gtkIconCacheSample(), readGtkIconCache);
});

test('a chain that leads back ends', () => {
  const bytes = Buffer.from(gtkIconCacheSample());
  bytes.writeUInt32BE(36, 60);
  const { icons, account } = readGtkIconCache(bytes);
  assert.deepEqual([icons.length, account.problems.length], [2, 1]);
});

test('other files are refused', () => {
  assert.throws(() => readGtkIconCache(Buffer.alloc(40)), FormatError);
});

test(
  'the cache of gtk-update-icon-cache has the files of the theme',
  { skip: needs('gtk-update-icon-cache') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'icons-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, '16x16/apps'), { recursive: true });
    mkdirSync(join(root, '24x24/apps'), { recursive: true });
    writeFileSync(
      join(root, 'index.theme'),
      '[Icon Theme]\nName=a\nDirectories=16x16/apps,24x24/apps\n[16x16/apps]\nSize=16\n[24x24/apps]\nSize=24\n',
    );
    const files = ['16x16/apps/one.svg', '16x16/apps/two.svg', '24x24/apps/one.svg'];
    for (const file of files) writeFileSync(join(root, file), '<svg/>');
    execFileSync('gtk-update-icon-cache', ['-f', '--index-only', '--quiet', root]);
    const bytes = readFileSync(join(root, 'icon-theme.cache'));
    const { directories, icons, account } = readGtkIconCache(bytes);
    assert.deepEqual(account.problems, []);
    const found = icons.flatMap(({ name, images }) =>
      images.map(
        ({ directory, flags }) => `${directories[directory]}/${name}${flags === 2 ? '.svg' : ''}`,
      ),
    );
    assert.deepEqual(found.sort(), files);
    proveFlips(bytes, readGtkIconCache);
  },
);
