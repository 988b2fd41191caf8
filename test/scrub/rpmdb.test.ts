import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { RPM_TAG, rpmNumber } from '../../src/formats/rpm-header.js';
import { readRpmdb } from '../../src/formats/rpmdb.js';
import { isWalMode } from '../../src/formats/sqlite-file.js';
import { rpmdbJournal } from '../../src/scrub/rules/rpmdb-journal.js';
import { rpmdb } from '../../src/scrub/rules/rpmdb.js';
import { addPackage, createRpmdb, type TestPackage } from '../formats/build-rpmdb.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { buildRpms, DATABASE, installRpms, rpm, rpmdb as rpmdbTool } from '../packages/rpm-root.js';
import { applyEdits, planRpmRules } from './rpmdb-edits.js';

const EPOCH = 1700000000;
const PACKAGES: readonly TestPackage[] = [{ name: 'one' }, { name: 'two' }, { name: 'three' }];

/** A root whose database is caught with its log: the log holds everything after the first `checkpointed` packages. */
function rootWithLog(t: TestContext, checkpointed: number, time: number, path = DATABASE): string {
  const root = tempTree(t, { [dirname(path)]: null });
  const file = join(tempFolder(t), 'rpmdb.sqlite');
  const items = PACKAGES.map((item) => ({ ...item, installTime: time, installTid: time }));
  const database = createRpmdb(file, items.slice(0, checkpointed));
  database.pragma('wal_checkpoint(TRUNCATE)');
  for (const item of items.slice(checkpointed)) addPackage(database, item);
  for (const suffix of ['', '-wal', '-shm'])
    cpSync(`${file}${suffix}`, join(root, `${path}${suffix}`));
  database.close();
  return root;
}

function digest(root: string, path = DATABASE): string {
  return createHash('sha256')
    .update(readFileSync(join(root, path)))
    .digest('hex');
}

function names(root: string, path = DATABASE): readonly string[] {
  return readdirSync(join(root, dirname(path))).toSorted();
}

test('Times and ids become the epoch, the log is taken in, the sidecars go', (t) => {
  const root = rootWithLog(t, 1, 1800000000);
  const { edits, diagnostics } = planRpmRules(root, EPOCH);
  assert.deepEqual(
    edits.map(({ kind, path, rule }) => [kind, path, rule]),
    [
      ['rewrite', DATABASE, 'rpmdb'],
      ['remove', `${DATABASE}-wal`, 'rpmdb'],
      ['rewrite', DATABASE, 'rpmdb'],
      ['remove', `${DATABASE}-shm`, 'rpmdb'],
    ],
  );
  assert.equal(new Set(edits.map(({ sequence }) => sequence)).size, 1);
  assert.deepEqual(diagnostics, []);
  applyEdits(root, edits);
  assert.deepEqual(names(root), ['rpmdb.sqlite']);
  const bytes = readFileSync(join(root, DATABASE));
  assert.equal(isWalMode(bytes), false);
  assert.deepEqual(
    [...readRpmdb(bytes, null)].map((header) => rpmNumber(header, RPM_TAG.INSTALLTIME)),
    [EPOCH, EPOCH + 1, EPOCH + 2],
  );
});

test('Databases of equal packages become one, and a second run plans nothing', (t) => {
  const roots = [
    rootWithLog(t, 0, 1800000000),
    rootWithLog(t, 2, 1800000777),
    rootWithLog(t, 3, 1900000000),
  ];
  for (const root of roots) {
    applyEdits(root, planRpmRules(root, EPOCH).edits);
    assert.deepEqual(planRpmRules(root, EPOCH).edits, []);
    assert.deepEqual(planRpmRules(root, null).edits, []);
  }
  assert.equal(new Set(roots.map((root) => digest(root))).size, 1);
});

test('Without an epoch only the journal changes, and what was installed when stays', (t) => {
  const root = rootWithLog(t, 1, 1800000000);
  const { edits } = planRpmRules(root, null);
  assert.deepEqual(
    edits.map(({ kind, path, rule }) => [kind, path, rule]),
    [
      ['rewrite', DATABASE, 'rpmdb-journal'],
      ['remove', `${DATABASE}-wal`, 'rpmdb-journal'],
      ['remove', `${DATABASE}-shm`, 'rpmdb-journal'],
    ],
  );
  applyEdits(root, edits);
  const headers = [...readRpmdb(readFileSync(join(root, DATABASE)), null)];
  assert.deepEqual(
    headers.map((header) => rpmNumber(header, RPM_TAG.INSTALLTIME)),
    [1800000000, 1800000000, 1800000000],
  );
  assert.deepEqual(planRpmRules(root, null).edits, []);
});

test('A database that only has the mark of a log is marked anew, in place of one rewrite', (t) => {
  const root = tempTree(t, { [dirname(DATABASE)]: null });
  createRpmdb(join(root, DATABASE), PACKAGES).close();
  const before = readFileSync(join(root, DATABASE));
  const { edits } = planRpmRules(root, null);
  assert.equal(edits.length, 1);
  applyEdits(root, edits);
  const after = readFileSync(join(root, DATABASE));
  assert.deepEqual(
    [...after.keys()].filter((i) => after[i] !== before[i]),
    [18, 19],
  );
});

test('Hard-linked names are one plan and stay one file', (t) => {
  const path = 'usr/share/rpm/rpmdb.sqlite';
  const twin = 'usr/lib/sysimage/rpm-ostree-base-db/rpmdb.sqlite';
  const root = rootWithLog(t, 1, 1800000000, path);
  mkdirSync(join(root, dirname(twin)), { recursive: true });
  linkSync(join(root, path), join(root, twin));
  const { edits } = planRpmRules(root, EPOCH);
  assert.deepEqual(
    edits.map(({ kind, path: edited }) => [kind, edited]),
    [
      ['rewrite', path],
      ['remove', `${path}-wal`],
      ['rewrite', path],
      ['remove', `${path}-shm`],
    ],
  );
  applyEdits(root, edits);
  assert.equal(lstatSync(join(root, path)).ino, lstatSync(join(root, twin)).ino);
  assert.equal([...readRpmdb(readFileSync(join(root, twin)), null)].length, 3);
  assert.deepEqual(planRpmRules(root, EPOCH).edits, []);
});

test('Linked names with different logs are left alone and reported', (t) => {
  const path = 'usr/share/rpm/rpmdb.sqlite';
  const twin = 'usr/lib/sysimage/rpm-ostree-base-db/rpmdb.sqlite';
  const root = rootWithLog(t, 1, 1800000000, path);
  mkdirSync(join(root, dirname(twin)), { recursive: true });
  linkSync(join(root, path), join(root, twin));
  writeFileSync(join(root, `${twin}-wal`), 'another log');
  const { edits, diagnostics } = planRpmRules(root, null);
  assert.deepEqual(edits, []);
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['format'],
  );
});

test('Damage and a waiting journal are reported, and nothing is touched', (t) => {
  const damaged = rootWithLog(t, 3, 1800000000);
  const bytes = readFileSync(join(damaged, DATABASE));
  bytes.fill(0x55, 4096, 5000);
  writeFileSync(join(damaged, DATABASE), bytes);
  const waiting = rootWithLog(t, 3, 1800000000);
  writeFileSync(
    join(waiting, `${DATABASE}-journal`),
    Buffer.from('d9d505f920a163d7ffffffff', 'hex'),
  );
  const empty = tempTree(t, { [DATABASE]: '' });
  for (const root of [damaged, waiting, empty])
    for (const epoch of [EPOCH, null]) {
      const { edits, diagnostics } = planRpmRules(root, epoch);
      assert.deepEqual(edits, []);
      assert.ok(diagnostics.length > 0);
      assert.ok(diagnostics.every(({ code }) => code === 'format'));
    }
});

test('A database that cannot be read is reported', (t) => {
  const root = rootWithLog(t, 1, 1800000000);
  const denied = (): never => {
    throw Object.assign(new Error('EACCES: open'), { code: 'EACCES' });
  };
  const { edits, diagnostics } = planRpmRules(root, EPOCH, [rpmdb], { read: denied });
  assert.deepEqual(edits, []);
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['unreadable'],
  );
});

test('Lock files go, what a package ships or another program keeps there stays', (t) => {
  const folder = 'var/lib/rpm';
  const locks = ['.rpm.lock', '.dbenv.lock', '.keyring.lock', '__db.001'];
  const root = tempTree(t, {
    ...Object.fromEntries(locks.map((name) => [`${folder}/${name}`, ''])),
    [`${folder}/__dbx`]: '',
    [`${folder}/pubkeys/key`]: 'key',
  });
  createRpmdb(join(root, folder, 'rpmdb.sqlite'), [
    {
      name: 'rpm',
      files: [
        { path: '/var/lib/rpm/.keyring.lock' },
        { path: '/var/lib/rpm/.rpm.lock', flags: 64 },
      ],
    },
  ]).close();
  const { edits } = planRpmRules(root, null);
  assert.deepEqual(
    edits.filter(({ rule }) => rule === 'rpm-locks').map(({ path }) => path),
    ['.dbenv.lock', '.rpm.lock', '__db.001'].map((name) => `${folder}/${name}`),
  );
});

test('Sidecars without a database are not ours', (t) => {
  const root = tempTree(t, { [`${DATABASE}-wal`]: 'x', [`${DATABASE}-shm`]: 'y' });
  assert.deepEqual(planRpmRules(root, EPOCH), { edits: [], diagnostics: [] });
});

const ORACLE = { skip: needs('rpm', 'rpmbuild', 'rpmdb') || needsRoot() };

/** All that rpm can say; asked on a copy, because asking as root makes sidecars. */
function asRpmTellsIt(t: TestContext, root: string, file: string): readonly string[] {
  const copy = join(tempFolder(t), 'root');
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  return [
    rpm(copy, '-qa').split('\n').toSorted().join('\n'),
    // Exit 0 and an empty answer mean that all files are as their packages have them.
    rpm(copy, '-Va', '--nodeps', '--nouser', '--nogroup', '--nomtime'),
    rpm(copy, '-qf', file),
    rpm(copy, '-qa', '--dump').split('\n').toSorted().join('\n'),
    rpmdbTool(copy, '--verifydb'),
  ];
}

test(
  'rpm sees the same before and after, and writes the same itself under an epoch',
  ORACLE,
  (t) => {
    const rpms = buildRpms();
    const roots = [
      installRpms(t, [rpms]),
      installRpms(
        t,
        rpms.map((one) => [one]),
      ),
    ];
    for (const root of roots) {
      const before = asRpmTellsIt(t, root, '/usr/bin/tool');
      const { edits, diagnostics } = planRpmRules(root, EPOCH);
      assert.deepEqual(diagnostics, []);
      applyEdits(root, edits);
      assert.deepEqual(names(root), ['rpmdb.sqlite']);
      assert.deepEqual(asRpmTellsIt(t, root, '/usr/bin/tool'), before);
      assert.deepEqual(planRpmRules(root, EPOCH).edits, []);
    }
    assert.equal(digest(roots[0]!), digest(roots[1]!));
    const times = rpm(roots[0]!, '-qa', '--qf', '%{DBINSTANCE} %{INSTALLTIME} %{INSTALLTID}\\n');
    assert.deepEqual(times.trimEnd().split('\n').toSorted(), [
      `1 ${EPOCH} ${EPOCH}`,
      `2 ${EPOCH + 1} ${EPOCH}`,
      `3 ${EPOCH + 2} ${EPOCH}`,
    ]);
  },
);

test('rpm goes on installing and removing in a settled database', ORACLE, (t) => {
  const rpms = buildRpms();
  const root = installRpms(t, [rpms]);
  applyEdits(root, planRpmRules(root, EPOCH).edits);
  rpm(root, '-e', '--nodeps', 'c-meta');
  rpm(root, '-i', '--nodeps', '--nosignature', '--noplugins', '--force-debian', rpms[2]!);
  rpmdbTool(root, '--verifydb');
  assert.equal(rpm(root, '-q', '--whatrequires', 'a-base').trim(), 'b-exempt-1.2-3.noarch');
  assert.equal(rpm(root, '-qa').trim().split('\n').length, 3);
});

test('Anyone can ask rpm in a read-only folder afterwards, not before', ORACLE, (t) => {
  const root = installRpms(t, [buildRpms()]);
  const ask = (): string => {
    const folder = join(tempFolder(t), 'db');
    cpSync(join(root, dirname(DATABASE)), folder, { recursive: true });
    for (const name of readdirSync(folder))
      if (name === 'rpmdb.sqlite') chmodSync(join(folder, name), 0o444);
      else execFileSync('rm', [join(folder, name)]);
    chmodSync(folder, 0o555);
    chmodSync(dirname(folder), 0o755);
    const options = ['--dbpath', folder, '--define', '_db_backend sqlite', '-qa'];
    try {
      return execFileSync('rpm', options, {
        uid: 65534,
        gid: 65534,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return '';
    }
  };
  assert.equal(ask(), '');
  applyEdits(root, planRpmRules(root, null, [rpmdbJournal]).edits);
  assert.equal(ask().trim().split('\n').length, 3);
  assert.equal(existsSync(join(root, `${DATABASE}-shm`)), false);
});
