/** The hooks of all builders: that they are well formed, thin, and call us as they should. */

import assert from 'node:assert/strict';
import { type SpawnSyncReturns, execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { needs } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { repositoryRoot } from '../helpers/repository-root.js';

const hooks = join(repositoryRoot(), 'hooks');
const builders = readdirSync(hooks, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const files = readdirSync(hooks, { recursive: true, encoding: 'utf8' }).filter((path) =>
  statSync(join(hooks, path)).isFile(),
);
const scripts = files.filter((path) => read(path).startsWith('#!'));
const postprocess = 'rpm-ostree/postprocess/repro-audit-postprocess.sh';

test('every builder that was promised has a folder, a README and a line in the list', () => {
  const promised = ['bootc', 'coreos-assembler', 'debos', 'kiwi', 'mkosi', 'mmdebstrap'];
  for (const builder of [...promised, 'rpm-ostree', 'yocto']) assert.ok(builders.includes(builder));
  for (const builder of builders) {
    assert.ok(files.includes(`${builder}/README.md`), builder);
    assert.ok(read('README.md').includes(`](${builder}/`), builder);
  }
});

test('every link of the list leads to a file', () => {
  for (const [, target = ''] of read('README.md').matchAll(/\]\(([^)]+)\)/g))
    assert.ok(statSync(join(hooks, target)).isFile(), target);
});

test('scripts are executable, and sh and dash can read them', { skip: needs('dash') }, () => {
  assert.ok(scripts.length >= 7);
  for (const script of scripts) {
    assert.equal(statSync(join(hooks, script)).mode & 0o111, 0o111, script);
    for (const shell of ['sh', 'dash']) execFileSync(shell, ['-n', join(hooks, script)]);
  }
});

test('shellcheck has nothing to say', { skip: needs('shellcheck') }, () => {
  const run = spawnSync('shellcheck', [...scripts, '../fixtures/make-demo-pair.sh'], {
    cwd: hooks,
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, run.stdout);
});

test('hooks decide nothing: apart from the self-contained script no shell branches', () => {
  for (const script of scripts.filter((path) => path !== postprocess)) {
    assert.doesNotMatch(read(script), /^\s*(if|case|for|while|until)\b/m, script);
    assert.match(read(script), /^set -eu$/m, script);
  }
});

test('the commands of debos and of the Containerfiles are shell', () => {
  const command = /command: >-\n((?: {4}.*\n)+)/.exec(read('debos/repro-audit.yaml'))?.[1];
  const runs = ['bootc', 'coreos-assembler'].flatMap((builder) =>
    [...read(`${builder}/Containerfile`).matchAll(/^RUN --mount=\S+ \\\n(.*)$/gm)].map(
      ([, line]) => line,
    ),
  );
  assert.equal(runs.length, 2);
  for (const text of [command, ...runs]) {
    assert.match(text ?? '', /^\s*repro-audit hook /);
    execFileSync('sh', ['-n', '-c', text ?? '']);
  }
});

test('rpm-ostree: the target is the working directory, the store lies beside the treefile', (t) => {
  const place = stubs(t, ['repro-audit']);
  const run = call(place, 'rpm-ostree/finalize.d/90-repro-audit', [], {
    RPMOSTREE_WORKDIR: '/config dir',
    REPRO_AUDIT_BUILD: '42',
  });
  assert.equal(run.status, 0, run.stderr);
  assert.deepEqual(calls(place), [
    ['repro-audit', 'hook', '.', '--layout', 'ostree']
      .concat(['--db', '/config dir/repro-audit.db', '--build', '42'])
      .join('|'),
  ]);
});

test('mkosi: the tree is BUILDROOT, the version of the image names the build', (t) => {
  const place = stubs(t, ['repro-audit']);
  const environment = { BUILDROOT: '/build root', OUTPUTDIR: '/out', IMAGE_VERSION: '7' };
  assert.equal(call(place, 'mkosi/mkosi.finalize', [], environment).status, 0);
  assert.deepEqual(calls(place), [
    'repro-audit|hook|/build root|--db|/out/repro-audit.db|--build|7',
  ]);
});

test('kiwi: the root is audited between prepare and create', (t) => {
  const place = stubs(t, ['repro-audit', 'kiwi-ng']);
  const run = call(place, 'kiwi/build.sh', ['d', 'my root', 'out'], { REPRO_AUDIT_BUILD: '1' });
  assert.equal(run.status, 0);
  assert.deepEqual(calls(place), [
    'kiwi-ng|system|prepare|--description|d|--root|my root',
    'repro-audit|hook|my root',
    'kiwi-ng|system|create|--root|my root|--target-dir|out',
  ]);
});

test('live-build: the root is audited between chroot and binary', (t) => {
  const place = stubs(t, ['repro-audit', 'lb']);
  assert.equal(call(place, 'live-build/build.sh', [], { REPRO_AUDIT_BUILD: '1' }).status, 0);
  assert.deepEqual(calls(place), [
    'lb|bootstrap',
    'lb|chroot',
    'repro-audit|hook|chroot',
    'lb|binary',
  ]);
});

test('mmdebstrap: the hook scrubs the root it is given', (t) => {
  const place = stubs(t, ['repro-audit']);
  assert.equal(call(place, 'mmdebstrap/repro-audit-scrub', ['/the root']).status, 0);
  assert.deepEqual(calls(place), ['repro-audit|scrub|/the root']);
});

test('mmdebstrap: the wrapper records the target once mmdebstrap is done', (t) => {
  const place = stubs(t, ['repro-audit', 'mmdebstrap']);
  const args = ['suite', 'the root', '--variant=minbase'];
  const environment = { REPRO_AUDIT_BUILD: '1' };
  assert.equal(call(place, 'mmdebstrap/mmdebstrap-repro-audit', args, environment).status, 0);
  assert.deepEqual(calls(place), [
    'mmdebstrap|suite|the root|--variant=minbase|--customize-hook=repro-audit scrub "$1"',
    'repro-audit|snapshot|the root',
  ]);
});

test('without a name for the build nothing starts', (t) => {
  const place = stubs(t, ['repro-audit', 'kiwi-ng', 'lb', 'mmdebstrap']);
  const environment = { RPMOSTREE_WORKDIR: '/w', BUILDROOT: '/b', OUTPUTDIR: '/o' };
  const named = scripts.filter((path) => read(path).includes('REPRO_AUDIT_BUILD'));
  assert.equal(named.length, 5);
  for (const script of named)
    assert.notEqual(call(place, script, ['a', 'b', 'c'], environment).status, 0, script);
  assert.deepEqual(calls(place), []);
});

test('when the audit fails, the build fails', (t) => {
  const place = stubs(t, ['kiwi-ng', 'lb', 'mmdebstrap']);
  writeFileSync(join(place, 'repro-audit'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  const environment = {
    RPMOSTREE_WORKDIR: '/w',
    BUILDROOT: '/b',
    OUTPUTDIR: '/o',
    REPRO_AUDIT_BUILD: '1',
  };
  for (const script of scripts.filter((path) => path !== postprocess))
    assert.equal(call(place, script, ['a', 'b', 'c'], environment).status, 3, script);
});

function read(path: string): string {
  return readFileSync(join(hooks, path), 'utf8');
}

/** A folder with programs that write down how they were called. */
function stubs(t: TestContext, programs: readonly string[]): string {
  const place = tempFolder(t);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'calls'), '');
  for (const program of programs)
    writeFileSync(
      join(place, program),
      `#!/bin/sh\nIFS='|'\nprintf '%s\\n' "${program}|$*" >>"${place}/calls"\n`,
      { mode: 0o755 },
    );
  return place;
}

function call(
  place: string,
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): SpawnSyncReturns<string> {
  return spawnSync(join(hooks, script), args, {
    cwd: place,
    env: { PATH: `${place}:/usr/bin:/bin`, ...environment },
    encoding: 'utf8',
  });
}

function calls(place: string): string[] {
  return readFileSync(join(place, 'calls'), 'utf8').split('\n').slice(0, -1);
}
