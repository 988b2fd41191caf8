import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import type { ScrubRule } from '../../src/scrub/define.js';
import { rpmdbCanonical } from '../../src/scrub/rules/rpmdb-canonical.js';
import { rpmdbJournal } from '../../src/scrub/rules/rpmdb-journal.js';
import { rpmLocks } from '../../src/scrub/rules/rpmdb-locks.js';
import { rpmdb } from '../../src/scrub/rules/rpmdb.js';
import { scrubRules } from '../../src/scrub/index.js';
import { selectRules } from '../../src/scrub/select.js';
import { createRpmdb } from '../formats/build-rpmdb.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { buildLot, type RpmLot } from '../packages/rpm-lot.js';
import {
  addRpms,
  buildRpms,
  DATABASE,
  installRpms,
  rpm,
  rpmdb as rpmdbTool,
} from '../packages/rpm-root.js';
import { applyEdits, planRpmRules } from './rpmdb-edits.js';

const EPOCH = 1700000000;
const RULES: readonly ScrubRule[] = [rpmdbCanonical, rpmdb, rpmdbJournal, rpmLocks];
const RPM = needs('rpm', 'rpmbuild', 'rpmdb') || needsRoot();

let lot: RpmLot | null = null;

function theLot(): RpmLot {
  lot ??= buildLot({ sign: needs('gpg', 'gpgconf', 'rpmsign') === false });
  return lot;
}

/** Plans and applies; returns the digest of the database. A second plan must be empty. */
function canonical(root: string): string {
  const { edits, diagnostics } = planRpmRules(root, EPOCH, RULES);
  assert.deepEqual(diagnostics, []);
  assert.ok(edits.some(({ rule }) => rule === 'rpmdb-canonical'));
  applyEdits(root, edits);
  assert.deepEqual(planRpmRules(root, EPOCH, RULES).edits, []);
  // The other way of settling it finds nothing left to do either.
  assert.deepEqual(planRpmRules(root, EPOCH, [rpmdb]).edits, []);
  assert.deepEqual(readdirSync(join(root, dirname(DATABASE))), ['rpmdb.sqlite']);
  return createHash('sha256')
    .update(readFileSync(join(root, DATABASE)))
    .digest('hex');
}

/** What rpm can say but for numbers and times; asked on a copy, because asking as root makes sidecars. */
function asRpmTellsIt(t: TestContext, root: string): readonly string[] {
  const copy = join(tempFolder(t), 'root');
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  const sorted = (text: string): string => text.split('\n').toSorted().join('\n');
  const identity = '%{NEVRA} %{SHA256HEADER} %{SIGMD5} %{RSAHEADER:pgpsig} %{DSAHEADER:pgpsig}\\n';
  return [
    sorted(rpm(copy, '-qa', '--qf', identity)),
    sorted(rpm(copy, '-qa', '--provides', '--requires')),
    sorted(rpm(copy, '-qa', '--dump')),
    // Exit 0 and an empty answer mean that all files are as their packages have them.
    rpm(copy, '-Va', '--nodeps', '--nouser', '--nogroup', '--nomtime'),
    rpmdbTool(copy, '--verifydb'),
  ];
}

function names(root: string): readonly string[] {
  return rpm(root, '-qa', '--qf', '%{NAME} %{EPOCH} %{VERSION}\\n').trimEnd().split('\n');
}

test(
  'Histories of five hundred packages, two kernels and two keys end in one database',
  { skip: RPM },
  (t) => {
    const { many, kernels, signed, keys } = theLot();
    const all = [...many, ...kernels, ...signed];
    const atOnce = installRpms(t, [all]);
    for (const key of keys) rpm(atOnce, '--import', key);

    const backwards = installRpms(t, []);
    for (const key of keys.toReversed()) rpm(backwards, '--import', key);
    const order = all.toReversed();
    for (let i = 0; i < order.length; i += 150) addRpms(backwards, order.slice(i, i + 150));

    // With removals, so that numbers have gaps and pages were free.
    const detour = installRpms(t, [kernels, [...buildRpms(), ...many.slice(100)]]);
    rpm(detour, '-e', '--nodeps', 'a-base', 'b-exempt', 'lot-300', 'kernel-5.10');
    for (const key of keys) rpm(detour, '--import', key);
    addRpms(detour, [...signed, ...many.slice(0, 100)]);
    rpm(detour, '-e', '--nodeps', 'c-meta');
    addRpms(detour, [many[300]!, kernels[0]!]);

    const roots = [atOnce, backwards, detour];
    const before = asRpmTellsIt(t, atOnce);
    const digests = roots.map((root) => canonical(root));
    assert.equal(new Set(digests).size, 1);
    for (const root of roots) assert.deepEqual(asRpmTellsIt(t, root), before);

    const told = names(backwards);
    const number = (epoch: string): number => (epoch === '(none)' ? -1 : Number(epoch));
    const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
    const sorted = told.toSorted((a, b) => {
      const [x, y] = [a.split(' '), b.split(' ')] as [string[], string[]];
      return byBytes(x[0]!, y[0]!) || number(x[1]!) - number(y[1]!) || byBytes(x[2]!, y[2]!);
    });
    assert.deepEqual(told, sorted);
    assert.equal(told.length, 520 + 2 + signed.length + keys.length);
    const instances = rpm(
      backwards,
      '-qa',
      '--qf',
      '%{DBINSTANCE} %{INSTALLTIME} %{INSTALLTID}\\n',
    );
    assert.deepEqual(
      instances.trimEnd().split('\n'),
      told.map((_, i) => `${i + 1} ${EPOCH + i} ${EPOCH}`),
    );
    assert.equal(rpm(backwards, '-qf', '/boot/vmlinuz-6.1').trim(), 'kernel-6.1-1.noarch');
  },
);

test(
  'Signatures and keys are as before, and rpm checks packages against the keys in the database',
  { skip: RPM || needs('gpg', 'gpgconf', 'rpmsign') },
  (t) => {
    const { signed, keys } = theLot();
    const root = installRpms(t, [signed]);
    for (const key of keys) rpm(root, '--import', key);
    const before = asRpmTellsIt(t, root);
    assert.match(before[0]!, /RSA\/SHA/);
    canonical(root);
    assert.deepEqual(asRpmTellsIt(t, root), before);
    assert.equal(rpm(root, '-q', 'gpg-pubkey').trimEnd().split('\n').length, 2);
    const options = ['--dbpath', join(root, dirname(DATABASE)), '--define', '_db_backend sqlite'];
    for (const file of signed)
      assert.match(
        execFileSync('rpmkeys', [...options, '--checksig', file], { encoding: 'utf8' }),
        /digests signatures OK/,
      );
  },
);

test(
  'rpm goes on installing, removing and importing in a canonical database',
  { skip: RPM },
  (t) => {
    const { kernels, keys } = theLot();
    const root = installRpms(t, [buildRpms().toReversed(), kernels.toReversed()]);
    canonical(root);
    assert.deepEqual(names(root), [
      'a-base (none) 1.2',
      'b-exempt 4 1.2',
      'c-meta (none) 1.2',
      'kernel (none) 5.10',
      'kernel (none) 6.1',
    ]);
    rpm(root, '-e', '--nodeps', 'kernel-5.10', 'a-base');
    addRpms(root, [buildRpms()[0]!]);
    if (keys.length > 0) rpm(root, '--import', keys[0]!);
    rpmdbTool(root, '--verifydb');
    assert.equal(rpm(root, '-qf', '/usr/bin/tool').trim(), 'a-base-1.2-3.noarch');
    assert.equal(rpm(root, '-q', '--whatrequires', 'a-base').trim(), 'b-exempt-1.2-3.noarch');
    rpm(root, '-e', '--nodeps', 'b-exempt');
    canonical(root);
  },
);

test('Anyone can ask rpm in a read-only tree', { skip: RPM }, (t) => {
  const root = installRpms(t, [theLot().kernels, buildRpms()]);
  canonical(root);
  const folder = join(root, dirname(DATABASE));
  chmodSync(join(folder, 'rpmdb.sqlite'), 0o444);
  chmodSync(folder, 0o555);
  chmodSync(dirname(root), 0o755);
  const ask = (...query: readonly string[]): string =>
    execFileSync('rpm', ['--dbpath', folder, '--define', '_db_backend sqlite', ...query], {
      uid: 65534,
      gid: 65534,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  assert.equal(ask('-qa').trim().split('\n').length, 5);
  assert.equal(ask('-q', '--whatprovides', 'kernel').trim().split('\n').length, 2);
  assert.deepEqual(readdirSync(folder), ['rpmdb.sqlite']);
});

test('The twin of rpm-ostree stays the same file', { skip: RPM }, (t) => {
  const root = installRpms(t, [buildRpms()]);
  const twin = 'usr/lib/sysimage/rpm-ostree-base-db/rpmdb.sqlite';
  mkdirSync(join(root, dirname(twin)), { recursive: true });
  linkSync(join(root, DATABASE), join(root, twin));
  canonical(root);
  assert.equal(lstatSync(join(root, DATABASE)).ino, lstatSync(join(root, twin)).ino);
});

test('A log is taken in and removed before the database is replaced, and the index of the log goes last', (t) => {
  const root = tempTree(t, { [dirname(DATABASE)]: null });
  const file = join(tempFolder(t), 'rpmdb.sqlite');
  const database = createRpmdb(file, [{ name: 'z' }, { name: 'a' }]);
  for (const suffix of ['', '-wal', '-shm'])
    cpSync(`${file}${suffix}`, join(root, `${DATABASE}${suffix}`));
  database.close();
  const { edits, diagnostics } = planRpmRules(root, EPOCH, RULES);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(
    edits.map(({ kind, path, rule }) => [kind, path, rule]),
    [
      ['rewrite', DATABASE, 'rpmdb-canonical'],
      ['remove', `${DATABASE}-wal`, 'rpmdb-canonical'],
      ['rewrite', DATABASE, 'rpmdb-canonical'],
      ['remove', `${DATABASE}-shm`, 'rpmdb-canonical'],
    ],
  );
  assert.equal(new Set(edits.map(({ sequence }) => sequence)).size, 1);
  applyEdits(root, edits);
  assert.deepEqual(planRpmRules(root, EPOCH, RULES).edits, []);
});

test('A mode exchanges the rules that were chosen and adds none', () => {
  const choose = (
    rpmdbMode: 'patch' | 'canonical' | 'off' | null,
    only: readonly string[] | null,
  ) =>
    selectRules(scrubRules, { only, skip: [], sourceDateEpoch: 1, rpmdb: rpmdbMode })
      .rules.map(({ id }) => id)
      .filter((id) => id.startsWith('rpmdb') || only !== null);
  assert.deepEqual(choose(null, null), ['rpmdb', 'rpmdb-journal']);
  assert.deepEqual(choose('patch', null), ['rpmdb', 'rpmdb-journal']);
  assert.deepEqual(choose('canonical', null), ['rpmdb-canonical', 'rpmdb-journal']);
  assert.deepEqual(choose('off', null), []);
  assert.deepEqual(choose('canonical', ['machine-id', 'rpmdb']), ['machine-id', 'rpmdb-canonical']);
  assert.deepEqual(choose('patch', ['rpmdb', 'rpmdb-canonical']), ['rpmdb']);
  assert.deepEqual(choose('canonical', ['rpmdb', 'rpmdb-canonical']), ['rpmdb-canonical']);
  assert.deepEqual(choose('canonical', ['machine-id']), ['machine-id']);
});
