import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { FormatError } from '../../src/core/errors.js';
import { readMimeCache } from '../../src/formats/mime-cache.js';
import { needs } from '../helpers/oracle.js';
import { mimeCacheSample } from './build-mime-cache.js';
import { proveFlips, proveMutations, proveTruncation } from './prove-parser.js';

test('aliases, parents and globs are read', () => {
  const { sections, pairs, account } = readMimeCache(mimeCacheSample());
  assert.deepEqual(account.problems, []);
  assert.deepEqual(sections.map(({ name }) => name).slice(0, 3), [
    'aliases',
    'parents',
    'literals',
  ]);
  assert.deepEqual(
    pairs.map(({ section, key, values, weight }) => [section, key, values, weight]),
    [
      ['aliases', 'text/x', ['text/y'], 0],
      ['parents', 'text/y', ['text/z'], 0],
      ['globs', '*.y*', ['text/y'], 50],
    ],
  );
});

test('a cache stands cuts, flips and mutations', () => {
  proveTruncation(mimeCacheSample(), readMimeCache);
  proveFlips(mimeCacheSample(), readMimeCache);
  proveMutations(mimeCacheSample(), readMimeCache);
});

test('other files are refused', () => {
  assert.throws(() => readMimeCache(Buffer.alloc(100)), FormatError);
});

test(
  'the cache of update-mime-database has what its package says',
  { skip: needs('update-mime-database') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'mime-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, 'packages'));
    writeFileSync(
      join(root, 'packages/a.xml'),
      '<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info"><mime-type type="text/x-a">' +
        '<comment>a</comment><alias type="text/a"/><sub-class-of type="text/plain"/><glob pattern="*.a"/>' +
        '<glob pattern="Afile"/><glob pattern="a[0-9]b"/><icon name="an-icon"/><generic-icon name="generic"/>' +
        '<root-XML namespaceURI="urn:a" localName="a"/><magic><match type="string" offset="0" value="AAA"/></magic>' +
        '</mime-type></mime-info>',
    );
    execFileSync('update-mime-database', [root], { stdio: 'ignore' });
    const { pairs, sections, account } = readMimeCache(readFileSync(join(root, 'mime.cache')));
    assert.deepEqual(account.problems, []);
    const found = pairs.map(({ section, key, values }) => `${section} ${key} ${values.join()}`);
    for (const expected of [
      'aliases text/a text/x-a',
      'parents text/x-a text/plain',
      'literals afile text/x-a',
      'globs a[0-9]b text/x-a',
      'namespaces urn:a a text/x-a',
      'icons text/x-a an-icon',
      'genericIcons text/x-a generic',
    ])
      assert.ok(found.includes(expected), `${expected} in ${found.join('; ')}`);
    assert.equal(sections.find(({ name }) => name === 'magic')?.count, 1);
  },
);
