import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { createLinkResolver } from '../../src/packages/resolve-links.js';
import { tempTree } from '../helpers/temp-tree.js';
import { plainTreeFiles } from './plain-tree-files.js';

test('Relative links resolve as the kernel does, in any component', (t) => {
  const root = tempTree(t, {
    'usr/lib/x/file': '',
    'usr/lib64/y': '',
    lib: { link: 'usr/lib' },
    'usr/again': { link: '../lib/x' },
    'usr/up': { link: '../usr/./lib//x/..' },
    'usr/chain': { link: 'again' },
  });
  const links = createLinkResolver(plainTreeFiles(root));
  for (const path of [
    'lib',
    'lib/x',
    'usr/again',
    'usr/up/x/file',
    'usr/chain/file',
    'usr/chain/../x',
    'usr/lib64',
  ])
    assert.equal(join(root, links.resolve(path)), realpathSync.native(`${root}/${path}`), path);
});

test('Absolute links and dots never lead out of the tree', (t) => {
  const root = tempTree(t, {
    'usr/share/rpm/db': '',
    'var/lib/rpm': { link: '/usr/share/rpm' },
    out: { link: '../../../../../usr' },
  });
  const links = createLinkResolver(plainTreeFiles(root));
  assert.equal(links.resolve('var/lib/rpm/db'), 'usr/share/rpm/db');
  assert.equal(links.resolve('out/share'), 'usr/share');
  assert.equal(links.resolve('../../etc'), 'etc');
  assert.equal(links.resolve(''), '');
});

test('Loops end, and what is not there is taken as it is written', (t) => {
  const root = tempTree(t, { a: { link: 'b' }, b: { link: 'a' }, self: { link: 'self/self' } });
  const links = createLinkResolver(plainTreeFiles(root));
  for (const path of ['a/x', 'self/x']) assert.match(links.resolve(path), /x$/);
  assert.equal(links.resolve('no/such/path'), 'no/such/path');
  const long = 'long/'.repeat(20_000);
  assert.equal(links.resolve(long), long);
});
