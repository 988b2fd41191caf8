import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { needs } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import { expectOk, PROGRAM, run, type Run } from './helpers.js';

/** Runs the program through a shell, so that its streams can be anything. */
function shell(cwd: string, redirected: string): Run {
  const line = `"$NODE" "$PROGRAM" ${redirected}`;
  const env = { ...process.env, NODE: process.execPath, PROGRAM, CI: 'true', XDG_CACHE_HOME: cwd };
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd, encoding: 'utf8', env });
  return { status, stdout, stderr };
}

function twoTrees(t: Parameters<typeof tempTree>[0]): string {
  return tempTree(t, { 'a/x': '1', 'b/x': '2' });
}

test('output that is lost is an error, not a verdict', (t) => {
  const cwd = twoTrees(t);
  for (const command of ['diff ./a ./b', 'diff ./a ./a --format json', 'rules', '--help']) {
    const { status, stderr } = shell(cwd, `${command} >/dev/full`);
    assert.equal(status, 3, command);
    assert.doesNotMatch(stderr, /\n\s+at /, 'a stack trace');
  }
});

test('a build whose messages cannot be written is recorded all the same', (t) => {
  const cwd = twoTrees(t);
  assert.equal(shell(cwd, 'hook a --build x 2>/dev/full').status, 0);
  assert.equal(shell(cwd, 'snapshot nope --build y 2>/dev/full').status, 3);
  assert.equal(JSON.parse(run(cwd, ['builds', '--json']).stdout).length, 1);
});

test(
  '-o writes into a pipe and does not put a file in its place',
  { skip: needs('mkfifo') },
  (t) => {
    const cwd = twoTrees(t);
    spawnSync('mkfifo', [join(cwd, 'pipe')]);
    const { status, stdout } = spawnSync(
      'sh',
      [
        '-c',
        'cat pipe & "$NODE" "$PROGRAM" diff ./a ./b --format json -o pipe; s=$?; wait; exit $s',
      ],
      {
        cwd,
        encoding: 'utf8',
        timeout: 60_000,
        env: { ...process.env, NODE: process.execPath, PROGRAM },
      },
    );
    assert.equal(status, 1);
    assert.equal(JSON.parse(stdout).verdict, 'different');
    assert.ok(lstatSync(join(cwd, 'pipe')).isFIFO());
  },
);

test('-o /dev/stdout appends to what stdout is, and /dev/full is an error', (t) => {
  const cwd = twoTrees(t);
  writeFileSync(join(cwd, 'log'), 'before\n');
  assert.equal(shell(cwd, 'diff ./a ./b -o /proc/self/fd/1 >>log').status, 1);
  assert.match(readFileSync(join(cwd, 'log'), 'utf8'), /^before\ndifferent/);
  // Through a link of our own, so that a defect would not replace the device of this machine.
  symlinkSync('/dev/full', join(cwd, 'full'));
  assert.equal(shell(cwd, 'diff ./a ./b -o full').status, 3);
  assert.equal(readlinkSync(join(cwd, 'full')), '/dev/full');
});

test('-o through a link replaces the file that it leads to', (t) => {
  const cwd = twoTrees(t);
  mkdirSync(join(cwd, 'd'));
  writeFileSync(join(cwd, 'd/report'), 'old');
  symlinkSync('d/report', join(cwd, 'link'));
  assert.equal(shell(cwd, 'diff ./a ./b -o link').status, 1);
  assert.equal(readlinkSync(join(cwd, 'link')), 'd/report');
  assert.match(readFileSync(join(cwd, 'd/report'), 'utf8'), /^different/);
  assert.deepEqual(readdirSync(join(cwd, 'd')), ['report']);
  assert.equal(shell(cwd, 'diff ./a ./b -o d').status, 3);
});

test('no message and no list lets text of others drive the terminal', (t) => {
  const cwd = twoTrees(t);
  const escape = '\x1b[31m';
  expectOk(
    run(cwd, [
      'snapshot',
      'a',
      '--build',
      'x',
      '--stream',
      `${escape}s`,
      '--meta',
      `${escape}k=${escape}v`,
    ]),
  );
  for (const args of [
    ['builds'],
    ['show', 'x'],
    ['diff', 'x', 'x'],
    ['snapshot', 'a', '--build', 'y', '--stream', `${escape}s`],
    ['snapshot', `./${escape}`, '--build', 'z'],
    [`${escape}cmd`],
    ['builds', `--${escape}`],
    ['diff', escape, escape],
  ]) {
    const { stdout, stderr } = run(cwd, args);
    assert.ok(!`${stdout}${stderr}`.includes('\x1b'), args.join(' '));
  }
});

test('any key is a meta key, and the last value counts', (t) => {
  const cwd = twoTrees(t);
  writeFileSync(join(cwd, 'm.json'), '{"__proto__": {"a": 1}, "constructor": 2, "k": 1}');
  const meta = ['--meta-file', 'm.json', '--meta', 'k=2', '--meta', 'k=3', '--meta', 'toString='];
  expectOk(run(cwd, ['snapshot', 'a', '--build', 'x', ...meta]));
  const shown = run(cwd, ['show', 'x', '--json']).stdout;
  assert.deepEqual(
    Object.entries(JSON.parse(shown).meta).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [
      ['__proto__', { a: 1 }],
      ['constructor', 2],
      ['k', '3'],
      ['toString', ''],
    ],
  );
});

test('a meta file without end or without bottom is refused', (t) => {
  const cwd = twoTrees(t);
  writeFileSync(join(cwd, 'deep.json'), `${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}`);
  for (const file of ['/dev/zero', 'deep.json', '.', 'nope'])
    assert.equal(run(cwd, ['snapshot', 'a', '--build', 'x', '--meta-file', file]).status, 2, file);
  assert.equal(
    shell(cwd, `snapshot a --build x --meta-file /dev/stdin <<'E'\n{"a":1}\nE`).status,
    0,
  );
});

test('a cache folder that is unusable costs nothing but the cache', (t) => {
  const cwd = twoTrees(t);
  writeFileSync(join(cwd, 'file'), '');
  for (const [i, folder] of ['/proc', '/dev/null', '/nope/nope', join(cwd, 'file')].entries())
    expectOk(run(cwd, ['snapshot', 'a', '--build', `b${i}`], { XDG_CACHE_HOME: folder }));
  expectOk(run(cwd, ['snapshot', 'a', '--build', 'rel'], { XDG_CACHE_HOME: 'rel', HOME: '' }));
  assert.deepEqual(readdirSync(cwd).toSorted(), ['a', 'b', 'file', 'repro-audit.db']);
});

test('the cache is never written into the tree that is recorded', (t) => {
  const cwd = twoTrees(t);
  const inside = { XDG_CACHE_HOME: join(cwd, 'a/cache') };
  expectOk(run(cwd, ['snapshot', 'a', '--build', 'x'], inside));
  assert.equal(existsSync(inside.XDG_CACHE_HOME), false);
});

test('a build that is named twice is removed once', (t) => {
  const cwd = twoTrees(t);
  expectOk(run(cwd, ['snapshot', 'a', '--build', 'x']));
  expectOk(run(cwd, ['rm', 'x', '@latest']));
  assert.equal(run(cwd, ['builds', '--json']).stdout, '[]\n');
});
