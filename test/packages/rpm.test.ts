import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import type { TreePath } from '../../src/core/path.js';
import { readPackages } from '../../src/packages/read-databases.js';
import { readOwnership } from '../../src/packages/read-ownership.js';
import { createRpmdb, type TestPackage } from '../formats/build-rpmdb.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import { plainTreeFiles } from './plain-tree-files.js';
import { buildRpms, DATABASE, installRpms, rpm } from './rpm-root.js';

const at = (path: string): TreePath => Buffer.from(path, 'utf8').toString('latin1') as TreePath;

const TOOL: TestPackage = {
  name: 'tool',
  epoch: 2,
  files: [
    { path: '/bin/tool', digest: 'ab'.repeat(32) },
    { path: '/etc/tool.conf', digest: 'cd'.repeat(32) },
    { path: '/boot/vmlinuz', digest: 'ef'.repeat(32) },
    { path: '/var/lib/tool/ghost', flags: 64 },
    { path: '/usr/lib/tool/volatile', digest: '01'.repeat(32), verify: 0xfffffffe },
    { path: '/usr/share/doc/left-out', digest: '02'.repeat(32), state: 2 },
  ],
};

/** A tree with one database, closed, at `folder`. */
function treeWith(t: TestContext, folder: string, items: readonly TestPackage[]): string {
  const root = tempTree(t, { [folder]: null });
  createRpmdb(join(root, folder, 'rpmdb.sqlite'), items).close();
  return root;
}

test('Listed files are owned, ghosts and files exempt from digest checks are not', (t) => {
  const root = treeWith(t, 'usr/lib/sysimage/rpm', [TOOL]);
  const owners = readOwnership(plainTreeFiles(root));
  assert.equal(owners.complete, true);
  assert.deepEqual(owners.managers, ['rpm']);
  assert.deepEqual(owners.packages, [
    { manager: 'rpm', name: 'tool', version: '2:1.0-2', architecture: 'noarch' },
  ]);
  const owned = (path: string): boolean => owners.isOwned(at(path));
  assert.equal(owned('etc/tool.conf'), true);
  assert.equal(owned('var/lib/tool/ghost'), false);
  assert.equal(owned('usr/lib/tool/volatile'), false);
  assert.equal(owned('usr/share/doc/left-out'), false);
  assert.equal(owned('usr/share/doc/unknown'), false);
  assert.equal(owned(''), false);
  assert.deepEqual(owners.shipped(at('usr/lib/tool/volatile')), {
    package: 'tool',
    digest: { algorithm: 'sha256', hex: '01'.repeat(32) },
    mtimeSeconds: 1577836800,
  });
  assert.equal(owners.shipped(at('var/lib/tool/ghost')), null);
  assert.equal(owners.shipped(at('usr/share/doc/left-out')), null);
});

test('Either spelling finds a file where the tree has merged directories', (t) => {
  const root = treeWith(t, 'usr/lib/sysimage/rpm', [TOOL]);
  mkdirSync(join(root, 'usr/bin'));
  symlinkSync('usr/bin', join(root, 'bin'));
  const owners = readOwnership(plainTreeFiles(root));
  assert.equal(owners.isOwned(at('bin/tool')), true);
  assert.equal(owners.isOwned(at('usr/bin/tool')), true);
  const apart = treeWith(t, 'usr/lib/sysimage/rpm', [TOOL]);
  mkdirSync(join(apart, 'bin'));
  assert.equal(readOwnership(plainTreeFiles(apart)).isOwned(at('usr/bin/tool')), false);
});

test('Files that ostree moved are found under their new and their old name', (t) => {
  const root = treeWith(t, 'usr/share/rpm', [TOOL]);
  const owners = readOwnership(plainTreeFiles(root));
  assert.equal(owners.isOwned(at('usr/etc/tool.conf')), true);
  assert.equal(owners.isOwned(at('etc/tool.conf')), true);
  assert.equal(owners.isOwned(at('usr/lib/ostree-boot/vmlinuz')), true);
  assert.equal(owners.isOwned(at('usr/etc2/tool.conf')), false);
  assert.equal(owners.shipped(at('usr/etc/tool.conf'))?.package, 'tool');
});

test('A tree with etc and usr/etc tells the files of a package in usr/etc from those in etc', (t) => {
  const root = treeWith(t, 'usr/lib/sysimage/rpm', [
    {
      name: 'vendor',
      files: [{ path: '/usr/etc/only-vendor' }, { path: '/usr/etc/both', digest: '0a'.repeat(32) }],
    },
    { name: 'admin', files: [{ path: '/etc/both', digest: '0b'.repeat(32) }] },
  ]);
  const owners = readOwnership(plainTreeFiles(root));
  assert.equal(owners.isOwned(at('etc/only-vendor')), false);
  assert.equal(owners.shipped(at('usr/etc/both'))?.package, 'vendor');
  assert.equal(owners.shipped(at('etc/both'))?.package, 'admin');
});

test('The database is found through absolute links, which begin at the root of the tree', (t) => {
  const root = treeWith(t, 'usr/share/rpm', [TOOL]);
  mkdirSync(join(root, 'var/lib'), { recursive: true });
  mkdirSync(join(root, 'usr/lib/sysimage'), { recursive: true });
  symlinkSync('/usr/share/rpm', join(root, 'var/lib/rpm'));
  symlinkSync('../../share/rpm', join(root, 'usr/lib/sysimage/rpm'));
  const { packages, diagnostics } = readPackages(plainTreeFiles(root));
  assert.deepEqual([packages.length, diagnostics.length], [1, 0]);
});

test('What is in the log and not yet in the database counts', (t) => {
  const root = tempTree(t, { 'var/lib/rpm': null });
  const file = join(root, 'var/lib/rpm/rpmdb.sqlite');
  const database = createRpmdb(file, [TOOL]);
  const [main, wal] = [readFileSync(file), readFileSync(`${file}-wal`)];
  database.close();
  writeFileSync(file, main);
  writeFileSync(`${file}-wal`, wal);
  assert.equal(readPackages(plainTreeFiles(root)).packages.length, 1);
});

test('Two databases are joined: rather too much is owned than too little', (t) => {
  const root = treeWith(t, 'usr/lib/sysimage/rpm', []);
  mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
  createRpmdb(join(root, 'var/lib/rpm/rpmdb.sqlite'), [TOOL]).close();
  const owners = readOwnership(plainTreeFiles(root));
  assert.equal(owners.isOwned(at('etc/tool.conf')), true);
  assert.equal(owners.packages.length, 1);
});

test('A database without packages is no manager, and no database is complete', (t) => {
  for (const root of [treeWith(t, 'var/lib/rpm', []), tempTree(t, { 'usr/bin/x': '' })]) {
    const owners = readOwnership(plainTreeFiles(root));
    assert.deepEqual([owners.managers, owners.complete, owners.packages], [[], true, []]);
    assert.equal(owners.isOwned(at('usr/bin/x')), false);
  }
});

test('Older databases, damage and a waiting journal make everything owned', (t) => {
  const damaged = treeWith(t, 'var/lib/rpm', [TOOL]);
  const bytes = readFileSync(join(damaged, 'var/lib/rpm/rpmdb.sqlite'));
  writeFileSync(join(damaged, 'var/lib/rpm/rpmdb.sqlite'), bytes.subarray(0, bytes.length / 2));
  const waiting = treeWith(t, 'var/lib/rpm', [TOOL]);
  writeFileSync(
    join(waiting, 'var/lib/rpm/rpmdb.sqlite-journal'),
    Buffer.from('d9d505f920a163d7ffffffff', 'hex'),
  );
  const renamed = treeWith(t, 'var/lib/rpm', [TOOL]);
  renameSync(join(renamed, 'var/lib/rpm/rpmdb.sqlite'), join(renamed, 'var/lib/rpm/Packages'));
  for (const root of [
    damaged,
    waiting,
    renamed,
    tempTree(t, { 'var/lib/rpm/Packages.db': 'ndb' }),
    tempTree(t, { 'usr/share/rpm/rpmdb.sqlite': '' }),
  ]) {
    const owners = readOwnership(plainTreeFiles(root));
    assert.equal(owners.complete, false);
    assert.deepEqual(
      owners.diagnostics.map(({ code }) => code),
      ['package-database'],
    );
    assert.equal(owners.isOwned(at('any/path')), true);
    assert.equal(owners.shipped(at('any/path')), null);
  }
});

test('A database that cannot be opened is a diagnostic too', (t) => {
  const files = plainTreeFiles(treeWith(t, 'var/lib/rpm', [TOOL]));
  const owners = readOwnership({
    ...files,
    read: () => {
      throw Object.assign(new Error('EACCES: open'), { code: 'EACCES' });
    },
  });
  assert.equal(owners.complete, false);
});

test('A loop of links and links that leave the root end somewhere inside', (t) => {
  const root = treeWith(t, 'usr/lib/sysimage/rpm', [
    {
      name: 'odd',
      files: [{ path: '/loop/x/y' }, { path: '/up/etc/passwd' }, { path: '//twice//slashed/./f' }],
    },
  ]);
  symlinkSync('loop', join(root, 'loop'));
  symlinkSync('../../../..', join(root, 'up'));
  const owners = readOwnership(plainTreeFiles(root));
  assert.equal(owners.complete, true);
  assert.equal(owners.isOwned(at('etc/passwd')), true);
  assert.equal(owners.isOwned(at('twice/slashed/f')), true);
});

test(
  'rpm and we name the same packages, owners, digests and times',
  { skip: needs('rpm', 'rpmbuild') || needsRoot() },
  (t) => {
    const root = installRpms(t, [buildRpms()]);
    const owners = readOwnership(plainTreeFiles(root));
    const format = '%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE} %{ARCH}\\n';
    assert.deepEqual(
      owners.packages.map(
        ({ name, version, architecture }) => `${name} ${version} ${architecture}`,
      ),
      rpm(root, '-qa', '--qf', format).trimEnd().split('\n').toSorted(),
    );
    assert.equal(owners.packages.length, 3);

    const files =
      '[%{FILENAMES}\\t%{FILEDIGESTS}\\t%{FILEMTIMES}\\t%{FILEFLAGS}\\t%{FILEVERIFYFLAGS}\\t%{=NAME}\\n]';
    const lines = rpm(root, '-qa', '--qf', files).trimEnd().split('\n');
    assert.ok(lines.length >= 14);
    for (const line of lines) {
      const [file, digest, mtime, flags, verify, name] = line.split('\t') as [
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const path = file.slice(1) as TreePath;
      const isGhost = (Number(flags) & 64) !== 0;
      assert.equal(owners.isOwned(path), !isGhost && (Number(verify) & 1) === 1, file);
      const shipped = owners.shipped(path);
      if (isGhost) assert.equal(shipped, null);
      else
        assert.deepEqual(
          [shipped?.package, shipped?.digest?.hex ?? '', shipped?.mtimeSeconds],
          [name, digest, Number(mtime)],
          file,
        );
      const asked = Buffer.from(file, 'latin1').toString('utf8');
      assert.match(rpm(root, '-qf', asked), new RegExp(`^${name}-`));
    }
    assert.equal(owners.isOwned(at('usr/lib/b/state')), false);
    assert.equal(owners.isOwned(at('usr/lib/b/lïb')), true);
    assert.equal(owners.isOwned(at('bin/tool')), true);
    assert.equal(owners.isOwned(at(DATABASE)), false);
  },
);
