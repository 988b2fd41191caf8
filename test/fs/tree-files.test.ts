import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { TreePath } from '../../src/core/path.js';
import { openBeneath } from '../../src/fs/beneath.js';
import { treeFiles } from '../../src/fs/tree-files.js';
import { needs } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';

const path = (text: string): TreePath => text as TreePath;

test('files, listings and link targets are read as bytes', (t) => {
  const root = tempTree(t, {
    'd/\n': 'newline',
    'd/b': new Uint8Array([0, 255]),
    d2: { link: 'd/b' },
    empty: '',
  });
  const beneath = openBeneath(root);
  t.after(() => beneath.close());
  const files = treeFiles(beneath);
  assert.equal(Buffer.from(files.read(path('d/\n'))!).toString(), 'newline');
  assert.deepEqual([...files.read(path('d/b'))!], [0, 255]);
  assert.deepEqual([...files.read(path('empty'))!], []);
  assert.deepEqual(files.list(path('d')), ['\n', 'b']);
  assert.deepEqual(files.list(path('')), ['d', 'd2', 'empty']);
  assert.equal(files.readLink(path('d2')), 'd/b');
});

test('what is not there, or of another kind, is null or empty', (t) => {
  const root = tempTree(t, { 'd/b': 'x', l: { link: 'd' }, out: { link: '/etc/passwd' } });
  const beneath = openBeneath(root);
  t.after(() => beneath.close());
  const files = treeFiles(beneath);
  for (const one of ['none', 'd', 'l', 'out', 'l/b', 'd/b/c', '../root/d/b', ''])
    assert.equal(files.read(path(one)), null, one);
  for (const one of ['none', 'd/b', 'l', 'out']) assert.deepEqual(files.list(path(one)), [], one);
  for (const one of ['none', 'd', 'd/b', 'l/b', ''])
    assert.equal(files.readLink(path(one)), null, one);
});

test('a FIFO is not opened, so nothing waits for a writer', { skip: needs('mkfifo') }, (t) => {
  const root = tempTree(t, {});
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const beneath = openBeneath(root);
  t.after(() => beneath.close());
  assert.equal(treeFiles(beneath).read(path('fifo')), null);
});

test('a file that is larger than it says is read to its end', (t) => {
  const beneath = openBeneath('/proc');
  t.after(() => beneath.close());
  const status = treeFiles(beneath).read(path('version'));
  assert.match(Buffer.from(status!).toString(), /Linux/);
});

test('a file too large to be read whole is an error, not an allocation', (t) => {
  const root = tempTree(t, { huge: '' });
  truncateSync(join(root, 'huge'), 2 ** 40);
  const beneath = openBeneath(root);
  t.after(() => beneath.close());
  assert.throws(() => treeFiles(beneath).read(path('huge')), { code: 'EFBIG' });
});
