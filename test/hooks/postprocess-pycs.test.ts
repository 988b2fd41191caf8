/** Which pycs the postprocess script removes: those that the target's own package manager calls unowned. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { installBusybox, installCoreutils, installPrograms } from './chroots.js';
import { settle, write } from './image.js';
import { bytePath, editedPaths, image, inside, installScript } from './postprocess-run.js';
import { changedPaths, listTree } from './tree-listing.js';

test(
  'pycs stay where nothing can say which are unowned',
  { skip: needsRoot() || needs('busybox') },
  (t) => {
    const root = image(t);
    write(root, 'usr/lib/python3/__pycache__/a.cpython-311.pyc', 'x');
    installBusybox(root);
    // busybox has an applet called rpm, which knows no packages
    installScript(root);
    const run = inside(root);
    assert.equal(run.status, 0);
    assert.match(run.stderr, /^repro-audit: left usr: /m);
    assert.ok(existsSync(join(root, 'usr/lib/python3/__pycache__/a.cpython-311.pyc')));
  },
);

test(
  "the target's dpkg says which pycs are unowned",
  { skip: needsRoot() || needs('dpkg-query') },
  (t) => {
    const root = dpkgTarget(t);
    const before = listTree(root);
    const run = inside(root);
    assert.equal(run.status, 0, run.stderr);
    assert.deepEqual(changedPaths(before, listTree(root)), [
      '-opt/tool/__pycache__',
      '-opt/tool/__pycache__/tool.cpython-311.pyc',
      '-usr/lib/kept/__pycache__/k.cpython-311.pyc',
      '-usr/lib/python3/mixed/__pycache__/unowned.cpython-311.pyc',
      '-usr/lib/python3/own/__pycache__',
      '-usr/lib/python3/own/__pycache__/a.cpython-311.pyc',
      '-usr/lib/python3/own/__pycache__/b with blanks \xe9.cpython-311.pyc',
      '-usr/share/python2/module.pyc',
    ]);
    assert.deepEqual(editedPaths(inside(root)), []);
  },
);

test(
  'a package without its file list makes no pyc unowned',
  { skip: needsRoot() || needs('dpkg-query') },
  (t) => {
    const root = dpkgTarget(t);
    rmSync(join(root, 'var/lib/dpkg/info/moved.list'));
    settle(root);
    const before = listTree(root);
    assert.equal(inside(root).status, 0);
    assert.deepEqual(changedPaths(before, listTree(root)), []);
  },
);

test(
  "the target's rpm says which pycs are unowned",
  { skip: needsRoot() || needs('rpm', 'rpmbuild') },
  (t) => {
    const root = rpmTarget(t);
    const before = listTree(root);
    const run = inside(root);
    assert.equal(run.status, 0, run.stderr);
    assert.deepEqual(changedPaths(before, listTree(root)), [
      '-usr/lib/python3/mixed/__pycache__/unowned.cpython-311.pyc',
      '-usr/lib/python3/own/__pycache__',
      '-usr/lib/python3/own/__pycache__/a.cpython-311.pyc',
      '-usr/lib/sysimage/rpm/.rpm.lock',
    ]);
    assert.deepEqual(editedPaths(inside(root)), []);
  },
);

/** Two packages, one of them with its files listed below /lib, as before /lib was a link. */
function dpkgTarget(t: TestContext): string {
  const root = tempFolder(t);
  installCoreutils(root);
  installPrograms(root, ['dpkg-query']);
  if (!existsSync(join(root, 'lib'))) symlinkSync('usr/lib', join(root, 'lib'));
  const stanza = (name: string) =>
    `Package: ${name}\nStatus: install ok installed\nMaintainer: nobody <nobody@example.org>\n` +
    `Architecture: all\nVersion: 1\nDescription: test\n\n`;
  write(root, 'var/lib/dpkg/status', stanza('plain') + stanza('moved'));
  write(root, 'var/lib/dpkg/info/format', '1\n');
  const mixed = '/usr/lib/python3/mixed/__pycache__';
  const list = ['/.', mixed, `${mixed}/owned.cpython-311.pyc`, '/usr/lib/kept/__pycache__'];
  write(root, 'var/lib/dpkg/info/plain.list', `${list.join('\n')}\n`);
  write(root, 'var/lib/dpkg/info/moved.list', '/.\n/lib/moved/__pycache__/m.cpython-311.pyc\n');
  for (const path of [
    'usr/lib/python3/mixed/__pycache__/owned.cpython-311.pyc',
    'usr/lib/python3/mixed/__pycache__/unowned.cpython-311.pyc',
    'usr/lib/python3/own/__pycache__/a.cpython-311.pyc',
    'usr/lib/python3/own/a.py',
    'usr/lib/moved/__pycache__/m.cpython-311.pyc',
    'usr/lib/kept/__pycache__/k.cpython-311.pyc',
    'usr/lib/odd/__pycache__/new\nline.pyc',
    'usr/lib/odd/__pycache__/star*.pyc',
    'usr/share/python2/module.py',
    'usr/share/python2/module.pyc',
    'usr/share/sourceless/program.pyc',
    'opt/tool/__pycache__/tool.cpython-311.pyc',
  ])
    write(root, path, path);
  writeFileSync(
    bytePath(root, 'usr/lib/python3/own/__pycache__/b with blanks \xe9.cpython-311.pyc'),
    'x',
  );
  mkdirSync(join(root, 'usr/lib/linked/__pycache__'), { recursive: true });
  symlinkSync('/etc/none', join(root, 'usr/lib/linked/__pycache__/l.pyc'));
  mkdirSync(join(root, 'usr/lib/python2'), { recursive: true });
  symlinkSync('../python3/mixed', join(root, 'usr/lib/python2/mixed'));
  installScript(root);
  return root;
}

/** One package, installed by the real rpm into a root that holds rpm itself. */
function rpmTarget(t: TestContext): string {
  const top = tempFolder(t);
  const root = tempFolder(t);
  const owned = '/usr/lib/python3/mixed/__pycache__/owned.cpython-311.pyc';
  writeFileSync(
    join(top, 'test.spec'),
    `Name: test\nVersion: 1\nRelease: 1\nSummary: test\nLicense: MIT\nBuildArch: noarch\n%description\n` +
      `%install\nmkdir -p %{buildroot}/usr/lib/python3/mixed/__pycache__\necho x >%{buildroot}${owned}\n` +
      `%files\n${owned}\n`,
  );
  const define = (name: string, value: string) => ['--define', `${name} ${value}`];
  execFileSync(
    'rpmbuild',
    [
      ...define('_topdir', top),
      ...define('__os_install_post', '%{nil}'),
      ...define('_rpmfilename', 'test.rpm'),
      '--quiet',
      '--nodeps',
      '-bb',
      join(top, 'test.spec'),
    ],
    { stdio: 'ignore' },
  );
  installCoreutils(root);
  installPrograms(root, ['rpm']);
  // Where this machine's rpm looks for its macros and its database is compiled into it.
  const configuration = execFileSync('rpm', ['--eval', '%{_rpmconfigdir}'], { encoding: 'utf8' });
  const folder = configuration.trim();
  mkdirSync(join(root, dirname(folder)), { recursive: true });
  execFileSync('cp', ['-r', folder, join(root, dirname(folder))]);
  write(root, 'etc/rpm/macros', '%_dbpath /usr/lib/sysimage/rpm\n%_db_backend sqlite\n');
  execFileSync('rpm', [
    ...define('_db_backend', 'sqlite'),
    ...define('_dbpath', '/usr/lib/sysimage/rpm'),
    '--root',
    root,
    '--nodeps',
    '--noplugins',
    '--force-debian',
    '-i',
    join(top, 'RPMS/test.rpm'),
  ]);
  // Closed properly, a database in WAL mode is one file; reading it must not leave others.
  const database = join(root, 'usr/lib/sysimage/rpm/rpmdb.sqlite');
  assert.equal(statSync(`${database}-wal`).size, 0);
  rmSync(`${database}-wal`);
  rmSync(`${database}-shm`);
  for (const path of ['mixed/__pycache__/unowned', 'own/__pycache__/a'])
    write(root, `usr/lib/python3/${path}.cpython-311.pyc`, path);
  installScript(root);
  return root;
}
