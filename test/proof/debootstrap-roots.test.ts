/**
 * Two roots of one list of packages, installed by the system's own debootstrap at two times: after the hook they differ in
 * keys that are random by intent, with the strict profile in nothing, and programs inside find nothing wrong that they did
 * not find before.
 */

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { expectOk, run } from '../cli/helpers.js';
import { listTree } from '../helpers/list-tree.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';

const EPOCH = '1700000000';
/** Small, and between them they leave most of what the rules know of Debian. */
const PACKAGES =
  'python3-minimal,ca-certificates,dbus,fontconfig,fonts-dejavu-core,openssh-server,ssl-cert';
/** What only chance decides; removing it is for the strict profile. */
const RANDOM = {
  'content:snakeoil': [
    'etc/ssl/certs/ssl-cert-snakeoil.pem',
    'etc/ssl/private/ssl-cert-snakeoil.key',
  ],
  'content:ssh-host-keys': ['ecdsa', 'ed25519', 'rsa'].flatMap((kind) => [
    `etc/ssh/ssh_host_${kind}_key`,
    `etc/ssh/ssh_host_${kind}_key.pub`,
  ]),
};

test(
  'two debootstraps become one root but for random keys, with the strict profile one root, and work as before',
  { skip: needs('debootstrap', 'apt-get', 'wget', 'cp', 'chroot') || needsRoot() },
  async (t) => {
    const mirror = mirrorThatAnswers();
    if (mirror === null) return noMirror(t);
    const folder = tempFolder(t);
    const [first, second] = await twoRoots(folder, mirror);
    const before = saysOf(copyOf(first, join(folder, 'before')));
    assert.match(before[0]!, /^python3 .*: 2$/);

    const byDefault = hooked(folder, 'default', [
      copyOf(first, join(folder, 'default-1')),
      copyOf(second, join(folder, 'default-2')),
    ]);
    assert.deepEqual(
      byDefault.changes.map(({ path }) => path),
      Object.values(RANDOM).flat().toSorted(),
    );
    assert.deepEqual(byDefault.findings.map(({ id }) => id).toSorted(), Object.keys(RANDOM));
    for (const { basis } of byDefault.findings) assert.ok(basis.what !== '' && basis.remedy !== '');
    assert.deepEqual(newIn(before, saysOf(join(folder, 'default-1'))), []);

    const strict = hooked(folder, 'strict', [first, second]);
    assert.equal(strict.verdict, 'same');
    assert.equal(strict.before.fullDigest, strict.after.fullDigest);
    assert.match(strict.before.fullDigest, /^[0-9a-f]{64}$/);
    // By a reader of our own that shares nothing with the program.
    assert.deepEqual(differing(first, second), []);
    assert.deepEqual(newIn(before, saysOf(first)), []);
  },
);

interface Mirror {
  readonly suite: string;
  readonly uri: string;
}

/** The first of the system's own package sources for its own release; null when it does not answer. */
function mirrorThatAnswers(): Mirror | null {
  const shell = '. /etc/os-release && printf %s "$VERSION_CODENAME"';
  const suite = execFileSync('sh', ['-c', shell], { encoding: 'utf8' });
  const format = '$(REPO_URI) $(CODENAME) $(COMPONENT)';
  const targets = execFileSync('apt-get', ['indextargets', '--format', format], {
    encoding: 'utf8',
  });
  const own = targets.split('\n').find((line) => line.endsWith(` ${suite} main`));
  const uri = own?.split(' ')[0] ?? '';
  if (!/^https?:/.test(uri)) return null;
  const wget = ['-q', '--spider', '--tries=2', '--timeout=10', `${uri}dists/${suite}/InRelease`];
  return spawnSync('wget', wget).status === 0 ? { suite, uri } : null;
}

function noMirror(t: TestContext): void {
  const message = "needs a mirror: none of the system's package sources answers";
  if (process.env['REPRO_AUDIT_REQUIRE_ORACLES'] === '1')
    throw new Error(`${message}, and CI may not skip`);
  t.skip(message);
}

/** Packages are fetched once and installed twice, the second time begun some seconds later. */
async function twoRoots(folder: string, mirror: Mirror): Promise<readonly [string, string]> {
  const packages = join(folder, 'packages.tar');
  await debootstrap(mirror, join(folder, 'fetch'), `--make-tarball=${packages}`);
  const unpack = async (root: string): Promise<string> => {
    await debootstrap(mirror, root, `--unpack-tarball=${packages}`);
    return root;
  };
  const later = async (): Promise<string> => {
    await sleep(3000);
    return unpack(join(folder, 'second'));
  };
  return Promise.all([unpack(join(folder, 'first')), later()]);
}

async function debootstrap({ suite, uri }: Mirror, root: string, option: string): Promise<void> {
  const args = ['--variant=minbase', `--include=${PACKAGES}`, option, suite, root, uri];
  const env = { PATH: PATH_OF_ROOT, LC_ALL: 'C' };
  await promisify(execFile)('debootstrap', args, { env, maxBuffer: 1 << 26 });
}

const PATH_OF_ROOT = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function copyOf(root: string, copy: string): string {
  execFileSync('cp', ['-a', root, copy]);
  return copy;
}

/** The part of the published report that is looked at here. */
interface Report {
  readonly verdict: string;
  readonly before: { readonly fullDigest: string };
  readonly after: { readonly fullDigest: string };
  readonly findings: readonly {
    readonly id: string;
    readonly basis: { readonly what: string; readonly remedy: string };
  }[];
  readonly changes: readonly { readonly path: string }[];
}

/** Hooks the roots, where a second scrub has nothing to do, and compares what was recorded. */
function hooked(folder: string, profile: string, roots: readonly string[]): Report {
  const env = { SOURCE_DATE_EPOCH: EPOCH };
  const store = ['--db', join(folder, `${profile}.db`)];
  for (const [i, root] of roots.entries()) {
    const build = ['--build', `build-${i}`, '--profile', profile, ...store];
    expectOk(run(folder, ['hook', root, ...build], env));
    const again = run(folder, ['scrub', root, '--check', '--profile', profile], env);
    assert.equal(again.status, 0, again.stdout);
  }
  const { stdout } = run(folder, ['diff', 'build-0', 'build-1', '--format', 'json', ...store]);
  return JSON.parse(stdout) as Report;
}

/** What programs inside a root say of it, line by line. They write caches: a root that is needed as it is has to be copied. */
function saysOf(root: string): readonly string[] {
  const asked: readonly (readonly string[])[] = [
    ['python3', '-c', 'import encodings, os; print(1 + 1)'],
    ['dpkg', '--audit'],
    ['dpkg', '--verify'],
    ['apt-get', 'check'],
    ['ldconfig', '-p'],
    ['fc-list'],
  ];
  return asked.flatMap(([program, ...args]) => {
    const { status, stdout, stderr } = spawnSync('chroot', [root, program!, ...args], {
      encoding: 'utf8',
      env: { PATH: PATH_OF_ROOT, LC_ALL: 'C.UTF-8', HOME: '/root' },
    });
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
    return [...lines, `status ${status}`].map((line) => `${program} ${args.join(' ')}: ${line}`);
  });
}

function newIn(before: readonly string[], after: readonly string[]): readonly string[] {
  return after.filter((line) => !before.includes(line));
}

/** Paths in one tree only, or with other attributes or bytes. */
function differing(a: string, b: string): readonly string[] {
  const texts = (root: string): ReadonlyMap<string, string> =>
    new Map(
      [...listTree(root)].map(([path, listed]) => [
        path,
        JSON.stringify({ ...listed, ino: 0, mtimeNs: String(listed.mtimeNs) }),
      ]),
    );
  const [left, right] = [texts(a), texts(b)];
  const paths = new Set([...left.keys(), ...right.keys()]);
  return [...paths].filter((path) => left.get(path) !== right.get(path)).toSorted();
}
