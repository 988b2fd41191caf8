import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import type { TreePath } from '../../src/core/path.js';
import type { TreeFiles } from '../../src/core/tree-files.js';
import { openBeneath } from '../../src/fs/beneath.js';
import { treeFiles } from '../../src/fs/tree-files.js';
import { readOwnership } from '../../src/packages/read-ownership.js';
import { needs } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import { plainTreeFiles } from './plain-tree-files.js';

const at = (path: string): TreePath => Buffer.from(path, 'utf8').toString('latin1') as TreePath;
const MD5_A = '0123456789abcdef0123456789abcdef';
const MD5_B = 'fedcba9876543210fedcba9876543210';

const STATUS = `Package: tool
Status: install ok installed
Architecture: amd64
Version: 1:2.0-3
Conffiles:
 /etc/tool.conf ${MD5_B}
 /etc/old.conf ${MD5_A} obsolete
Description: a tool
 with a long description
 .
 Status: deinstall ok config-files

Package: libtool
Status: install ok installed
Multi-Arch: same
Architecture: amd64
Version: 7

Package: libtool
Status: hold ok installed
Multi-Arch: same
Architecture: i386
Version: 7

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 9
Conffiles:
 /etc/gone.conf ${MD5_A}

Package: known
Status: unknown ok not-installed
Architecture: all
`;

const FILES = {
  'var/lib/dpkg/status': STATUS,
  'var/lib/dpkg/info/format': '1\n',
  'var/lib/dpkg/info/tool.list':
    '/.\n/bin\n/bin/tool\n/etc\n/etc/tool.conf\n/usr\n/usr/share\n/usr/share/tool é\n/usr/bin/taken\n',
  'var/lib/dpkg/info/tool.md5sums': `${MD5_A}  bin/tool\n${MD5_B}  usr/share/tool é\nnonsense\n${MD5_B} *usr/bin/taken\n`,
  'var/lib/dpkg/info/libtool:amd64.list': '/.\n/usr/lib\n/usr/lib/libtool.so\n',
  'var/lib/dpkg/info/libtool:i386.list': '/.\n/usr/lib\n/usr/share/doc/libtool\n',
  'var/lib/dpkg/info/gone.list': '/etc\n/etc/gone.conf\n',
  'var/lib/dpkg/diversions': '/usr/bin/taken\n/usr/bin/taken.real\nlibtool\n',
};

function owners(
  t: TestContext,
  files: Parameters<typeof tempTree>[1],
): ReturnType<typeof readOwnership> {
  return readOwnership(plainTreeFiles(tempTree(t, files)));
}

test('Installed packages are listed with architecture, known and removed names are not', (t) => {
  const { packages, managers, complete } = owners(t, FILES);
  assert.deepEqual(
    packages.map(({ name, version, architecture }) => [name, version, architecture]),
    [
      ['libtool', '7', 'amd64'],
      ['libtool', '7', 'i386'],
      ['tool', '1:2.0-3', 'amd64'],
    ],
  );
  assert.deepEqual([managers, complete], [['dpkg'], true]);
});

test('Listed paths are owned, with the digests of md5sums and of configuration files', (t) => {
  const found = owners(t, FILES);
  const md5 = (path: string): string | undefined => found.shipped(at(path))?.digest?.hex;
  for (const path of ['', 'bin', 'bin/tool', 'etc/gone.conf', 'usr/share/doc/libtool'])
    assert.equal(found.isOwned(at(path)), true, path);
  assert.equal(found.isOwned(at('usr/bin/tool')), false);
  assert.equal(md5('bin/tool'), MD5_A);
  assert.equal(md5('usr/share/tool é'), MD5_B);
  assert.equal(md5('etc/tool.conf'), MD5_B);
  assert.equal(md5('etc'), undefined);
  assert.equal(found.shipped(at('usr/lib/libtool.so'))?.package, 'libtool');
  assert.equal(found.shipped(at('bin/tool'))?.mtimeSeconds, null);
});

test('A diverted file is owned where it went', (t) => {
  const found = owners(t, FILES);
  assert.equal(found.isOwned(at('usr/bin/taken')), false);
  assert.deepEqual(found.shipped(at('usr/bin/taken.real')), {
    package: 'tool',
    digest: { algorithm: 'md5', hex: MD5_B },
    mtimeSeconds: null,
  });
});

test('Merged directories are followed as the tree has them', (t) => {
  const root = tempTree(t, FILES);
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  symlinkSync('usr/bin', join(root, 'bin'));
  const found = readOwnership(plainTreeFiles(root));
  assert.equal(found.isOwned(at('usr/bin/tool')), true);
  assert.equal(found.isOwned(at('bin/tool')), true);
});

test('Distroless images have one file per package, and digests as lists', (t) => {
  const stanza = 'Package: base\nVersion: 12\nArchitecture: all\n';
  const folder = 'var/lib/dpkg/status.d';
  const found = owners(t, {
    [`${folder}/base`]: stanza,
    [`${folder}/base.md5sums`]: `${MD5_A}  ./etc/x\n`,
  });
  assert.deepEqual([found.packages.length, found.complete], [1, true]);
  assert.equal(found.isOwned(at('etc/x')), true);
  assert.equal(found.isOwned(at('etc/y')), false);
  const bare = owners(t, { [`${folder}/base`]: stanza });
  assert.deepEqual([bare.packages.length, bare.complete], [1, false]);
});

test('What dpkg would not have written makes everything owned', (t) => {
  const without = (name: string): typeof FILES => {
    const { [name as keyof typeof FILES]: _, ...rest } = FILES;
    return rest as typeof FILES;
  };
  const spoiled: Readonly<Record<string, Parameters<typeof tempTree>[1]>> = {
    'no status': without('var/lib/dpkg/status'),
    'a list is missing': without('var/lib/dpkg/info/libtool:i386.list'),
    'a list is cut': { ...FILES, 'var/lib/dpkg/info/tool.list': '/.\n/bin\n/bi' },
    'a list is empty': { ...FILES, 'var/lib/dpkg/info/tool.list': '' },
    'a list has NULs': { ...FILES, 'var/lib/dpkg/info/tool.list': '\0\0\0\n' },
    'a field has no name': { ...FILES, 'var/lib/dpkg/status': `${STATUS}\nnonsense\n` },
    'a package has no version': {
      ...FILES,
      'var/lib/dpkg/status': STATUS.replace('Version: 7', 'X: 7'),
    },
    'the first line is a continuation': { ...FILES, 'var/lib/dpkg/status': ` x\n${STATUS}` },
    'diversions are cut': { ...FILES, 'var/lib/dpkg/diversions': '/a\n/b\n' },
  };
  for (const [title, files] of Object.entries(spoiled)) {
    const found = owners(t, files);
    assert.equal(found.complete, false, title);
    assert.deepEqual(
      found.diagnostics.map(({ code }) => code),
      ['package-database'],
      title,
    );
    assert.equal(found.isOwned(at('any/path')), true, title);
  }
});

test('A database cut at any byte is read or reported', (t) => {
  const root = tempTree(t, FILES);
  const files = plainTreeFiles(root);
  for (const name of ['status', 'info/tool.list', 'info/tool.md5sums', 'diversions']) {
    const path = at(`var/lib/dpkg/${name}`);
    const whole = files.read(path)!;
    for (let length = 0; length < whole.length; length += name === 'status' ? 3 : 1) {
      const read = (asked: TreePath): Uint8Array | null =>
        asked === path ? whole.subarray(0, length) : files.read(asked);
      const found = readOwnership({ ...files, read });
      // Digests are all that a cut file of digests can cost.
      if (!found.complete) assert.notEqual(name, 'info/tool.md5sums');
      // A list that ends with a whole line cannot be told from a shorter one.
      else if (name !== 'info/tool.list' || whole[length - 1] !== 0x0a)
        assert.equal(found.isOwned(at('bin/tool')), true);
    }
  }
});

test(
  'dpkg and we agree about the system that the tests run on',
  {
    skip:
      needs('dpkg', 'dpkg-query') ||
      (existsSync('/var/lib/dpkg/status') ? false : 'needs a Debian system'),
  },
  () => {
    const found = readOwnership(plainTreeFiles('/'));
    assert.equal(found.complete, true, JSON.stringify(found.diagnostics));
    const list = run('dpkg-query', [
      '-W',
      '-f',
      '${db:Status-Status} ${Package} ${Version} ${Architecture}\n',
    ]);
    assert.deepEqual(
      found.packages
        .filter(({ manager }) => manager === 'dpkg')
        .map(({ name, version, architecture }) => `${name} ${version} ${architecture}`)
        .toSorted(),
      list
        .split('\n')
        .filter((line) => line !== '' && !/^(?:config-files|not-installed) /.test(line))
        .map((line) => line.slice(line.indexOf(' ') + 1))
        .toSorted(),
    );
    // Entries of real directories, some owned and some not. `dpkg -S` does not know merged ones: ask both ways.
    for (const folder of [
      'usr/bin',
      'usr/sbin',
      'usr/lib',
      'etc',
      'var/lib/dpkg',
      'usr/lib/python3',
    ]) {
      if (!existsSync(`/${folder}`)) continue;
      const names = readdirSync(`/${folder}`).filter((name) => !/[*?[\]\\]/.test(name));
      const spellings = [folder, folder.replace(/^usr\//, '')];
      const known = searched(spellings.flatMap((one) => names.map((name) => `/${one}/${name}`)));
      for (const name of names) {
        const expected = spellings.some((one) => known.has(`/${one}/${name}`));
        assert.equal(found.isOwned(at(`${folder}/${name}`)), expected, `${folder}/${name}`);
      }
    }
  },
);

/** Paths that `dpkg -S` finds. */
function searched(paths: readonly string[]): Set<string> {
  let output = '';
  try {
    output = run('dpkg', ['-S', ...paths]);
  } catch (error) {
    // 1 when it does not find some of them.
    ({ stdout: output } = error as { readonly stdout: string });
  }
  // `diversion by X to: PATH` tells where a diverted file went; its owner is named under the old path only.
  return new Set(
    output
      .split('\n')
      .filter((line) => !/^diversion by .* from: /.test(line))
      .map((line) => line.slice(line.indexOf(': ') + 2)),
  );
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  });
}

test('a status that is no regular file is a database that cannot be read', (t) => {
  const root = tempTree(t, {
    'folder/var/lib/dpkg/status/x': '',
    'loop/var/lib/dpkg/status': { link: 'status' },
    'outside/var/lib/dpkg/status': { link: '../../../../inside/var/lib/dpkg/real' },
    'inside/var/lib/dpkg/real': STATUS.split('\n\n')[1]!,
    'inside/var/lib/dpkg/info/libtool:amd64.list': '/.\n',
    'inside/var/lib/dpkg/status': { link: '/var/lib/dpkg/real' },
  });
  const codes = (folder: string): string[] =>
    readOwnership(treeFilesOf(t, join(root, folder))).diagnostics.map(({ code }) => code);
  for (const folder of ['folder', 'loop', 'outside'])
    assert.deepEqual(codes(folder), ['package-database'], folder);
  assert.deepEqual(codes('inside'), []);
});

/** The real thing, which follows no link. */
function treeFilesOf(t: TestContext, root: string): TreeFiles {
  const beneath = openBeneath(root);
  t.after(() => beneath.close());
  return treeFiles(beneath);
}
