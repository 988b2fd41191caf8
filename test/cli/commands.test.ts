import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { VERSION } from '../../src/version.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { expectOk, PROGRAM, run, type Run } from './helpers.js';

const PACKAGE = JSON.parse(
  readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };

/** Two small builds of one tree in one store; the second differs in content, mode, mtime and by a new file. */
function twoBuilds(t: TestContext): string {
  const cwd = tempFolder(t);
  const root = tempTree(t, {
    'etc/os-release': 'ID=test\nVERSION_ID="1"\n',
    'usr/bin/tool': 'old',
    'usr/share/doc': 'same',
    'usr/lib/x': 'x',
  });
  symlinkSync('x', join(root, 'usr/lib/y'));
  linkSync(join(root, 'usr/lib/x'), join(root, 'usr/lib/hard'));
  expectOk(run(cwd, ['snapshot', root, '--build', 'one']));
  writeFileSync(join(root, 'usr/bin/tool'), 'new');
  chmodSync(join(root, 'usr/share/doc'), 0o600);
  utimesSync(join(root, 'usr/lib/x'), 1, 1);
  writeFileSync(join(root, 'usr/bin/added'), '');
  expectOk(run(cwd, ['snapshot', root, '--build', 'two']));
  return cwd;
}

const json = (result: Run): Record<string, unknown> =>
  JSON.parse(result.stdout) as Record<string, unknown>;

test('--version is the version of the package', (t) => {
  assert.equal(run(tempFolder(t), ['--version']).stdout, `${VERSION}\n`);
  assert.equal(PACKAGE.version, VERSION);
});

test('every command of --help has a --help of its own', (t) => {
  const cwd = tempFolder(t);
  const help = expectOk(run(cwd, ['--help'])).stdout;
  const names = [...help.matchAll(/^ {2}([a-z]+) {2}/gm)].map((match) => match[1]!);
  assert.ok(names.length >= 13);
  for (const name of names)
    assert.match(
      expectOk(run(cwd, [name, '--help'])).stdout,
      new RegExp(`^Usage: repro-audit ${name} `),
    );
});

test('the diff of two builds has exit status 1, and of a build with itself 0', (t) => {
  const cwd = twoBuilds(t);
  const result = run(cwd, ['diff', 'one', 'two', '--format', 'json']);
  assert.equal(result.status, 1);
  const report = json(result) as { summary: object; changes: { path: string; kind: string }[] };
  assert.deepEqual(report.summary, { added: 1, removed: 0, changed: 5, unchanged: 7 });
  assert.deepEqual(
    report.changes.map(({ path, kind }) => `${kind} ${path}`).toSorted(),
    [
      'added usr/bin/added',
      'changed usr/bin',
      'changed usr/bin/tool',
      'changed usr/lib/hard',
      'changed usr/lib/x',
      'changed usr/share/doc',
    ].toSorted(),
  );
  assert.equal(run(cwd, ['diff', 'one', 'one', '--format', 'json']).status, 0);
  assert.equal(run(cwd, ['diff', 'one', 'two', '--exit-zero']).status, 0);
});

test('references count back in the stream, and name builds of other stores', (t) => {
  const cwd = twoBuilds(t);
  const summary = (...args: string[]): unknown =>
    json(run(cwd, ['diff', ...args, '--format', 'json']))['summary'];
  const expected = summary('one', 'two');
  assert.deepEqual(summary(), expected);
  assert.deepEqual(summary('@previous', '@latest'), expected);
  const stream = (json({ ...run(cwd, ['show', 'one', '--json']) })['stream'] as string) + '@latest';
  assert.match(stream, /^test-1-/);
  assert.deepEqual(summary('one', stream), expected);
  assert.deepEqual(summary('build:one', 'repro-audit.db:two'), expected);
});

test('two directories are compared without a store', (t) => {
  const a = tempTree(t, { x: 'x', 'd/y': 'y' });
  const b = tempTree(t, { x: 'x', 'd/y': 'z' });
  const cwd = tempFolder(t);
  const result = run(cwd, ['diff', a, `dir:${b}`, '--format', 'text']);
  assert.equal(result.status, 1);
  assert.ok(result.stdout.includes('/d/y'));
  assert.deepEqual(
    readdirSync(cwd).filter((name) => name.endsWith('.db')),
    [],
  );
});

test('-o writes the whole report or nothing', (t) => {
  const cwd = twoBuilds(t);
  assert.equal(run(cwd, ['diff', 'one', 'two', '--format', 'json', '-o', 'report.json']).status, 1);
  assert.equal(
    (JSON.parse(readFileSync(join(cwd, 'report.json'), 'utf8')) as { schemaVersion: number })
      .schemaVersion,
    1,
  );
  assert.equal(run(cwd, ['diff', 'one', 'two', '-o', 'no/such/folder/report']).status, 3);
  assert.deepEqual(
    readdirSync(cwd).filter((name) => name.includes('tmp')),
    [],
  );
});

test(
  'the exported text has the tree digest that show prints',
  { skip: needs('sha256sum') },
  (t) => {
    const cwd = twoBuilds(t);
    const exported = expectOk(run(cwd, ['export', 'two', '--format', 'composefs-dump'])).stdout;
    const sum = spawnSync('sha256sum', { input: exported, encoding: 'utf8' }).stdout.slice(0, 64);
    assert.ok(expectOk(run(cwd, ['show', 'two'])).stdout.includes(`sha256:${sum}`));
    assert.match(exported, /^\/ 0 40755 1 \d+ \d+ 0 \d+\.\d+ - - -\n/);
    assert.match(exported, /^\/usr\/lib\/x 1 @100644 .* \/usr\/lib\/hard - -$/m);
    assert.match(
      exported,
      new RegExp(
        `^/usr/bin/tool 3 100644 .* sha256=${createHash('sha256').update('new').digest('hex')}$`,
        'm',
      ),
    );
  },
);

test('a name cannot inject fields or lines into an export, nor escape sequences into a report', (t) => {
  const evil = 'a 0 @100644\ninjected \x1b[2J\r=';
  const a = tempTree(t, {});
  const b = tempTree(t, { [evil]: 'x' });
  const cwd = tempFolder(t);
  expectOk(run(cwd, ['snapshot', b, '--build', 'b']));
  const exported = run(cwd, ['export', 'b']).stdout.trimEnd().split('\n');
  assert.equal(exported.length, 2);
  assert.equal(exported[1]!.split(' ').length, 12);
  const text = run(cwd, ['diff', a, b, '--format', 'text']).stdout;
  // eslint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /\x1b|\r|\ninjected/);
});

test('builds are kept, pruned, removed and imported', (t) => {
  const cwd = twoBuilds(t);
  const names = (db = 'repro-audit.db'): readonly string[] =>
    (JSON.parse(run(cwd, ['builds', '--json', '--db', db]).stdout) as { name: string }[]).map(
      ({ name }) => name,
    );
  expectOk(run(cwd, ['import', 'repro-audit.db', '--db', 'other.db']));
  assert.deepEqual(names('other.db'), ['one', 'two']);
  expectOk(run(cwd, ['keep', 'one']));
  expectOk(run(cwd, ['prune', '--keep', '0', '--dry-run']));
  assert.deepEqual(names(), ['one', 'two']);
  expectOk(run(cwd, ['prune', '--keep', '0']));
  assert.deepEqual(names(), ['one']);
  expectOk(run(cwd, ['rm', '@latest']));
  assert.deepEqual(names(), []);
  assert.equal(run(cwd, ['rm', 'one']).status, 3);
});

test('meta fields of flags and files are kept and compared', (t) => {
  const cwd = tempFolder(t);
  const root = tempTree(t, { x: 'x' });
  writeFileSync(
    join(cwd, 'meta.json'),
    JSON.stringify({ 'rpm-ostree-inputhash': 'abc', 'ostree-content-checksum': '1' }),
  );
  expectOk(
    run(cwd, ['snapshot', root, '--build', 'a', '--meta-file', 'meta.json', '--meta', 'k=v']),
  );
  writeFileSync(
    join(cwd, 'meta.json'),
    JSON.stringify({ 'rpm-ostree-inputhash': 'abc', 'ostree-content-checksum': '2' }),
  );
  expectOk(
    run(cwd, ['snapshot', root, '--build', 'b', '--meta-file', 'meta.json', '--meta', 'k=v']),
  );
  const changes = json(run(cwd, ['diff', 'a', 'b', '--format', 'json']))['circumstances'] as {
    group: string;
    name: string;
  }[];
  assert.deepEqual(
    changes.filter(({ group }) => group === 'meta').map(({ name }) => name),
    ['ostree-content-checksum'],
  );
  writeFileSync(join(cwd, 'meta.json'), '[1]');
  assert.equal(run(cwd, ['snapshot', root, '--build', 'c', '--meta-file', 'meta.json']).status, 2);
});

test(
  'a file that cannot be read makes the run incomplete, and is never called the same',
  { skip: needsRoot() || needs('setpriv') },
  (t) => {
    const root = tempTree(t, { secret: 'x', plain: 'y' });
    const cwd = tempFolder(t);
    chmodSync(join(root, 'secret'), 0);
    for (const folder of [cwd, root, join(root, '..')]) chmodSync(folder, 0o777);
    const asNobody = (...args: string[]): Run => {
      const words = [
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        PROGRAM,
        ...args,
      ];
      const { status, stdout, stderr } = spawnSync('setpriv', words, {
        cwd,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], XDG_CACHE_HOME: join(cwd, 'cache') },
      });
      return { status, stdout, stderr };
    };
    assert.equal(asNobody('snapshot', root, '--build', 'a').status, 4);
    assert.equal(asNobody('snapshot', root, '--build', 'b').status, 4);
    const result = asNobody('diff', 'a', 'b', '--format', 'json');
    assert.equal(result.status, 4);
    assert.equal(json(result)['verdict'], 'incomplete');
  },
);

test('hook scrubs, records and compares, with status 0 unless told otherwise', (t) => {
  const cwd = tempFolder(t);
  const make = (id: string): string =>
    tempTree(t, {
      'etc/machine-id': id,
      'var/log/dpkg.log': id,
      'etc/os-release': 'ID=x\n',
      'usr/bin/tool': id,
    });
  const epoch = { SOURCE_DATE_EPOCH: '1000000000' };
  assert.ok(
    expectOk(run(cwd, ['hook', make('a'), '--build', 'a'], epoch)).stdout.includes('first'),
  );
  assert.ok(
    expectOk(run(cwd, ['hook', make('b'), '--build', 'b'], epoch)).stdout.includes('1 changed'),
  );
  assert.equal(
    run(cwd, ['hook', make('c'), '--build', 'c', '--fail-on', 'changed'], epoch).status,
    1,
  );
  expectOk(run(cwd, ['hook', make('c'), '--build', 'd', '--fail-on', 'changed,incomplete'], epoch));
  const edits = json(run(cwd, ['show', 'a', '--json']))['edits'] as {
    rule: string;
    secret: boolean;
    before: { sha256: string | null };
  }[];
  assert.ok(edits.some(({ rule }) => rule === 'machine-id'));
  for (const { secret, before } of edits) if (secret) assert.equal(before.sha256, null);
});

test('without SOURCE_DATE_EPOCH the time-valued rules are named once and skipped', (t) => {
  const root = tempTree(t, { 'etc/machine-id': 'x' });
  const result = run(tempFolder(t), ['scrub', root]);
  assert.equal(result.status, 0);
  assert.equal(result.stderr.split('mtime-clamp').length, 2);
});

test('scrub --check has status 1 when something would change, and changes nothing', (t) => {
  const root = tempTree(t, { 'etc/machine-id': 'x' });
  const cwd = tempFolder(t);
  const checked = run(cwd, ['scrub', root, '--check', '--json']);
  assert.equal(checked.status, 1);
  assert.equal((json(checked)['edits'] as unknown[]).length, 1);
  assert.equal(readFileSync(join(root, 'etc/machine-id'), 'utf8'), 'x');
  expectOk(run(cwd, ['scrub', root]));
  assert.equal(run(cwd, ['scrub', root, '--check']).status, 0);
});

test('a reader that leaves early ends the program quietly', { skip: needs('sh', 'head') }, (t) => {
  const cwd = twoBuilds(t);
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', `"${process.execPath}" "${PROGRAM}" export two | head -c 1 > /dev/null`],
    { cwd, encoding: 'utf8' },
  );
  assert.equal(status, 0);
  assert.equal(stderr, '');
});

test('an interrupted snapshot says 130 and leaves the store as it was', async (t) => {
  const cwd = twoBuilds(t);
  const files: Record<string, string> = {};
  for (let i = 0; i < 20_000; i++) files[`d${i % 500}/f${i}`] = 'x';
  const root = tempTree(t, files);
  const before = readFileSync(join(cwd, 'repro-audit.db'));
  const child = spawn(
    process.execPath,
    [PROGRAM, 'snapshot', root, '--build', 'three', '--no-cache'],
    { cwd, env: { PATH: process.env['PATH'] }, stdio: 'ignore' },
  );
  await new Promise((resolve) => setTimeout(resolve, 250));
  child.kill('SIGINT');
  const status = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  // On a fast machine it may have been done already; then there is nothing to see.
  if (status !== 0) {
    // Null where the signal came before the program had begun to listen: the machine was busy.
    assert.ok(status === 130 || status === null, `status ${status}`);
    assert.deepEqual(readFileSync(join(cwd, 'repro-audit.db')), before);
  }
  assert.deepEqual(
    readdirSync(cwd).filter((name) => name.includes('journal')),
    [],
  );
});

test('our own output is the same under another time zone, locale and umask', (t) => {
  const cwd = twoBuilds(t);
  const outputs = [
    { TZ: 'UTC', LC_ALL: 'C' },
    { TZ: 'Asia/Kathmandu', LC_ALL: 'de_DE.UTF-8' },
  ].map((env) => run(cwd, ['diff', 'one', 'two', '--format', 'json'], env).stdout);
  assert.equal(outputs[0], outputs[1]);
});

test('a snapshot of a folder that holds the store is refused', (t) => {
  const root = tempTree(t, { x: 'x' });
  mkdirSync(join(root, 'sub'));
  assert.equal(run(root, ['snapshot', '.', '--build', 'a']).status, 2);
  assert.equal(run(root, ['snapshot', './sub', '--build', 'a']).status, 0);
});

test('a huge file can be interrupted while it is read', { skip: needs('truncate') }, async (t) => {
  const root = tempTree(t, { small: 'x' });
  assert.equal(spawnSync('truncate', ['-s', '1T', join(root, 'huge')]).status, 0);
  const cwd = tempFolder(t);
  const child = spawn(process.execPath, [PROGRAM, 'snapshot', root, '--build', 'x', '--no-cache'], {
    cwd,
    env: { PATH: process.env['PATH'] },
    stdio: 'ignore',
  });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  child.kill('SIGTERM');
  const status = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  assert.equal(status, 130);
  assert.deepEqual(
    readdirSync(cwd).filter((name) => name.includes('.db')),
    [],
  );
});
