/** Profiles, rules by name and configuration files, from the outside. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { repositoryRoot } from '../helpers/repository-root.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { expectOk, run } from './helpers.js';

const TREE = {
  'etc/ssh/ssh_host_rsa_key': 'x',
  'var/log/dpkg.log': 'x',
  'opt/x': 'x',
  'srv/data/log': 'x',
} as const;

interface Scrubbed {
  readonly edits: readonly { readonly path: string; readonly rule: string }[];
}

const paths = (stdout: string): readonly string[] =>
  (JSON.parse(stdout) as Scrubbed).edits.map(({ path }) => path);

test('a profile is taken from the flag, the environment, the configuration, in this order', (t) => {
  const root = tempTree(t, TREE);
  const cwd = tempFolder(t);
  const check = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    paths(run(cwd, ['scrub', root, '--check', '--json', ...args], env).stdout);
  const [key, log] = ['etc/ssh/ssh_host_rsa_key', 'var/log/dpkg.log'];
  assert.deepEqual(check([]), [log]);
  assert.deepEqual(check(['--profile', 'strict']), [key, log]);
  assert.deepEqual(check([], { REPRO_AUDIT_PROFILE: 'strict' }), [key, log]);
  assert.deepEqual(check(['--enable', 'ssh-host-keys']), [key, log]);
  writeFileSync(join(cwd, 'repro-audit.config.yaml'), 'version: 1\nprofile: report-only\n');
  assert.deepEqual(check([]), []);
  assert.deepEqual(check([], { REPRO_AUDIT_PROFILE: 'default' }), [log]);
  const both = check(['--profile', 'strict'], { REPRO_AUDIT_PROFILE: 'report-only' });
  assert.deepEqual(both, [key, log]);
  for (const args of [
    ['--profile', 'harsh'],
    ['--enable', 'nothing'],
    ['--only', 'log'],
  ])
    assert.equal(run(cwd, ['scrub', root, '--check', ...args]).status, 2, args.join(' '));
});

test('hook and scrub take rules, switches and exclusions of a configuration', (t) => {
  const root = tempTree(t, TREE);
  const cwd = tempFolder(t);
  const config = {
    version: 1,
    rules: { 'dpkg-log': 'off', log: 'off' },
    own: [{ id: 'own', paths: ['opt/*', 'srv/**'], reason: 'of our own', remedy: 'remove' }],
    exclude: [{ path: 'srv/data', reason: 'filled later' }],
  };
  writeFileSync(join(cwd, 'c.json'), JSON.stringify(config));
  const environment = { REPRO_AUDIT_CONFIG: 'c.json', SOURCE_DATE_EPOCH: '1700000000' };
  const check = run(
    cwd,
    ['scrub', root, '--check', '--json', '--skip', 'mtime-clamp'],
    environment,
  );
  assert.deepEqual(paths(check.stdout), ['opt/x']);
  const enabled = ['scrub', root, '--check', '--json', '--only', 'dpkg-log', '--config', 'c.json'];
  assert.deepEqual(paths(run(cwd, enabled).stdout), ['var/log/dpkg.log']);
  expectOk(run(cwd, ['hook', root, '--build', 'b'], environment));
  assert.ok(!existsSync(join(root, 'opt/x')));
  assert.ok(existsSync(join(root, 'srv/data/log')) && existsSync(join(root, 'var/log/dpkg.log')));
  const listing = expectOk(run(cwd, ['export', 'b', '--format', 'composefs-dump'])).stdout;
  assert.ok(!listing.includes('/srv/data/log') && listing.includes('/var/log/dpkg.log'));
});

test('a wrong configuration is refused with file and line before anything is edited', (t) => {
  const root = tempTree(t, TREE);
  const cwd = tempFolder(t);
  writeFileSync(join(cwd, 'repro-audit.config.yaml'), 'version: 1\nrules:\n  dpkg-lug: off\n');
  for (const words of [
    ['scrub', root],
    ['hook', root, '--build', 'b'],
  ]) {
    const { status, stderr } = run(cwd, words);
    assert.equal(status, 2);
    assert.match(stderr, /repro-audit\.config\.yaml:3: /);
    assert.match(stderr, /dpkg-log/);
  }
  assert.ok(existsSync(join(root, 'var/log/dpkg.log')));
});

test('rules are printed as text, JSON and the page of the documentation', (t) => {
  const cwd = tempFolder(t);
  const text = expectOk(run(cwd, ['rules'])).stdout;
  const json = JSON.parse(expectOk(run(cwd, ['rules', '--format', 'json'])).stdout) as {
    readonly rules: readonly Readonly<Record<string, unknown>>[];
  };
  assert.ok(json.rules.length > 95);
  for (const rule of json.rules) {
    assert.ok(text.includes(`${String(rule['id'])} (`), String(rule['id']));
    for (const field of ['varies', 'remedy', 'state', 'why', 'source'])
      assert.equal(typeof rule[field], 'string', `${String(rule['id'])} ${field}`);
  }
  const page = readFileSync(join(repositoryRoot(), 'docs/rules.md'), 'utf8');
  assert.equal(expectOk(run(cwd, ['rules', '--format', 'markdown'])).stdout, page);
  assert.equal(run(cwd, ['rules', '--format', 'xml']).status, 2);
});

test('temporary files stay while a variable says that a build has its own among them', (t) => {
  const root = tempTree(t, { 'tmp/x': 'x', 'var/tmp/y': 'x', 'run/z': 'x' });
  const cwd = tempFolder(t);
  const check = (env: Readonly<Record<string, string>>): readonly string[] =>
    paths(run(cwd, ['scrub', root, '--check', '--json'], env).stdout);
  assert.deepEqual(check({}), ['tmp/x', 'var/tmp/y', 'run/z']);
  for (const folder of ['tmp', 'tmp/made.later/conf', 'var/tmp', 'run/lock'])
    assert.deepEqual(check({ MMDEBSTRAP_APT_CONFIG: join(root, folder) }), [], folder);
  assert.equal(check({ OTHER: root, TMPDIR: '/tmp' }).length, 3);
});
