import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { tarArchive, tarMember } from '../formats/build-tar.js';
import { file, layoutArchive, layoutFiles, writeLayout } from '../helpers/build-image.js';
import { cosaBuild } from '../helpers/cosa-build.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { ostree, writeSample } from '../sources/ostree/support.js';
import { expectOk, run } from './helpers.js';

interface Inspected {
  readonly files: readonly {
    readonly path: string;
    readonly size: number;
    readonly sha256: string | null;
    readonly pieces: readonly { readonly format: string }[];
  }[];
}

const inspected = (stdout: string): Inspected => JSON.parse(stdout) as Inspected;

test('inspect needs no store, and tells each file in turn', (t) => {
  const cwd = tempFolder(t);
  writeFileSync(join(cwd, 'a'), 'made at 2026-01-02T03:04:05Z\n');
  writeFileSync(join(cwd, 'b'), Buffer.from([0, 1, 2]));
  const { files } = inspected(expectOk(run(cwd, ['inspect', 'a', 'b', '--format', 'json'])).stdout);
  assert.deepEqual(
    files.map(({ path, size, pieces }) => [path, size, pieces[0]?.format]),
    [
      ['a', 29, 'text'],
      ['b', 3, 'blocks'],
    ],
  );
  assert.match(expectOk(run(cwd, ['inspect', 'a'])).stdout, /2026-01-02T03:04:05Z/);
});

test('inspect tells secrets by their length alone, wherever the tree lies and by name', (t) => {
  const cwd = tempFolder(t);
  const root = tempTree(t, { 'etc/machine-id': '0123456789abcdef0123456789abcdef\n', 'usr/x': '' });
  writeFileSync(join(cwd, 'id'), '0123456789abcdef0123456789abcdef\n');
  for (const args of [[join(root, 'etc/machine-id')], ['id', '--as', '/etc/machine-id']]) {
    const { files } = inspected(expectOk(run(cwd, ['inspect', ...args, '--json'])).stdout);
    assert.equal(files[0]?.sha256, null);
    const { stdout } = expectOk(run(cwd, ['inspect', ...args]));
    assert.match(stdout, /33 bytes/);
    assert.doesNotMatch(stdout, /[0-9a-f]{16}/);
  }
});

test('inspect tells what is kept of a file of a build that is gone', (t) => {
  const cwd = tempFolder(t);
  const root = tempTree(t, { 'etc/a': 'made at 2026-01-02\n', 'etc/link': '' });
  expectOk(run(cwd, ['snapshot', root, '--build', 'one', '--inspect', 'all', '--db', 's.db']));
  for (const args of [
    ['one:/etc/a', '--db', 's.db'],
    ['s.db:one:etc/a'],
    ['@latest:etc/a', '--db', 's.db'],
  ])
    assert.match(expectOk(run(cwd, ['inspect', ...args])).stdout, /2026-01-02/);
  assert.equal(run(cwd, ['inspect', 'one:/etc/none', '--db', 's.db']).status, 3);
  assert.equal(run(cwd, ['inspect', 'one:/etc', '--db', 's.db']).status, 3);
  assert.equal(run(cwd, ['inspect', 'two:/etc/a', '--db', 's.db']).status, 3);
});

test('inspect refuses what is no file', (t) => {
  const cwd = tempFolder(t);
  mkdirSync(join(cwd, 'd'));
  assert.equal(run(cwd, ['inspect']).status, 2);
  for (const word of ['d', 'dir:d', 'tar:d', 'oci:d', 'tar:none', 'tar:-'])
    assert.equal(run(cwd, ['inspect', word]).status, 3, word);
  assert.equal(run(cwd, ['inspect', '/dev/null']).status, 3);
  assert.equal(run(cwd, ['inspect', 'none']).status, 3);
  assert.equal(run(cwd, ['inspect', 'd', '--format', 'yaml']).status, 2);
});

test('inspect tells what sources are: images and archives, by prefix or by what is there', (t) => {
  const cwd = tempFolder(t);
  const image = { layers: [{ members: [file('etc/a')] }], tag: 'v1' };
  writeLayout(join(cwd, 'image'), layoutFiles(image, { ...image, tag: 'v2' }));
  writeFileSync(join(cwd, 'x.ociarchive'), layoutArchive(layoutFiles(image)));
  writeFileSync(join(cwd, 'x.tar'), tarArchive([tarMember(file('a'))]));
  const formats = (...args: readonly string[]): readonly (string | undefined)[] =>
    inspected(expectOk(run(cwd, ['inspect', ...args, '--json'])).stdout).files.map(
      ({ pieces }) => pieces[0]?.format,
    );
  assert.deepEqual(formats('oci:image:v1', 'image:v2', 'oci-archive:x.ociarchive', 'tar:x.tar'), [
    'oci-image',
    'oci-image',
    'oci-image',
    'tar',
  ]);
  // A file is its own bytes, whatever they hold.
  assert.deepEqual(formats('x.ociarchive', 'x.tar'), ['tar', 'tar']);
  const { stdout } = expectOk(run(cwd, ['inspect', 'oci:image:v1']));
  assert.match(stdout, /etc\/a/);
});

test(
  'inspect tells the fields of a commit where its repository lies, and what a build says of itself',
  { skip: needs('ostree') },
  (t) => {
    const cwd = tempFolder(t);
    writeSample(join(cwd, 'tree'), { children: { a: { content: 'x' } } });
    ostree(`--repo=${cwd}/repo`, 'init', '--mode=archive');
    ostree(`--repo=${cwd}/repo`, 'commit', '-b', 'main', '-s', 'the subject', join(cwd, 'tree'));
    for (const word of ['ostree:repo@main', 'repo@main', 'repo'])
      assert.match(expectOk(run(cwd, ['inspect', word])).stdout, /the subject/);
    assert.equal(run(cwd, ['inspect', 'ostree:repo@none']).status, 3);
    const build = cosaBuild(cwd, { id: '43.1', time: 1_700_000_000 });
    for (const word of [build, `cosa:${build}`]) {
      const { files } = inspected(expectOk(run(cwd, ['inspect', word, '--json'])).stdout);
      assert.equal(files[0]?.pieces[0]?.format, 'cosa-meta');
    }
  },
);

test('inspect takes no path of a build for a file that is named like an archive', (t) => {
  const cwd = tempFolder(t);
  const root = tempTree(t, { 'a.tar': 'made at 2026-01-02\n' });
  expectOk(run(cwd, ['snapshot', root, '--build', 'one', '--inspect', 'all', '--db', 's.db']));
  assert.match(expectOk(run(cwd, ['inspect', 'one:a.tar', '--db', 's.db'])).stdout, /2026-01-02/);
});
