import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import type { TreePath } from '../../src/core/path.js';
import { readPackages } from '../../src/packages/read-databases.js';
import { readOwnership } from '../../src/packages/read-ownership.js';
import { tempTree } from '../helpers/temp-tree.js';
import { plainTreeFiles } from './plain-tree-files.js';

const sha1 = (text: string): Buffer => createHash('sha1').update(text).digest();
const mark = (text: string): string => `Z:Q1${sha1(text).toString('base64')}`;
const at = (path: string): TreePath => path as TreePath;

const INSTALLED = `P:busybox
V:1.36.1-r2
A:x86_64
F:bin
R:busybox
a:0:0:755
${mark('busybox')}
R:open-to-all
a:0:0:777
${mark('content')}
F:etc
R:motd
${mark('motd')}
R:link
a:0:0:777
${mark('motd')}

P:alpine-release
V:3.20.0-r0
A:x86_64

`;

test('Files of apk are owned, with digests for files and none for links', (t) => {
  const root = tempTree(t, {
    'lib/apk/db/installed': INSTALLED,
    'bin/busybox': 'busybox',
    'bin/open-to-all': 'content',
    'etc/motd': 'motd',
  });
  symlinkSync('motd', join(root, 'etc/link'));
  const owners = readOwnership(plainTreeFiles(root));
  assert.deepEqual(owners.diagnostics, []);
  assert.deepEqual(owners.managers, ['apk']);
  assert.deepEqual(owners.packages, [
    { manager: 'apk', name: 'alpine-release', version: '3.20.0-r0', architecture: 'x86_64' },
    { manager: 'apk', name: 'busybox', version: '1.36.1-r2', architecture: 'x86_64' },
  ]);
  const shipped = (path: string, digest: string | null) => {
    assert.equal(owners.isOwned(at(path)), true, path);
    const hex = digest === null ? null : { algorithm: 'sha1', hex: sha1(digest).toString('hex') };
    assert.deepEqual(owners.shipped(at(path)), {
      package: 'busybox',
      digest: hex,
      mtimeSeconds: null,
    });
  };
  shipped('bin/busybox', 'busybox');
  shipped('bin/open-to-all', 'content');
  shipped('etc/motd', 'motd');
  shipped('etc/link', null);
  shipped('bin', null);
  assert.equal(owners.isOwned(at('lib/apk/db/installed')), false);
  assert.equal(owners.isOwned(at('etc/motd2')), false);
});

test('The database is found once where lib is merged into usr, and paths are resolved', (t) => {
  const root = tempTree(t, { 'usr/lib/apk/db/installed': INSTALLED });
  mkdirSync(join(root, 'usr/bin'));
  symlinkSync('usr/lib', join(root, 'lib'));
  symlinkSync('usr/bin', join(root, 'bin'));
  const owners = readOwnership(plainTreeFiles(root));
  assert.deepEqual([owners.packages.length, owners.diagnostics.length], [2, 0]);
  assert.equal(owners.isOwned(at('usr/bin/busybox')), true);
});

test('Both places count where they are two', (t) => {
  const root = tempTree(t, {
    'lib/apk/db/installed': 'P:a\nV:1\n\n',
    'usr/lib/apk/db/installed': 'P:b\nV:1\n\n',
  });
  assert.deepEqual(
    readPackages(plainTreeFiles(root)).packages.map(({ name }) => name),
    ['a', 'b'],
  );
});

test('A binary or cut database makes everything owned', (t) => {
  for (const content of ['ADB.binary', INSTALLED.slice(0, -2)]) {
    const root = tempTree(t, { 'lib/apk/db/installed': content });
    const owners = readOwnership(plainTreeFiles(root));
    assert.equal(owners.complete, false);
    assert.deepEqual(
      owners.diagnostics.map(({ code, path }) => [code, path]),
      [['package-database', 'lib/apk/db/installed']],
    );
    assert.equal(owners.isOwned(at('any')), true);
  }
});
