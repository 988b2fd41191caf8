/**
 * Lists of changed files that users of image builders posted, each rebuilt in miniature with the tools that make such files: every
 * change has to have its cause, who writes it, and what to do.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import type { CpioFields } from '../formats/build-cpio.js';
import { needs } from '../helpers/oracle.js';
import { MADE, recordedPair, toldOf, type PairOptions } from '../helpers/recorded-pair.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { buildRpms } from '../packages/rpm-root.js';
import {
  authselect,
  cacerts,
  initramfs,
  osRelease,
  signedModule,
  VERSION,
  xz,
  type Side,
} from './list-files.js';

type Files = Parameters<typeof tempTree>[1];
const SIDES = ['before', 'after'] as const;

const META: PairOptions = {
  meta: { before: { version: VERSION.before }, after: { version: VERSION.after } },
};

test(
  'rpm-ostree #4305: every file of the list has its cause, writer and remedy',
  {
    skip: needs('rpm', 'rpmbuild', 'sqlite3'),
  },
  async (t) => {
    const AUTHSELECT = [
      'dconf-db',
      'dconf-locks',
      'fingerprint-auth',
      'nsswitch.conf',
      'password-auth',
      'postlogin',
      'smartcard-auth',
      'system-auth',
    ].map((name) => `usr/etc/authselect/${name}`);
    const roots = pairOf(t, (side) => ({
      ...Object.fromEntries(AUTHSELECT.map((path) => [path, authselect(path, side)])),
      [CACERTS]: cacerts(side),
      'usr/lib/os-release': osRelease(side),
      [INITRAMFS]: initramfs(side, [{ name: 'etc/os-release', data: osRelease(side) }]),
      ...rpmdbs(t, side),
    }));
    const report = await recordedPair(t, roots, META);
    for (const path of AUTHSELECT)
      assert.deepEqual(toldOf(report, path), {
        status: 'explained',
        causes: ['time.text high'],
        owner: 'authselect',
        rules: ['authselect-header'],
        remedies: 2,
      });
    assert.deepEqual(toldOf(report, CACERTS), {
      status: 'explained',
      causes: ['time.field high'],
      owner: 'update-ca-trust',
      rules: ['java-keystore'],
      remedies: 2,
    });
    const release = toldOf(report, 'usr/lib/os-release');
    assert.equal(release.status, 'explained');
    assert.deepEqual(release.causes, ['env.var high']);
    const image = toldOf(report, INITRAMFS);
    assert.equal(image.status, 'explained');
    // The os-release of the image is a copy of that of the tree.
    assert.deepEqual(image.causes, ['time.field high']);
    // Several programs make such images, and nothing in the tree says which.
    assert.equal(image.owner, null);
    assert.ok(image.remedies > 0);
    for (const path of DATABASES) {
      const told = toldOf(report, path);
      assert.deepEqual([path, told.status, told.owner], [path, 'explained', 'rpm']);
      assert.ok(told.causes.includes('time.field high'), told.causes.join());
      assert.deepEqual(told.rules, ['rpmdb']);
    }
    assert.equal(
      report.changes.filter(({ attributes }) =>
        attributes.some(({ attribute }) => attribute === 'content'),
      ).length,
      13,
    );
  },
);

test(
  'fedora-coreos-config #3500: group, key store, release, initramfs, databases, treefile',
  {
    skip: needs('rpm', 'rpmbuild', 'sqlite3'),
  },
  async (t) => {
    const groups = ['root:x:0:', 'bin:x:1:', 'chrony:x:990:', 'sssd:x:989:', 'dnsmasq:x:988:'];
    const moved = [groups[0], groups[1], groups[3], groups[4], groups[2]];
    const roots = pairOf(t, (side) => ({
      'usr/etc/group': `${(side === 'before' ? groups : moved).join('\n')}\n`,
      [CACERTS]: cacerts(side),
      'usr/lib/os-release': osRelease(side),
      [INITRAMFS]: initramfs(side, [{ name: 'etc/os-release', data: osRelease(side) }]),
      'usr/share/rpm-ostree/treefile.json': `${JSON.stringify({ ref: 'fedora/x', 'mutate-os-release': VERSION[side] }, null, 2)}\n`,
      ...rpmdbs(t, side),
      ...(side === 'before'
        ? { 'usr/share/rpm/rpmdb.sqlite-shm': 'shm', 'usr/share/rpm/rpmdb.sqlite-wal': '' }
        : {}),
    }));
    const report = await recordedPair(t, roots, META);
    assert.deepEqual(toldOf(report, 'usr/etc/group').causes, ['order.rows medium']);
    assert.deepEqual(toldOf(report, CACERTS).causes, ['time.field high']);
    const treefile = toldOf(report, 'usr/share/rpm-ostree/treefile.json');
    assert.deepEqual([treefile.causes, treefile.owner], [['env.var high'], 'rpm-ostree']);
    for (const path of [
      'usr/etc/group',
      'usr/lib/os-release',
      INITRAMFS,
      'usr/share/rpm-ostree/treefile.json',
      ...DATABASES,
    ])
      assert.equal(toldOf(report, path).status, 'explained', path);
    for (const suffix of ['shm', 'wal']) {
      const told = toldOf(report, `usr/share/rpm/rpmdb.sqlite-${suffix}`);
      assert.deepEqual([told.owner, told.rules], ['rpm', ['rpmdb-journal']]);
    }
  },
);

test(
  'rpm-ostree #3502: Python that a scriptlet compiled, by time and by order of sets',
  { skip: needs('python3') },
  async (t) => {
    const names = ['client', 'command', 'config', 'errors', 'fw_types', 'functions', 'rich'];
    const roots = pairOf(t, () =>
      Object.fromEntries(names.map((name) => [`${PYTHON}/${name}.py`, module(name)])),
    );
    for (const side of SIDES) {
      for (const name of names.slice(1))
        utimesSync(join(roots[side], PYTHON, `${name}.py`), MADE[side], MADE[side]);
      compile(roots[side]);
    }
    const compiled = readdirSync(join(roots.after, PYTHON, '__pycache__')).toSorted();
    assert.equal(compiled.length, names.length);
    // Python 3.11 sorts sets before it writes them; those before wrote them by PYTHONHASHSEED.
    swap(join(roots.after, PYTHON, '__pycache__', compiled[0]!), 'client3', 'client5');
    const report = await recordedPair(t, roots);
    for (const [i, name] of compiled.entries()) {
      const told = toldOf(report, `${PYTHON}/__pycache__/${name}`);
      assert.equal(told.status, 'explained', name);
      assert.deepEqual(told.causes, [i === 0 ? 'order.keys medium' : 'time.field high'], name);
      assert.ok(told.rules.includes('normalize-pyc'), name);
    }
  },
);

test(
  'coreos-assembler #3332: the same inputs by their hash, another result, and Python is why',
  {
    skip: needs('python3'),
  },
  async (t) => {
    const roots = pairOf(t, () => ({ [`${PYTHON}/a.py`]: module('a') }));
    for (const side of SIDES) {
      utimesSync(join(roots[side], PYTHON, 'a.py'), MADE[side], MADE[side]);
      compile(roots[side]);
    }
    const meta = (side: Side) => ({
      'rpm-ostree-inputhash': 'c'.repeat(64),
      'ostree-content-checksum': side === 'before' ? 'd'.repeat(64) : 'e'.repeat(64),
    });
    const report = await recordedPair(t, roots, {
      meta: { before: meta('before'), after: meta('after') },
    });
    assert.deepEqual(
      report.remarks.map((each) => (each.kind === 'equal-input' ? [each.kind, each.input] : [])),
      [['equal-input', 'rpm-ostree-inputhash']],
    );
    const [name] = readdirSync(join(roots.after, PYTHON, '__pycache__'));
    const told = toldOf(report, `${PYTHON}/__pycache__/${name}`);
    assert.deepEqual([told.status, told.causes], ['explained', ['time.field high']]);
    assert.equal(report.findings[0]!.nature, 'nondeterminism');
  },
);

test(
  'aurora #2579: an initramfs whose links vanished, and a module that was built and signed anew',
  {
    skip: needs('openssl', 'xz'),
  },
  async (t) => {
    const link = (name: string): CpioFields => ({ name, mode: 0o120777, data: '../x.service' });
    const wants = 'usr/lib/systemd/system/initrd.target.wants';
    const modules = Object.fromEntries(
      SIDES.map((side) => [side, xz(t, signedModule(t))]),
    ) as Record<Side, Buffer>;
    const KO = 'usr/lib/modules/6.14/extra/v4l2loopback.ko.xz';
    const roots = pairOf(t, (side) => ({
      [KO]: modules[side],
      [INITRAMFS]: initramfs(side, [
        ...(side === 'before' ? [link(`${wants}/dracut-cmdline.service`)] : []),
        { name: KO, data: modules[side].toString('latin1') },
        {
          name: 'var/lock',
          mode: side === 'before' ? 0o120777 : 0o40755,
          data: side === 'before' ? '../run/lock' : '',
        },
      ]),
    }));
    const report = await recordedPair(t, roots);
    const module = report.changes.find(({ path }) => path === KO)!.explanation!;
    assert.equal(module.status, 'explained');
    assert.equal(module.sameExcept, 'signature');
    const { explanation } = report.changes.find(({ path }) => path === INITRAMFS)!;
    const told = explanation!.changes.map(({ chain, field, cause, follows }) =>
      [chain.join('!'), field, follows === null ? cause : `<- ${follows}`].join(' '),
    );
    assert.ok(told.includes(`${wants}/dracut-cmdline.service member unknown`), told.join('\n'));
    assert.ok(
      told.some((line) => line.startsWith('var/lock mode')),
      told.join('\n'),
    );
    assert.ok(
      told.some((line) => line.endsWith(`<- /${KO}`)),
      told.join('\n'),
    );
    // That a member is gone has no witness: the image is not said to be explained.
    assert.equal(explanation!.status, 'partly');
  },
);

test(
  'confidential-os-builder #74: modules that differ in their signatures alone',
  {
    skip: needs('openssl'),
  },
  async (t) => {
    const folder = 'usr/lib/modules/6.8/kernel/drivers/video';
    const roots = pairOf(t, () => ({
      'usr/bin/tool': 'the same',
      [`${folder}/nvidia.ko`]: signedModule(t),
      [`${folder}/nvidia-uvm.ko`]: signedModule(t),
    }));
    const report = await recordedPair(t, roots);
    assert.deepEqual(
      report.changes.filter(({ explanation }) => explanation !== null).map(({ path }) => path),
      [`${folder}/nvidia-uvm.ko`, `${folder}/nvidia.ko`],
    );
    for (const name of ['nvidia.ko', 'nvidia-uvm.ko']) {
      const path = `${folder}/${name}`;
      const { explanation } = report.changes.find((each) => each.path === path)!;
      assert.deepEqual([explanation!.status, explanation!.sameExcept], ['explained', 'signature']);
      assert.ok(toldOf(report, path).remedies > 0);
    }
  },
);

const CACERTS = 'usr/etc/pki/ca-trust/extracted/java/cacerts';
const INITRAMFS = 'usr/lib/modules/6.14/initramfs.img';
const PYTHON = 'usr/lib/python3.6/site-packages/firewall';
const DATABASES = [
  'usr/lib/sysimage/rpm-ostree-base-db/rpmdb.sqlite',
  'usr/share/rpm/rpmdb.sqlite',
];

function pairOf(t: TestContext, files: (side: Side) => Files): Record<Side, string> {
  return { before: tempTree(t, files('before')), after: tempTree(t, files('after')) };
}

/** Databases of one installation, at two places; rpm takes the time from SOURCE_DATE_EPOCH. */
function rpmdbs(t: TestContext, side: Side): Files {
  const root = join(tempFolder(t), 'root');
  mkdirSync(join(root, 'db'), { recursive: true });
  const database = ['--root', root, '--dbpath', '/db', '--define', '_db_backend sqlite'];
  const options = ['--justdb', '--nodeps', '--noplugins', '--nosignature', '--force-debian'];
  execFileSync('rpm', [...database, '-i', ...options, ...buildRpms()], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], SOURCE_DATE_EPOCH: String(MADE[side]), HOME: '/nonexistent' },
  });
  execFileSync('sqlite3', [join(root, 'db/rpmdb.sqlite'), 'PRAGMA journal_mode=DELETE'], {
    stdio: 'ignore',
  });
  const bytes = readFileSync(join(root, 'db/rpmdb.sqlite'));
  return Object.fromEntries(DATABASES.map((path) => [path, bytes]));
}

function module(name: string): string {
  const words = Array.from({ length: 12 }, (_, i) => `'${name}${i}'`).join(', ');
  return `def f(x):\n    return x in {${words}}\n`;
}

function compile(root: string): void {
  const options = ['-m', 'compileall', '-q', '-s', root, '-p', '/'];
  execFileSync('python3', [...options, join(root, PYTHON)], {
    env: { PATH: process.env['PATH'] },
  });
}

/** Words of one length that are in the file once each. */
function swap(file: string, a: string, b: string): void {
  const text = readFileSync(file, 'latin1');
  assert.deepEqual([text.split(a).length, text.split(b).length], [2, 2]);
  const swapped = text.replace(new RegExp(`${a}|${b}`, 'g'), (word) => (word === a ? b : a));
  writeFileSync(file, swapped, 'latin1');
}
