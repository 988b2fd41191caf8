import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { AuditError } from '../../src/core/errors.js';
import type { TreePath } from '../../src/core/path.js';
import { catalogue, classify } from '../../src/scrub/catalogue/index.js';
import { scrubRules } from '../../src/scrub/index.js';
import { rulesMarkdown } from '../../src/scrub/rules-markdown.js';
import { selectRules } from '../../src/scrub/select.js';
import { compileGlob } from '../../src/util/glob.js';
import { repositoryRoot } from '../helpers/repository-root.js';

const ids = scrubRules.map((rule) => rule.id);

test('rules have unique kebab-case ids and say what they do', () => {
  assert.equal(new Set(ids).size, ids.length);
  for (const rule of scrubRules) {
    assert.match(rule.id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    for (const text of [rule.summary, rule.rationale, rule.source])
      assert.ok(text.length > 5, rule.id);
    assert.ok(rule.version >= 1);
    if (rule.wants !== 'every') for (const glob of rule.wants) compileGlob(glob);
  }
  assert.deepEqual(ids.slice(-2), ['mtime-clamp', 'overlay-xattrs']);
});

test('the default is what is on; --only and --skip are taken in registry order', () => {
  const choose = (
    only: readonly string[] | null,
    skip: readonly string[] = [],
    sourceDateEpoch: number | null = 1,
  ) => selectRules(scrubRules, { only, skip, sourceDateEpoch });
  assert.deepEqual(
    choose(null).rules,
    scrubRules.filter((rule) => rule.defaultOn),
  );
  assert.ok(!choose(null).rules.some((rule) => rule.id === 'pyc-all'));
  assert.deepEqual(
    choose(['pyc-all', 'machine-id']).rules.map((rule) => rule.id),
    ['machine-id', 'pyc-all'],
  );
  assert.deepEqual(
    choose(['pyc-all', 'machine-id'], ['pyc-all']).rules.map((rule) => rule.id),
    ['machine-id'],
  );
  const timeless = choose(null, [], null);
  assert.deepEqual(
    timeless.timeless,
    scrubRules.filter((rule) => rule.timeValued && rule.defaultOn).map((rule) => rule.id),
  );
  assert.ok(timeless.rules.every((rule) => !rule.timeValued));
});

test('profiles: strict adds what it says, report-only has nothing, --enable adds to a profile, not to --only', () => {
  const choose = (choice: Partial<Parameters<typeof selectRules>[1]>): readonly string[] =>
    selectRules(scrubRules, { only: null, skip: [], sourceDateEpoch: 1, ...choice }).rules.map(
      ({ id }) => id,
    );
  const standard = choose({ profile: 'default' });
  const strict = choose({ profile: 'strict' });
  assert.deepEqual(standard, choose({}));
  assert.deepEqual(
    strict.filter((id) => !standard.includes(id)),
    scrubRules.filter((rule) => rule.strict === true).map(({ id }) => id),
  );
  assert.ok(standard.every((id) => strict.includes(id)));
  for (const id of ['ssh-host-keys', 'snakeoil']) assert.ok(strict.includes(id), id);
  for (const id of ['ld-so-cache', 'pacman-keyring', 'iscsi-initiator', 'database-server-data'])
    assert.ok(!strict.includes(id) && ids.includes(id), id);
  assert.deepEqual(choose({ profile: 'report-only' }), []);
  assert.deepEqual(choose({ profile: 'report-only', only: ['log'], enable: ['pyc-all'] }), []);
  assert.ok(choose({ enable: ['ssh-host-keys'] }).includes('ssh-host-keys'));
  assert.deepEqual(choose({ only: ['log'], enable: ['ssh-host-keys'] }), ['log']);
  assert.deepEqual(choose({ only: ['log', 'ssh-host-keys'], skip: ['log'] }), ['ssh-host-keys']);
});

test('while a build runs inside the tree its temporary files are left, whatever was asked for', () => {
  const choice = { only: null, skip: [], sourceDateEpoch: 1, inPlace: true } as const;
  const inPlace = selectRules(scrubRules, choice).rules.map(({ id }) => id);
  assert.ok(!inPlace.includes('run-time-files') && !inPlace.includes('temporary-files'));
  assert.ok(inPlace.includes('log'));
  assert.deepEqual(selectRules(scrubRules, { ...choice, only: ['run-time-files'] }).rules, []);
});

test('rules that are off say so first; those that are on do not', () => {
  for (const { id, defaultOn, strict, rationale } of scrubRules) {
    assert.equal(rationale.startsWith('Off'), !defaultOn, id);
    assert.ok(!(defaultOn && strict === true), id);
  }
});

test('an unknown rule is a usage error that names the nearest', () => {
  for (const choice of [
    { only: ['mtime-clmap'], skip: [] },
    { only: null, skip: ['mtime-clmap'] },
  ])
    assert.throws(
      () => selectRules(scrubRules, { ...choice, sourceDateEpoch: 1 }),
      (error) =>
        error instanceof AuditError &&
        error.code === 'USAGE' &&
        error.hint?.includes('mtime-clamp') === true,
    );
});

test('catalogue rows have unique ids, and name rules that exist', () => {
  assert.equal(new Set(catalogue.map((row) => row.id)).size, catalogue.length);
  for (const row of catalogue) {
    assert.match(row.id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.ok(row.rule === null || ids.includes(row.rule), `${row.id} names the rule ${row.rule}`);
    for (const text of [row.what, row.remedy])
      assert.ok(!text.endsWith('.') && text.length > 5, row.id);
    if (row.rule === null)
      for (const text of [row.why, row.source])
        assert.ok(!text.endsWith('.') && text.length > 5, row.id);
  }
});

const NAMED: Readonly<Record<string, string | null>> = {
  'etc/machine-id': 'machine-id',
  'usr/etc/machine-id': 'machine-id',
  'var/cache/ldconfig/aux-cache': 'ldconfig-aux-cache',
  'usr/lib/sysimage/rpm/rpmdb.sqlite': 'rpmdb',
  'usr/share/rpm/rpmdb.sqlite-wal': 'rpmdb-journal',
  'usr/lib/modules/6.1/initramfs.img': 'initramfs',
  'boot/initrd.img-6.1.0-1-amd64': 'initramfs',
  'usr/lib/ostree-boot/initramfs-6.1.img': 'initramfs',
  'usr/lib/python3/__pycache__/a.cpython-311.pyc': 'pyc',
  'var/cache/fontconfig/0-le64.cache-8': 'fontconfig-cache',
  'var/cache/man/index.db': 'man-cache',
  'etc/ssh/ssh_host_rsa_key': 'ssh-host-keys',
  'etc/ssh/ssh_host_rsa_key.pub': 'ssh-host-keys',
  'etc/ssl/private/ssl-cert-snakeoil.key': 'snakeoil',
  'var/lib/systemd/random-seed': 'random-seed',
  'etc/shadow': 'shadow',
  'var/log/dpkg.log': 'dpkg-log',
  'var/log/apt/term.log': 'apt-log',
  'var/log/anything.log': 'log',
  'etc/pki/ca-trust/extracted/java/cacerts': 'java-keystore',
  'etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem': 'ca-trust',
  'usr/lib/os-release': 'os-release',
  'usr/lib/locale/locale-archive': 'locale-archive',
  'var/lib/systemd/catalog/database': 'systemd-catalog',
  'usr/lib/udev/hwdb.bin': 'hwdb',
  'etc/selinux/targeted/policy/policy.33': 'selinux-store',
  'etc/ld.so.cache': 'ld-so-cache',
  'var/lib/dpkg/status': 'dpkg-database',
  'var/lib/dpkg/status-old': 'dpkg-old',
  'usr/bin/true': null,
  'etc/machine-id2': null,
  'srv/etc/machine-id': null,
  '': null,
};

test('paths are named by the most specific row', () => {
  for (const [path, row] of Object.entries(NAMED))
    assert.equal(classify(path as TreePath)?.row ?? null, row, path);
});

/** Seen to find one link among many, which no glob could name. */
const LINKS: readonly string[] = ['etc/ssl/certs/*.[0-9]*'];

test('what a rule removes is named by a row of that rule', () => {
  const sample = (glob: string): string =>
    glob
      .replace(/\*\*/g, 'x')
      .replace(/\[[^\]]*\]/g, '1')
      .replace(/\*/g, 'x');
  for (const rule of scrubRules.filter(({ wants }) => wants !== 'every'))
    for (const glob of (rule.wants as readonly string[]).filter((one) => !one.includes('{')))
      assert.ok(
        classify(sample(glob) as TreePath) !== null || LINKS.includes(glob),
        `${rule.id}: ${glob}`,
      );
});

test('docs/rules.md is what the rules say', () => {
  const file = join(repositoryRoot(), 'docs', 'rules.md');
  const text = rulesMarkdown(scrubRules, catalogue);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  assert.equal(readFileSync(file, 'utf8'), text, 'run with UPDATE_GOLDEN=1');
});
