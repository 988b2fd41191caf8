/** The demo pair, two real builds: what is found, and what the hook leaves. The expected list was made by another program. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { run } from '../cli/helpers.js';
import { needs } from '../helpers/oracle.js';
import { repositoryRoot } from '../helpers/repository-root.js';
import { tempFolder } from '../helpers/temp-tree.js';

const DEMO = join(repositoryRoot(), 'fixtures/demo');

interface JsonReport {
  readonly verdict: string;
  readonly findings: readonly { readonly id: string; readonly count: number }[];
  readonly changes: readonly {
    readonly path: string;
    readonly kind: string;
    readonly attributes: readonly { readonly attribute: string }[];
  }[];
}

function unpacked(t: TestContext): string {
  const folder = tempFolder(t);
  for (const build of ['a', 'b']) {
    mkdirSync(join(folder, build));
    const { status, stderr } = spawnSync('tar', ['-xzf', join(DEMO, `${build}.tar.gz`), '-C', join(folder, build)], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
  return folder;
}

const reportOf = (cwd: string, ...args: string[]): JsonReport => JSON.parse(run(cwd, ['diff', ...args, '--format', 'json']).stdout) as JsonReport;

test('exactly the paths and kinds of change that the reference lists are found', { skip: needs('tar', 'gzip') }, (t) => {
  const cwd = unpacked(t);
  const report = reportOf(cwd, './a', './b');
  const found = report.changes
    .filter(({ path }) => path !== '')
    .map(({ path, attributes }) => `${path}\t${attributes.map(({ attribute }) => attribute).toSorted().join()}`);
  const expected = readFileSync(join(DEMO, 'expected-changes.txt'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [path, kinds] = line.split('\t') as [string, string];
      return `${path}\t${kinds.split(',').toSorted().join()}`;
    });
  assert.deepEqual(found.toSorted(), expected.toSorted());
  assert.ok(report.findings.length <= 20);
  assert.equal(report.findings.filter(({ id }) => id === 'metadata:mtime').length, 1);
});

test('after the hook only what no default rule may remove is left, and a second hook edits nothing', { skip: needs('tar', 'gzip') }, (t) => {
  const cwd = unpacked(t);
  const epoch = { SOURCE_DATE_EPOCH: '1700000000' };
  for (const build of ['a', 'b']) {
    const hooked = run(cwd, ['hook', `./${build}`, '--build', build, '--stream', 's'], epoch);
    assert.equal(hooked.status, 0, hooked.stderr);
    assert.equal(hooked.stderr, '');
    assert.equal(run(cwd, ['scrub', `./${build}`, '--check'], epoch).status, 0);
  }
  assert.deepEqual(reportOf(cwd).findings.map(({ id }) => id).toSorted(), [
    'cause:time.text',
    'content:initramfs',
    'content:snakeoil',
    'content:ssh-host-keys',
  ]);
});

test('the strict profile takes the random keys too', { skip: needs('tar', 'gzip') }, (t) => {
  const cwd = unpacked(t);
  const epoch = { SOURCE_DATE_EPOCH: '1700000000', REPRO_AUDIT_PROFILE: 'strict' };
  for (const build of ['a', 'b']) {
    const hooked = run(cwd, ['hook', `./${build}`, '--build', build, '--stream', 's'], epoch);
    assert.equal(hooked.status, 0, hooked.stderr);
    assert.equal(run(cwd, ['scrub', `./${build}`, '--check'], epoch).status, 0);
  }
  assert.deepEqual(reportOf(cwd).findings.map(({ id }) => id).toSorted(), ['cause:time.text', 'content:initramfs']);
});
