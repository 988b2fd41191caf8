import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

import type { TreePath } from '../../src/core/path.js';
import { readPackages } from '../../src/packages/read-databases.js';
import { readOwnership } from '../../src/packages/read-ownership.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { plainTreeFiles } from './plain-tree-files.js';

const LOCAL = 'var/lib/pacman/local';
const at = (path: string): TreePath => Buffer.from(path, 'utf8').toString('latin1') as TreePath;

const DESC = '%NAME%\nfoo\n\n%VERSION%\n1:2-3\n\n%ARCH%\nany\n\n%INSTALLDATE%\n1800000000\n\n';
const FILES = `%FILES%
bin/
bin/foo
etc/
etc/foo.conf
etc/plain.conf

%BACKUP%
etc/foo.conf\t${'0a'.repeat(16)}
etc/plain.conf\t${'0b'.repeat(16)}

`;
const MTREE = gzipSync(`#mtree
/set type=file uid=0 gid=0 mode=644
./bin time=1600000000.0 type=dir
./bin/foo time=1600000007.5 size=1 md5digest=${'0c'.repeat(16)} sha256digest=${'0d'.repeat(32)}
./etc/foo.conf time=1600000008.0 md5digest=${'0a'.repeat(16)} sha256digest=${'0e'.repeat(32)}
`);

function tree(t: TestContext, parts: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = `${LOCAL}/foo-1:2-3`;
  return tempTree(t, {
    [`${LOCAL}/ALPM_DB_VERSION`]: '9\n',
    [`${folder}/desc`]: DESC,
    [`${folder}/files`]: FILES,
    [`${folder}/mtree`]: MTREE,
    ...parts,
  });
}

test('Files of pacman are owned, with digests and times from the list that the package came with', (t) => {
  const owners = readOwnership(plainTreeFiles(tree(t)));
  assert.deepEqual(owners.diagnostics, []);
  assert.deepEqual(owners.packages, [
    { manager: 'pacman', name: 'foo', version: '1:2-3', architecture: 'any' },
  ]);
  assert.deepEqual(owners.shipped(at('bin/foo')), {
    package: 'foo',
    digest: { algorithm: 'sha256', hex: '0d'.repeat(32) },
    mtimeSeconds: 1600000007,
  });
  assert.equal(owners.shipped(at('etc/foo.conf'))?.digest?.hex, '0e'.repeat(32));
  assert.deepEqual(owners.shipped(at('etc/plain.conf')), {
    package: 'foo',
    digest: { algorithm: 'md5', hex: '0b'.repeat(16) },
    mtimeSeconds: null,
  });
  assert.deepEqual(owners.shipped(at('bin')), { package: 'foo', digest: null, mtimeSeconds: null });
  assert.equal(owners.isOwned(at('etc/other.conf')), false);
});

test('Without an mtree the files are owned and have no digest; paths follow links of the tree', (t) => {
  const root = tree(t);
  rmSync(join(root, LOCAL, 'foo-1:2-3/mtree'));
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  symlinkSync('usr/bin', join(root, 'bin'));
  const owners = readOwnership(plainTreeFiles(root));
  assert.deepEqual(owners.shipped(at('usr/bin/foo')), {
    package: 'foo',
    digest: null,
    mtimeSeconds: null,
  });
});

test('A database without packages is none', (t) => {
  const { managers, diagnostics } = readPackages(
    plainTreeFiles(tempTree(t, { [`${LOCAL}/ALPM_DB_VERSION`]: '9\n', [`${LOCAL}/empty`]: null })),
  );
  assert.deepEqual([managers, diagnostics], [[], []]);
});

test('What is missing or makes no sense makes everything owned', (t) => {
  const folder = `${LOCAL}/foo-1:2-3`;
  const incomplete = tree(t);
  rmSync(join(incomplete, folder, 'files'));
  for (const root of [
    incomplete,
    tree(t, { [`${folder}/desc`]: '%VERSION%\n1\n\n' }),
    tree(t, { [`${folder}/desc`]: 'no section\n' }),
    tree(t, { [`${folder}/mtree`]: 'not compressed' }),
    tree(t, { [`${folder}/mtree`]: MTREE.subarray(0, MTREE.length - 9) }),
    tree(t, { [`${LOCAL}/other-1-1/files`]: FILES }),
  ]) {
    const owners = readOwnership(plainTreeFiles(root));
    assert.deepEqual(
      owners.diagnostics.map(({ code, path }) => [code, path]),
      [['package-database', LOCAL]],
    );
    assert.equal(owners.isOwned(at('any')), true);
  }
});

test(
  'pacman and we name the same packages, owners and digests',
  { skip: needs('pacman', 'bsdtar') || needsRoot() },
  (t) => {
    const folder = tempFolder(t);
    const root = join(folder, 'root');
    mkdirSync(join(root, 'var/lib/pacman'), { recursive: true });
    const config = join(folder, 'pacman.conf');
    writeFileSync(config, '[options]\nArchitecture = auto\nSigLevel = Never\n');
    const pacman = (...args: readonly string[]): string =>
      execFileSync('pacman', ['-r', root, '--config', config, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
      });
    const file = buildPackage(folder);
    pacman('--noconfirm', '--noscriptlet', '-U', file);

    const owners = readOwnership(plainTreeFiles(root));
    assert.deepEqual(owners.diagnostics, []);
    assert.deepEqual(
      owners.packages.map(({ name, version }) => `${name} ${version}`),
      pacman('-Q').trimEnd().split('\n'),
    );
    const listed = pacman('-Qlq', 'demo').trimEnd().split('\n');
    assert.equal(listed.length, 11);
    for (const path of listed) {
      const relative = path.slice(root.length + 1).replace(/\/$/, '');
      assert.equal(owners.isOwned(at(relative)), true, path);
    }
    for (const [path, content] of Object.entries(CONTENTS)) {
      const shipped = owners.shipped(at(path));
      const hex = createHash('sha256').update(content).digest('hex');
      assert.deepEqual(shipped?.digest, { algorithm: 'sha256', hex }, path);
    }
    assert.equal(owners.shipped(at('usr/bin/link'))?.digest, null);
    assert.match(pacman('-Qkk', 'demo'), /0 altered files/);
  },
);

const CONTENTS: Readonly<Record<string, string>> = {
  'etc/demo.conf': 'x=1\n',
  'usr/bin/demo': 'tool\n',
  'usr/bin/hard': 'tool\n',
  'usr/share/demo/with space': 'a',
  'usr/share/demo/ü\\#=1[x]': 'b',
};

/** A package as makepkg packs it, but for compression. */
function buildPackage(folder: string): string {
  const from = join(folder, 'package');
  for (const name of ['etc', 'usr/bin', 'usr/share/demo'])
    mkdirSync(join(from, name), { recursive: true });
  for (const [path, content] of Object.entries(CONTENTS))
    if (path !== 'usr/bin/hard') writeFileSync(join(from, path), content);
  linkSync(join(from, 'usr/bin/demo'), join(from, 'usr/bin/hard'));
  symlinkSync('demo', join(from, 'usr/bin/link'));
  const fields = {
    pkgname: 'demo',
    pkgver: '1:2.0-3',
    arch: 'any',
    size: '9',
    builddate: '1600000000',
    backup: 'etc/demo.conf',
  };
  const info = Object.entries(fields).map(([key, value]) => `${key} = ${value}\n`);
  writeFileSync(join(from, '.PKGINFO'), info.join(''));
  const keywords = '!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link';
  const bsdtar = (...args: readonly string[]): void => {
    execFileSync('bsdtar', [...args], {
      cwd: from,
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
    });
  };
  const names = readdirSync(from).toSorted();
  bsdtar('-czf', '.MTREE', '--format=mtree', `--options=${keywords}`, ...names);
  const file = join(folder, 'demo-1:2.0-3-any.pkg.tar.gz');
  bsdtar('--no-fflags', '-czf', file, '.MTREE', ...names);
  return file;
}
