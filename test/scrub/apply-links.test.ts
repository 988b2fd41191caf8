import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { listTree } from '../helpers/list-tree.js';
import { needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import {
  DEFAULT_RULES,
  editsOf,
  EPOCH_NS,
  plan,
  rewriteRule,
  scrub,
  setMtime,
  setXattr,
} from './support.js';

const REWRITE = { rules: [rewriteRule('f')] };

test('names of one inode in the tree stay one inode', async (t) => {
  const root = tempTree(t, { f: 'old', 'd/e/x': 'other' });
  linkSync(join(root, 'f'), join(root, 'd/e/g'));
  linkSync(join(root, 'f'), join(root, 'h'));
  for (const one of ['d/e', 'd', '']) utimesSync(join(root, one), 1, 1);
  const { result } = await scrub(root, REWRITE);
  assert.deepEqual(result.diagnostics, []);
  const tree = listTree(root);
  assert.equal(tree.get('f')!.nlink, 3);
  for (const one of ['f', 'h', 'd/e/g']) {
    assert.equal(tree.get(one)!.ino, tree.get('f')!.ino);
    assert.equal(readFileSync(join(root, one), 'utf8'), 'new');
  }
  for (const one of ['d/e', 'd', '']) assert.equal(tree.get(one)!.mtimeNs, 1_000_000_000n, one);
});

test('a rule that meets two names of one inode edits it once', async (t) => {
  const root = tempTree(t, { 'a/f': 'old', 'b/x': '' });
  linkSync(join(root, 'a/f'), join(root, 'b/f'));
  const { plan: planned } = await scrub(root, { rules: [rewriteRule('{a,b}/f')] });
  assert.deepEqual(editsOf(planned), ['rewrite a/f']);
  assert.equal(readFileSync(join(root, 'b/f'), 'utf8'), 'new');
  assert.deepEqual((await plan(root, { rules: [rewriteRule('{a,b}/f')] })).edits, []);
});

test('names outside the root keep the old content, time and inode', async (t) => {
  const cache = tempTree(t, { f: 'old', w: 'logins', m: 'late' });
  const root = tempTree(t, { 'var/log/x': '', 'm-dir/x': '' });
  linkSync(join(cache, 'f'), join(root, 'f'));
  linkSync(join(cache, 'w'), join(root, 'var/log/wtmp'));
  linkSync(join(cache, 'm'), join(root, 'm'));
  linkSync(join(cache, 'm'), join(root, 'm-dir/m2'));
  setMtime(join(cache, 'm'), EPOCH_NS + 5_000_000_000n);
  setXattr(join(cache, 'm'), 'user.k', new Uint8Array([0, 1]));
  const before = listTree(cache);
  const { result } = await scrub(root, { rules: [rewriteRule('f'), ...DEFAULT_RULES] });
  assert.deepEqual(result.diagnostics, []);
  for (const [name, entry] of listTree(cache))
    assert.deepEqual({ ...entry, nlink: 0 }, { ...before.get(name)!, nlink: 0 }, name);
  const tree = listTree(root);
  assert.equal(readFileSync(join(root, 'f'), 'utf8'), 'new');
  assert.equal(lstatSync(join(root, 'var/log/wtmp')).size, 0);
  assert.equal(tree.get('m')!.mtimeNs, EPOCH_NS);
  assert.equal(readFileSync(join(root, 'm'), 'utf8'), 'late');
  assert.deepEqual(tree.get('m')!.xattrs, ['user.k=0001']);
  assert.equal(tree.get('m')!.ino, tree.get('m-dir/m2')!.ino);
});

test(
  'the time of a link that is shared outside changes inside alone',
  { skip: needsRoot() },
  async (t) => {
    const cache = tempTree(t, { l: { link: 'odd\n target' } });
    const root = tempTree(t, { x: '' });
    setMtime(join(cache, 'l'), EPOCH_NS + 1n);
    execFileSync('chown', ['-h', '5:6', join(cache, 'l')]);
    linkSync(join(cache, 'l'), join(root, 'l'));
    const { result } = await scrub(root);
    assert.deepEqual(result.diagnostics, []);
    assert.equal(listTree(cache).get('l')!.mtimeNs, EPOCH_NS + 1n);
    const { mtimeNs, content, owner } = listTree(root).get('l')!;
    assert.deepEqual([mtimeNs, content, owner], [EPOCH_NS, 'odd\n target', '5:6']);
  },
);

test('holes of a large file survive the copy that its time needs', async (t) => {
  const cache = tempTree(t, { big: 'start' });
  const root = tempTree(t, {});
  truncateSync(join(cache, 'big'), 64 * 1024 * 1024);
  linkSync(join(cache, 'big'), join(root, 'big'));
  const digest = listTree(cache).get('big')!.content;
  await scrub(root);
  const copy = listTree(root).get('big')!;
  assert.equal(copy.mtimeNs, EPOCH_NS);
  assert.equal(copy.content, digest);
  assert.ok(lstatSync(join(root, 'big')).blocks * 512 < 4 * 1024 * 1024);
});

test(
  'names that overlayfs parts at the first change are edited all the same',
  { skip: needsRoot() },
  async (t) => {
    const folder = tempFolder(t);
    for (const name of ['lower', 'upper', 'work', 'root']) mkdirSync(join(folder, name));
    const root = join(folder, 'root');
    for (const [first, second] of [
      ['a.pyc', 'b.pyc'],
      ['f', 'g'],
      ['m', 'n'],
    ] as const) {
      writeFileSync(join(folder, 'lower', first), 'old');
      linkSync(join(folder, 'lower', first), join(folder, 'lower', second));
    }
    for (const name of ['a.py', 'b.py']) writeFileSync(join(folder, 'lower', name), '');
    const layers = ['lower', 'upper', 'work'].map((name) => `${name}dir=${join(folder, name)}`);
    execFileSync('mount', ['-t', 'overlay', 'overlay', '-o', layers.join(','), root]);
    try {
      const options = { rules: [rewriteRule('{f,g}'), ...DEFAULT_RULES] };
      const { result } = await scrub(root, options);
      assert.deepEqual(result.diagnostics, []);
      assert.deepEqual(readdirSync(root), ['a.py', 'b.py', 'f', 'g', 'm', 'n']);
      for (const name of ['f', 'g']) assert.equal(readFileSync(join(root, name), 'utf8'), 'new');
      for (const name of ['m', 'n'])
        assert.equal(lstatSync(join(root, name), { bigint: true }).mtimeNs, EPOCH_NS);
      assert.deepEqual((await plan(root, options)).edits, []);
    } finally {
      execFileSync('umount', [root]);
    }
  },
);
