import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { openBeneath } from '../../src/fs/beneath.js';
import { expandGlobs } from '../../src/fs/glob.js';
import { compileGlob } from '../../src/util/glob.js';
import { withBindMount } from '../helpers/bind-mount.js';
import { needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';

async function expand(root: string, patterns: readonly string[]): Promise<readonly string[]> {
  const beneath = openBeneath(root);
  try {
    return await expandGlobs(beneath, patterns, {
      onUnreadable: (path, error) => assert.fail(`${path}: ${error.message}`),
    });
  } finally {
    beneath.close();
  }
}

test('names with newlines, other bytes, dots and dashes are all found', async (t) => {
  const root = tempTree(t, {
    'd/a\nb/c': '',
    'd/.hidden': '',
    'd/-n': '',
    'd/\r': '',
    'd/sub': null,
  });
  writeFileSync(Buffer.from(join(root, 'd/\xff\xfe'), 'latin1'), '');
  mkdirSync(Buffer.from(join(root, 'd/\xfe'), 'latin1'));
  writeFileSync(Buffer.from(join(root, 'd/\xfe/in'), 'latin1'), '');
  assert.deepEqual(await expand(root, ['d/**']), [
    'd/\r',
    'd/-n',
    'd/.hidden',
    'd/a\nb',
    'd/a\nb/c',
    'd/sub',
    'd/\xfe',
    'd/\xfe/in',
    'd/\xff\xfe',
  ]);
});

test('an exact name is found whatever it is, and a missing one is not', async (t) => {
  const root = tempTree(t, { 'etc/f': '', 'etc/l': { link: 'nowhere' }, 'etc/d': null });
  assert.deepEqual(
    await expand(root, ['etc/f', 'etc/l', 'etc/d', 'etc/none', 'none/none', 'etc/f/x']),
    ['etc/d', 'etc/f', 'etc/l'],
  );
});

test('links are listed and never followed', async (t) => {
  const outside = tempTree(t, { secret: '' });
  const root = tempTree(t, {
    'd/out': { link: outside },
    'd/loop': { link: '.' },
    log: { link: outside },
  });
  assert.deepEqual(await expand(root, ['d/**', 'log/*', 'log/secret', 'd/out/*']), [
    'd/loop',
    'd/out',
  ]);
});

test('a pattern for /d does not capture /d2, and * stops at /', async (t) => {
  const root = tempTree(t, {
    'd/x': '',
    'd2/x': '',
    'var/log/a': '',
    'var/log/apt/b': '',
    'srv/var/log/c': '',
  });
  assert.deepEqual(await expand(root, ['d/**']), ['d/x']);
  assert.deepEqual(await expand(root, ['var/log/*']), ['var/log/a', 'var/log/apt']);
});

test('a mount point is left out with all that lies below it', { skip: needsRoot() }, async (t) => {
  const root = tempTree(t, { 'd/m/x': '', 'd/f': '' });
  const other = tempFolder(t);
  writeFileSync(join(other, 'y'), '');
  await withBindMount(other, join(root, 'd/m'), async () => {
    assert.deepEqual(await expand(root, ['d/**', 'd/m/y', 'd/m/*']), ['d/f']);
  });
});

test('patterns find what a walk of the tree and the matcher find', async () => {
  const names = ['a', 'b', 'ab', '.a', 'a\n', '\xff', 'log', 'log.1'];
  const name = fc.constantFrom(...names);
  const tree = fc.uniqueArray(
    fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    { maxLength: 12 },
  );
  const piece = fc.constantFrom(
    'a',
    'b',
    '.a',
    '*',
    '**',
    '?',
    'log{,.[0-9]*}',
    '[ab]',
    'a*',
    '*b',
  );
  const glob = fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  await fc.assert(
    fc.asyncProperty(tree, fc.array(glob, { minLength: 1, maxLength: 3 }), async (paths, globs) => {
      const root = mkdtempSync(join(tmpdir(), 'repro-audit-glob-'));
      try {
        const present = new Set<string>();
        for (const path of paths) {
          mkdirSync(Buffer.from(join(root, path), 'latin1'), { recursive: true });
          path.split('/').forEach((_, i, parts) => present.add(parts.slice(0, i + 1).join('/')));
        }
        const matchers = globs.map(compileGlob);
        const expected = [...present].filter((path) => matchers.some((matches) => matches(path)));
        assert.deepEqual([...(await expand(root, globs))].sort(), expected.sort());
      } finally {
        rmSync(root, { recursive: true });
      }
    }),
    { numRuns: 120 },
  );
});
