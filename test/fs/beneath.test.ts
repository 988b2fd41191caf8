import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { AuditError } from '../../src/core/errors.js';
import type { TreePath } from '../../src/core/path.js';
import { openBeneath } from '../../src/fs/beneath.js';
import { AT_FDCWD, nativeCalls, newStat, O } from '../../src/fs/native.js';
import { withBindMount } from '../helpers/bind-mount.js';
import { needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';

/** What says that a link is in the way; which one depends on the call. */
const REFUSED: readonly number[] = [-osConstants.errno.ELOOP, -osConstants.errno.ENOTDIR];

const path = (text: string): TreePath => text as TreePath;

test('a link is followed neither inside nor out of the root, in no component', (t) => {
  const root = tempTree(t, {
    'usr/lib/x': 'x',
    lib: { link: 'usr/lib' },
    out: { link: '/etc' },
    up: { link: '../..' },
    file: { link: 'usr/lib/x' },
  });
  const beneath = openBeneath(root);
  t.after(() => beneath.close());
  for (const one of ['lib/x', 'out/passwd', 'up/root/usr', 'file'])
    assert.ok(REFUSED.includes(beneath.open(path(one), O.RDONLY)), one);
  const fd = beneath.open(path('usr/lib/x'), O.RDONLY);
  assert.ok(fd >= 0);
  closeSync(fd);
});

test('paths that name another place than a tree would are refused', (t) => {
  const beneath = openBeneath(tempTree(t, { 'a/b': 'x' }));
  t.after(() => beneath.close());
  for (const one of ['..', '../x', 'a/../..', '/etc/passwd', 'a//b', './a', 'a/.'])
    assert.equal(beneath.open(path(one), O.PATH), -osConstants.errno.EXDEV, one);
});

test('the root itself is the empty path', (t) => {
  const root = tempTree(t, { a: 'x' });
  const beneath = openBeneath(root);
  t.after(() => beneath.close());
  const stat = newStat();
  assert.equal(beneath.stat(path(''), stat), 0);
  assert.equal(stat.mode >>> 12, 4);
});

test('a root that is no directory is the caller’s trouble', (t) => {
  const root = tempTree(t, { a: 'x' });
  for (const one of [join(root, 'a'), join(root, 'none')])
    assert.throws(
      () => openBeneath(one),
      (error) => error instanceof AuditError && error.code === 'SOURCE_UNUSABLE',
    );
});

test('paths longer than PATH_MAX are opened', { skip: nativeCalls() === null }, (t) => {
  const root = tempTree(t, {});
  const native = nativeCalls()!;
  const name = 'n'.repeat(250);
  let fd = native.openat(AT_FDCWD, root, O.RDONLY | O.DIRECTORY);
  const components: string[] = [];
  for (let i = 0; i < 40; i++) {
    mkdirSync(`/proc/self/fd/${fd}/${name}`);
    const next = native.openat(fd, name, O.RDONLY | O.DIRECTORY);
    closeSync(fd);
    fd = next;
    components.push(name);
  }
  writeFileSync(`/proc/self/fd/${fd}/end`, 'deep');
  closeSync(fd);
  t.after(() => execFileSync('rm', ['-rf', root]));
  const beneath = openBeneath(root);
  t.after(() => beneath.close());
  const stat = newStat();
  const long = path([...components, 'end'].join('/'));
  assert.equal(beneath.stat(long, stat), 0);
  assert.equal(stat.size, 4);
});

test(
  'a mount point and what lies below it belong to another mount',
  { skip: needsRoot() },
  async (t) => {
    const root = tempTree(t, { 'm/x': 'x', f: 'f' });
    const other = tempFolder(t);
    writeFileSync(join(other, 'y'), 'y');
    // A bind mount of the same file system: st_dev is the same.
    await withBindMount(other, join(root, 'm'), () => {
      const beneath = openBeneath(root);
      t.after(() => beneath.close());
      const stat = newStat();
      const isForeign = (one: string, hideMountId = false): boolean => {
        assert.equal(beneath.stat(path(one), stat), 0);
        return beneath.isForeign(hideMountId ? { ...stat, mountId: 0n } : stat, path(one));
      };
      assert.equal(isForeign('m'), true);
      assert.equal(isForeign('f'), false);
      // Kernels without mount ids: mountinfo says it.
      assert.equal(isForeign('m', true), true);
      assert.equal(isForeign('f', true), false);
    });
  },
);

test('a link that takes the place of a directory between two opens does not lead out', (t) => {
  const root = tempTree(t, { 'd/x': 'inside' });
  const beneath = openBeneath(root);
  t.after(() => beneath.close());
  execFileSync('mv', [join(root, 'd'), join(root, 'e')]);
  symlinkSync('/etc', join(root, 'd'));
  assert.ok(REFUSED.includes(beneath.open(path('d/passwd'), O.RDONLY)));
});
