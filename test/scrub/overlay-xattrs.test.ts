import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { listTree } from '../helpers/list-tree.js';
import { needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { editsOf, plan, scrub, setXattr } from './support.js';

const only = ['overlay-xattrs'];
const NOTE = Buffer.from([0, 0xfb, 1, 255]);

test('notes of overlayfs go, with names in the edits; all else of every entry stays', async (t) => {
  const root = tempTree(t, { 'd/f': 'x', 'd/g': 'y', 'd/plain': 'z', link: { link: 'd/f' } });
  linkSync(join(root, 'd/f'), join(root, 'd/hard'));
  const kept = [
    'user.overlay.opaque',
    'user.overlay.redirect',
    'user.overlay.metacopy',
    'user.note',
  ];
  for (const name of ['user.overlay.origin', 'user.overlay.impure', ...kept])
    for (const path of ['', 'd', 'd/f', 'd/g']) setXattr(join(root, path), name, NOTE);
  const before = listTree(root);
  assert.deepEqual(editsOf(await plan(root)), []);
  const { plan: planned, result } = await scrub(root, { only });
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual(
    result.applied.map(({ kind, path, reason }) => `${kind} ${path} ${reason}`),
    ['d/f', 'd/g', 'd', ''].flatMap((path) =>
      ['impure', 'origin'].map((note) => `remove-xattr ${path} user.overlay.${note}`),
    ),
  );
  assert.equal(planned.edits.length, result.applied.length);
  for (const [path, { xattrs, ...rest }] of listTree(root)) {
    const { xattrs: had, ...was } = before.get(path)!;
    assert.deepEqual(rest, was, path);
    assert.deepEqual(
      xattrs,
      had.filter((one) => !/overlay\.(origin|impure)=/.test(one)),
      path,
    );
  }
  assert.deepEqual(editsOf(await plan(root, { only })), []);
});

test('an inode that is shared outside is left and reported', async (t) => {
  const root = tempTree(t, { f: 'x' });
  setXattr(join(root, 'f'), 'user.overlay.nlink', NOTE);
  linkSync(join(root, 'f'), join(tempFolder(t), 'outside'));
  const before = listTree(root);
  const { result } = await scrub(root, { only });
  assert.deepEqual([result.applied.length, result.diagnostics.length], [0, 1]);
  assert.deepEqual(listTree(root), before);
});

test('the trusted ones, on links too', { skip: needsRoot() }, async (t) => {
  const root = tempTree(t, { f: 'x', link: { link: 'f' } });
  for (const path of ['f', 'link']) setXattr(join(root, path), 'trusted.overlay.origin', NOTE);
  const { result } = await scrub(root, { only });
  assert.deepEqual(result.diagnostics, []);
  for (const { xattrs } of listTree(root).values()) assert.deepEqual(xattrs, []);
});
