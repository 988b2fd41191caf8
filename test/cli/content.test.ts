/** `--keep-content` and `diff --content`, from end to end. */

import assert from 'node:assert/strict';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { expectOk, run, type Run } from './helpers.js';

const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${'MIIEpAIBAAKCAQEA'.repeat(4)}\n`;

interface Sample {
  readonly cwd: string;
  readonly root: string;
}

/** Two builds with kept content, whose tree is still there. */
function twoBuilds(t: TestContext, flags: readonly string[] = ['--keep-content', '1M']): Sample {
  const cwd = tempFolder(t);
  const root = tempTree(t, {
    'etc/os-release': 'ID=test\n',
    'etc/text': 'one\ntwo\tx\nthree \\ \n',
    'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
    'srv/copy-of-id': '0123456789abcdef0123456789abcdef\n',
    'srv/key': KEY,
    'var/binary': Buffer.alloc(100),
    'var/same': 'same',
  });
  const all = ['--inspect', 'all', '--stream', 's', ...flags];
  expectOk(run(cwd, ['snapshot', root, '--build', 'one', ...all]));
  writeFileSync(join(root, 'etc/text'), 'one\n\x1b[31mtwo\nthree \\ \n');
  writeFileSync(join(root, 'etc/machine-id'), 'fedcba9876543210fedcba9876543210\n');
  writeFileSync(join(root, 'srv/copy-of-id'), 'fedcba9876543210fedcba9876543210\n');
  writeFileSync(join(root, 'srv/key'), `${KEY}more\n`);
  writeFileSync(join(root, 'var/binary'), Buffer.alloc(100).fill('AB', 50, 52));
  writeFileSync(join(root, 'var/new.gz'), gzipSync('new'));
  expectOk(run(cwd, ['snapshot', root, '--build', 'two', ...all]));
  return { cwd, root };
}

const show = (cwd: string, ...paths: readonly string[]): Run =>
  run(cwd, ['diff', 'one', 'two', ...paths.flatMap((path) => ['--content', path])]);

test('lines and bytes are shown when the tree is gone, and drive no terminal', (t) => {
  const { cwd, root } = twoBuilds(t);
  rmSync(root, { recursive: true });
  const text = show(cwd, '/etc/text');
  assert.equal(text.status, 1);
  assert.match(text.stdout, /^ {2}size: 19 -> 22$/m);
  assert.match(text.stdout, /^-two\tx$/m);
  assert.match(text.stdout, /^\+\\x1b\[31mtwo$/m);
  assert.match(text.stdout, /^ three \\ $/m);
  const binary = show(cwd, 'var/binary', 'var/new.gz');
  assert.equal(binary.status, 1);
  assert.match(binary.stdout, /^\+ 00000030 {2}00 00 41 42 00 /m);
  assert.match(binary.stdout, /^ {18}\^\^ \^\^$/m);
  assert.match(binary.stdout, /^\/var\/new\.gz: added$/m);
});

test('secrets are neither kept nor shown, also where the tree is there', (t) => {
  const { cwd } = twoBuilds(t);
  const again = expectOk(
    run(cwd, [
      'snapshot',
      twoBuilds(t).root,
      '--build',
      'x',
      '--inspect',
      'all',
      '--keep-content',
      '1M',
      '--json',
      '--stream',
      'x',
    ]),
  );
  const { content } = JSON.parse(again.stdout) as {
    content: { kept: number; refused: { path: string }[] };
  };
  // One name for files with the same bytes.
  const refused = content.refused.map(({ path }) => path);
  assert.equal(refused.length, 2);
  assert.ok(refused.includes('srv/key'));
  assert.ok(refused.includes('etc/machine-id') || refused.includes('srv/copy-of-id'));
  const shown = show(cwd, 'etc/machine-id', 'srv/key');
  assert.equal(shown.status, 4);
  for (const secret of ['0123456789abcdef0', 'fedcba98', 'MIIE'])
    assert.equal(shown.stdout.includes(secret), false);
});

test('bytes that are nowhere any more are told with what to do; a tree that is still there is read', (t) => {
  const { cwd, root } = twoBuilds(t, []);
  const half = show(cwd, 'etc/text');
  assert.equal(half.status, 4);
  assert.match(half.stdout, /before \(one\)/);
  assert.doesNotMatch(half.stdout, /after \(two\)/);
  assert.match(half.stdout, /--keep-content/);
  utimesSync(join(root, 'etc/text'), 1, 1);
  writeFileSync(join(root, 'etc/text'), 'one\ntwo\tx\nthree \\ \n');
  assert.match(show(cwd, 'etc/text').stdout, /after \(two\)/);
  const directories = run(cwd, ['diff', `dir:${root}`, 'two', '--content', 'var/binary']);
  assert.equal(directories.status, 0);
});

test('a limit leaves out what does not fit, the smallest come first', (t) => {
  const cwd = tempFolder(t);
  const root = tempTree(t, { a: 'x'.repeat(600), b: 'y'.repeat(500), c: 'z'.repeat(400) });
  const flags = ['--inspect', 'all', '--keep-content', '1000', '--json'];
  const result = expectOk(run(cwd, ['snapshot', root, '--build', 'one', ...flags]));
  const { content } = JSON.parse(result.stdout) as { content: object };
  const beyond = [{ path: 'a', size: 600 }];
  assert.deepEqual(content, { kept: 2, bytes: 900, refused: [], beyond, missed: 0, failure: null });
});

test('what cannot be meant is a usage error', (t) => {
  const { cwd, root } = twoBuilds(t);
  for (const flags of [
    ['--keep-content', '64Q'],
    ['--keep-content', '0'],
    ['--keep-content', '1M', '--inspect', 'none'],
    ['--keep-content', '1M', '--digest', 'xxh64'],
  ])
    assert.equal(run(cwd, ['snapshot', root, '--build', 'n', ...flags]).status, 2, flags.join(' '));
  assert.equal(show(cwd, 'no/such/file').status, 2);
  assert.equal(show(cwd, 'var/new.gz!member').status, 2);
  assert.equal(run(cwd, ['diff', 'one', 'two', '--content', 'a', '-f', 'json']).status, 2);
});

test('owners of the configuration are told by diff, and a config of a compared tree is not taken', (t) => {
  const { cwd, root } = twoBuilds(t, []);
  const config = 'version: 1\nowners:\n  - {glob: etc/t*, place: "base.yaml:12", reason: why}\n';
  writeFileSync(join(cwd, 'repro-audit.config.yaml'), config);
  const result = run(cwd, ['diff', 'one', 'two', '-f', 'json']);
  const { changes } = JSON.parse(result.stdout) as { changes: { path: string; owner: unknown }[] };
  const owner = changes.find(({ path }) => path === 'etc/text')!.owner;
  assert.deepEqual(owner, { kind: 'recipe', place: 'base.yaml:12', reason: 'why' });
  writeFileSync(join(cwd, 'repro-audit.config.yaml'), 'version: 1\nowners: [{glob: a}]\n');
  assert.equal(run(cwd, ['diff', 'one', 'two']).status, 2);
  writeFileSync(join(root, 'repro-audit.config.yaml'), 'version: 2\n');
  const db = join(cwd, 'repro-audit.db');
  assert.equal(run(root, ['diff', './', `${db}:two`, '--exit-zero']).status, 0);
});
