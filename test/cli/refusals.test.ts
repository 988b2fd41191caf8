import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { expectOk, run } from './helpers.js';

for (const [what, args] of Object.entries({
  'no command': [],
  'an unknown command': ['snapshto'],
  'an unknown flag': ['builds', '--nope'],
  'a missing build name': ['snapshot', '.'],
  'an exclusion without a reason': ['snapshot', '.', '--build', 'x', '--exclude', 'a'],
  'an exclusion of nothing': ['snapshot', '.', '--build', 'x', '--exclude', '', '--reason', 'r'],
  'an exclusion of the root': ['snapshot', '.', '--build', 'x', '--exclude', './', '--reason', 'r'],
  'an exclusion outside': ['snapshot', '.', '--build', 'x', '--exclude', 'a/../b', '--reason', 'r'],
  'an unknown digest': ['snapshot', '.', '--build', 'x', '--digest', 'md5'],
  'an unknown format': ['diff', './a', './b', '--format', 'nope'],
  'one argument for diff': ['diff', 'one'],
  'an unknown rule': ['scrub', '.', '--only', 'nope'],
  'an unknown layout': ['scrub', '.', '--layout', 'nope'],
  'an unknown way to settle the rpm database': ['scrub', '.', '--rpmdb', 'nope'],
  'a meta field without a value': ['snapshot', '.', '--build', 'x', '--meta', 'novalue'],
  'a bad fail-on': ['hook', '.', '--build', 'x', '--fail-on', 'nope'],
  'a bad build name': ['snapshot', '.', '--build', 'a b'],
})) {
  test(`${what} is a usage error`, (t) => {
    const result = run(tempFolder(t), args);
    assert.equal(result.status, 2, result.stderr);
    assert.equal(result.stdout, args.length === 0 ? result.stdout : '');
  });
}

for (const [what, args] of Object.entries({
  'a directory that does not exist': ['snapshot', './nope', '--build', 'x', '--db', '../x.db'],
  'a store that does not exist': ['builds', '--db', 'nope.db'],
  'a file as a directory': ['diff', './file', './file'],
})) {
  test(`${what} is an input that cannot be used`, (t) => {
    const cwd = tempTree(t, { file: 'x' });
    assert.equal(run(cwd, args).status, 3);
  });
}

test('a malformed SOURCE_DATE_EPOCH is refused before anything is touched', (t) => {
  const root = tempTree(t, { 'etc/machine-id': 'x' });
  const cwd = tempFolder(t);
  for (const bad of ['', 'now', '-1', '1.5', '1e9', ' 1', '99999999999999999999']) {
    const result = run(cwd, ['hook', root, '--build', 'x'], { SOURCE_DATE_EPOCH: bad });
    assert.equal(result.status, 2, JSON.stringify(bad));
  }
  assert.equal(readFileSync(join(root, 'etc/machine-id'), 'utf8'), 'x');
  assert.equal(existsSync(join(cwd, 'repro-audit.db')), false);
});

test('what is refused is refused before the first edit', (t) => {
  const root = tempTree(t, { 'etc/machine-id': 'x' });
  const cwd = tempFolder(t);
  expectOk(run(cwd, ['snapshot', root, '--build', 'taken']));
  assert.equal(run(cwd, ['hook', root, '--build', 'taken']).status, 2);
  assert.equal(run(cwd, ['hook', root, '--build', 'bad name']).status, 2);
  assert.equal(run(cwd, ['hook', root, '--build', 'x', '--db', join(root, 'in.db')]).status, 2);
  assert.equal(run(cwd, ['hook', root, '--build', 'x', '--skip', 'nope']).status, 2);
  assert.equal(run(cwd, ['hook', '/', '--build', 'x']).status, 2);
  assert.equal(run(cwd, ['scrub', '/']).status, 2);
  assert.equal(readFileSync(join(root, 'etc/machine-id'), 'utf8'), 'x');
  expectOk(run(cwd, ['hook', root, '--build', 'taken', '--replace']));
  assert.equal(readFileSync(join(root, 'etc/machine-id'), 'utf8'), '');
});

test('a store that would come to lie in the tree is refused, however it is called', (t) => {
  const cwd = tempTree(t, { 'a\nb/f': 'x', 'elsewhere/f': 'x' });
  const root = join(cwd, 'a\nb');
  symlinkSync(join(root, 'not-yet.db'), join(cwd, 'elsewhere/link.db'));
  symlinkSync(root, join(cwd, 'elsewhere/folder'));
  for (const store of [join(root, 's.db'), 'elsewhere/link.db', 'elsewhere/folder/s.db'])
    for (const command of ['snapshot', 'hook'])
      for (const word of [root, `dir:${root}`])
        assert.equal(run(cwd, [command, word, '--build', 'x', '--db', store]).status, 2, store);
  assert.deepEqual(readdirSync(root), ['f']);
});

test('dir: names a root for every command', (t) => {
  const cwd = tempTree(t, { 'r/etc/machine-id': 'x' });
  assert.equal(run(cwd, ['scrub', 'dir:r', '--check']).status, 1);
  expectOk(run(cwd, ['hook', 'dir:r', '--build', 'x']));
  assert.equal(readFileSync(join(cwd, 'r/etc/machine-id'), 'utf8'), '');
});

test('a folder is left out however it is written', (t) => {
  const cwd = tempTree(t, { 'r/etc/a': 'x', 'r/usr/b': 'x' });
  for (const [i, pattern] of ['etc', 'etc/', '/etc', './etc/', './/etc'].entries()) {
    const args = ['snapshot', 'r', '--build', `b${i}`, '--exclude', pattern, '--reason', 'test'];
    assert.equal(JSON.parse(expectOk(run(cwd, [...args, '--json'])).stdout).entries, 3, pattern);
  }
});

test('scrub says that a package database cannot be read', (t) => {
  const cwd = tempTree(t, { 'r/var/lib/dpkg/status': 'no field\n', 'r/a': '' });
  const { status, stdout } = run(cwd, ['scrub', 'r', '--check', '--json']);
  assert.equal(status, 4);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['package-database'],
  );
});

test('a name that no build has is the file or directory of that name; a build goes first', (t) => {
  const cwd = tempTree(t, { 'a/x': '1', 'b/x': '22' });
  assert.equal(run(cwd, ['diff', 'a', 'b']).status, 1);
  assert.equal(run(cwd, ['diff', 'a', './a']).status, 0);
  expectOk(run(cwd, ['snapshot', './b', '--build', 'a']));
  assert.equal(run(cwd, ['diff', 'a', 'b']).status, 0);
  assert.equal(run(cwd, ['diff', 'dir:a', 'b']).status, 1);
  const digestOf = (word: string): string => expectOk(run(cwd, ['digest', word])).stdout;
  assert.equal(digestOf('a'), digestOf('b'));
  assert.equal(digestOf('b'), digestOf('./b'));
  for (const word of ['nothing', 'build:b', '@latest@'])
    assert.notEqual(run(cwd, ['digest', word]).status, 0, word);
});
