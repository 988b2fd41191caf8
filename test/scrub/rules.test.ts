import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { listTree } from '../helpers/list-tree.js';
import { tempTree } from '../helpers/temp-tree.js';
import { editsOf, plan, scrub, type FakeOwnership } from './support.js';

test('machine-id: an id is emptied in place, an unset one stays, a link stays', async (t) => {
  const cases = [
    ['0123456789abcdef0123456789abcdef\n', 1],
    ['uninitialized\n', 0],
    ['uninitialized', 0],
    ['', 0],
    ['\n', 1],
  ] as const;
  for (const [content, count] of cases) {
    const root = tempTree(t, { 'etc/machine-id': content });
    assert.equal(
      (await plan(root, { only: ['machine-id'] })).edits.length,
      count,
      JSON.stringify(content),
    );
    await scrub(root, { only: ['machine-id'] });
    assert.equal(readFileSync(join(root, 'etc/machine-id'), 'utf8'), count === 1 ? '' : content);
  }
  const linked = tempTree(t, {
    'etc/machine-id': { link: '/run/machine-id' },
    'var/lib/dbus/machine-id': { link: '/etc/machine-id' },
  });
  assert.deepEqual(editsOf(await plan(linked)), []);
});

test('dbus-machine-id: a file is removed', async (t) => {
  const root = tempTree(t, { 'var/lib/dbus/machine-id': 'x' });
  await scrub(root);
  assert.deepEqual(readdirSync(join(root, 'var/lib/dbus')), []);
});

test('random-seed: every known place', async (t) => {
  const seeds = [
    'var/lib/systemd/random-seed',
    'var/lib/urandom/random-seed',
    'var/lib/random-seed',
    'efi/loader/random-seed',
    'boot/loader/random-seed',
    'boot/efi/loader/random-seed',
  ];
  const root = tempTree(
    t,
    Object.fromEntries([...seeds, 'var/lib/other/random-seed'].map((one) => [one, 'x'])),
  );
  assert.deepEqual(
    editsOf(await plan(root)).toSorted(),
    seeds.map((one) => `remove ${one}`).sort(),
  );
});

test('shadow-lastchange: the day of locked accounts is blanked, every other byte stays', async (t) => {
  const before = [
    'root:*:19000:0:99999:7:::',
    'daemon:!:19000:0:99999:7:::',
    'sys:!!:19000::::::',
    'u:$y$j9T$x:19000:0:99999:7:::',
    'empty::19000:0:99999:7:::',
    'blank:*::0:99999:7:::',
    'short:!',
    'caf\xe9:!*:1',
    '+::::::::',
    '',
    '# !:*:1',
  ].join('\n');
  const after = before
    .replace('root:*:19000', 'root:*:')
    .replace('daemon:!:19000', 'daemon:!:')
    .replace('sys:!!:19000', 'sys:!!:')
    .replace('\xe9:!*:1', '\xe9:!*:')
    .replace('# !:*:1', '# !:*:');
  for (const folder of ['etc', 'usr/etc']) {
    const root = tempTree(t, { [`${folder}/shadow`]: Buffer.from(before, 'latin1') });
    await scrub(root);
    assert.equal(readFileSync(join(root, folder, 'shadow'), 'latin1'), after);
    assert.deepEqual((await plan(root)).edits, []);
  }
});

test('shadow-lastchange: whatever the file holds, a second run plans nothing and no line is lost', async (t) => {
  const field = fc.constantFrom('', '!', '*', '!!', '$6$', '1', 'x', '\n', ':');
  await fc.assert(
    fc.asyncProperty(fc.array(field, { maxLength: 20 }), async (fields) => {
      const text = fields.join(':');
      const root = tempTree(t, { 'etc/shadow': text });
      await scrub(root, { only: ['shadow-lastchange'] });
      assert.deepEqual((await plan(root, { only: ['shadow-lastchange'] })).edits, []);
      const shape = (content: string): string => content.replace(/[^:\n]/g, '').length.toString();
      assert.equal(shape(readFileSync(join(root, 'etc/shadow'), 'utf8')), shape(text));
    }),
    { numRuns: 25 },
  );
});

test('login-records: emptied, not removed', async (t) => {
  const names = ['wtmp', 'btmp', 'lastlog', 'faillog'];
  const root = tempTree(t, Object.fromEntries(names.map((name) => [`var/log/${name}`, 'x'])));
  await scrub(root);
  for (const name of names) assert.equal(lstatSync(join(root, 'var/log', name)).size, 0);
});

/** Rule, what goes, what stays. */
const REMOVALS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'account-backups',
    [
      'etc/passwd-',
      'etc/group-',
      'etc/shadow-',
      'etc/gshadow-',
      'etc/subuid-',
      'etc/subgid-',
      'etc/.pwd.lock',
      'usr/etc/passwd-',
    ],
    ['etc/passwd', 'etc/fstab-', 'srv/etc/passwd-'],
  ],
  [
    'dpkg-log',
    [
      'var/log/dpkg.log',
      'var/log/dpkg.log.1',
      'var/log/alternatives.log.2.gz',
      'var/log/bootstrap.log',
      'var/log/fontconfig.log',
    ],
    ['var/log/dpkg.log2', 'var/log/syslog', 'var/log/x/dpkg.log'],
  ],
  [
    'apt-log',
    ['var/log/apt/history.log', 'var/log/apt/term.log.1.gz', 'var/log/apt/eipp.log.xz'],
    ['var/log/apt/notes'],
  ],
  [
    'dpkg-old',
    ['var/lib/dpkg/status-old', 'var/lib/dpkg/diversions-old'],
    ['var/lib/dpkg/status', 'var/lib/dpkg/lock', 'var/lib/dpkg/triggers/Lock'],
  ],
  ['debconf-old', ['var/cache/debconf/config.dat-old'], ['var/cache/debconf/config.dat']],
  [
    'apt-lists',
    [
      'var/lib/apt/lists/x_Packages',
      'var/lib/apt/lists/partial/y',
      'var/lib/apt/lists/auxfiles/z',
      'var/lib/apt/periodic/update-stamp',
    ],
    ['var/lib/apt/lists/lock', 'var/lib/apt/extended_states'],
  ],
  [
    'apt-cache',
    [
      'var/cache/apt/pkgcache.bin',
      'var/cache/apt/srcpkgcache.bin',
      'var/cache/apt/archives/a.deb',
      'var/cache/apt/archives/partial/b.deb',
    ],
    ['var/cache/apt/archives/lock'],
  ],
  [
    'dnf-log',
    [
      'var/log/dnf.log',
      'var/log/dnf.rpm.log',
      'var/log/dnf.librepo.log.1',
      'var/log/hawkey.log',
      'var/log/yum.log-2026',
    ],
    ['var/log/dnf.logs/x'],
  ],
  [
    'dnf-history',
    [
      'var/lib/dnf/history.sqlite',
      'var/lib/dnf/history.sqlite-shm',
      'var/lib/dnf/history.sqlite-wal',
    ],
    ['var/lib/dnf/modulefailsafe/x', 'usr/lib/sysimage/libdnf5/transaction_history.sqlite'],
  ],
  ['ldconfig-aux-cache', ['var/cache/ldconfig/aux-cache'], ['etc/ld.so.cache']],
  [
    'fontconfig-cache',
    ['var/cache/fontconfig/0f-le64.cache-8'],
    ['var/cache/fontconfig/CACHEDIR.TAG', 'usr/lib/fontconfig/cache/0f-le64.cache-8'],
  ],
  [
    'man-cache',
    [
      'var/cache/man/index.db',
      'var/cache/man/de/index.db',
      'var/cache/man/cat1/x.1.gz',
      'var/cache/man/CACHEDIR.TAG',
    ],
    ['usr/share/man/man1/x.1'],
  ],
];

for (const [rule, gone, staying] of REMOVALS)
  test(`${rule}: what is named goes, what is not stays, directories stay`, async (t) => {
    const root = tempTree(t, Object.fromEntries([...gone, ...staying].map((one) => [one, 'x'])));
    const { plan: planned, result } = await scrub(root, { only: [rule] });
    assert.deepEqual(editsOf(planned).toSorted(), gone.map((one) => `remove ${one}`).toSorted());
    assert.deepEqual(result.diagnostics, []);
    for (const one of staying) assert.equal(readFileSync(join(root, one), 'utf8'), 'x');
    for (const one of gone) assert.ok(lstatSync(join(root, one, '..')).isDirectory());
  });

test('dnf-cache: whole repositories go, the folder itself and what packages own stay', async (t) => {
  const root = tempTree(t, {
    'var/cache/dnf/fedora-1a/repodata/x': 'x',
    'var/cache/dnf/fedora-1a/link': { link: '/etc' },
    'var/cache/dnf/kept/owned': 'x',
    'var/cache/dnf/kept/y': 'y',
    'var/cache/libdnf5/r/z': 'z',
    'var/cache/other/x': '',
  });
  await scrub(root, { only: ['dnf-cache'], ownership: { owned: ['var/cache/dnf/kept/owned'] } });
  assert.deepEqual([...listTree(join(root, 'var/cache/dnf')).keys()], ['', 'kept', 'kept/owned']);
  assert.deepEqual(readdirSync(join(root, 'var/cache/libdnf5')), []);
  assert.deepEqual(readdirSync(join(root, 'var/cache/other')), ['x']);
});

const PYTHON = {
  'lib/m.py': '',
  'lib/__pycache__/m.cpython-311.pyc': 'x',
  'lib/__pycache__/m.cpython-311.opt-1.pyc': 'x',
  'lib/gone/__pycache__/orphan.cpython-311.pyc': 'x',
  'lib/mixed/__pycache__/n.pyc': 'x',
  'lib/mixed/__pycache__/README': 'x',
  'lib/empty/__pycache__': null,
  'lib/old.py': '',
  'lib/old.pyc': 'x',
  'lib/sourceless.pyc': 'x',
} as const;

test('pyc-unowned: compiled modules go, with folders that become empty; a module without its source stays', async (t) => {
  const root = tempTree(t, PYTHON);
  assert.deepEqual(editsOf(await plan(root, { only: ['pyc-unowned'] })), [
    'remove lib/__pycache__/m.cpython-311.opt-1.pyc',
    'remove lib/__pycache__/m.cpython-311.pyc',
    'remove lib/__pycache__',
    'remove lib/gone/__pycache__/orphan.cpython-311.pyc',
    'remove lib/gone/__pycache__',
    'remove lib/mixed/__pycache__/n.pyc',
    'remove lib/old.pyc',
  ]);
  const { result } = await scrub(root, { only: ['pyc-unowned'] });
  assert.deepEqual(result.diagnostics, []);
});

test('pyc-unowned: what a package owns stays, and its folder with it', async (t) => {
  const root = tempTree(t, PYTHON);
  const ownership = { owned: ['lib/__pycache__/m.cpython-311.pyc', 'lib/gone/__pycache__'] };
  assert.deepEqual(editsOf(await plan(root, { only: ['pyc-unowned'], ownership })), [
    'remove lib/__pycache__/m.cpython-311.opt-1.pyc',
    'remove lib/gone/__pycache__/orphan.cpython-311.pyc',
    'remove lib/mixed/__pycache__/n.pyc',
    'remove lib/old.pyc',
  ]);
});

test('pyc-unowned: without a package database, or with one that cannot be read, nothing is unowned', async (t) => {
  const unknown: readonly FakeOwnership[] = [{ managers: [] }, { complete: false }];
  for (const ownership of unknown)
    assert.deepEqual(
      editsOf(await plan(tempTree(t, PYTHON), { only: ['pyc-unowned'], ownership })),
      [],
    );
});

test('pyc-all: owned ones too, only when asked for', async (t) => {
  const root = tempTree(t, PYTHON);
  const ownership = { owned: ['lib/__pycache__/m.cpython-311.pyc', 'lib/old.pyc'] };
  const planned = editsOf(await plan(root, { only: ['pyc-all'], ownership }));
  assert.ok(planned.includes('remove lib/__pycache__/m.cpython-311.pyc'));
  assert.ok(planned.includes('remove lib/__pycache__'));
  assert.ok(!planned.includes('remove lib/sourceless.pyc'));
  assert.ok(!editsOf(await plan(root, { ownership })).includes('remove lib/old.pyc'));
});
