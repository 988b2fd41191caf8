/** Rules that look before they plan. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chownSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { needs, needsRoot } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import { editsOf, EPOCH, plan, scrub } from './support.js';

const KEYS = {
  'etc/ssh/ssh_host_rsa_key': 'x',
  'etc/ssh/ssh_host_rsa_key.pub': 'x',
  'etc/ssh/sshd_config': 'x',
} as const;
const KEYS_REMOVED = ['remove etc/ssh/ssh_host_rsa_key', 'remove etc/ssh/ssh_host_rsa_key.pub'];
const UNITS = {
  'usr/lib/systemd/system/sshd-keygen.target': '',
  'usr/lib/systemd/system/sshd-keygen@.service': '',
} as const;

test('ssh-host-keys: by name or in strict alone; by default only where units make new ones', async (t) => {
  const plain = tempTree(t, KEYS);
  assert.deepEqual(editsOf(await plan(plain)), []);
  assert.deepEqual(editsOf(await plan(plain, { only: ['ssh-host-keys'] })), KEYS_REMOVED);
  assert.deepEqual(editsOf(await plan(tempTree(t, { ...KEYS, ...UNITS }))), KEYS_REMOVED);
  const masked = {
    'etc/systemd/system/sshd-keygen@.service': { link: '/dev/null' },
  } as const;
  assert.deepEqual(editsOf(await plan(tempTree(t, { ...KEYS, ...UNITS, ...masked }))), []);
  const half = { 'usr/lib/systemd/system/sshd-keygen.target': '' };
  assert.deepEqual(editsOf(await plan(tempTree(t, { ...KEYS, ...half }))), []);
});

test('snakeoil: the pair and the link to it, no other certificate', async (t) => {
  const root = tempTree(t, {
    'etc/ssl/certs/ssl-cert-snakeoil.pem': 'x',
    'etc/ssl/private/ssl-cert-snakeoil.key': 'x',
    'etc/ssl/certs/62742064.0': { link: 'ssl-cert-snakeoil.pem' },
    'etc/ssl/certs/0b1b94ef.0': { link: 'CFCA_EV_ROOT.pem' },
    'etc/ssl/certs/ca-certificates.crt': 'x',
    'etc/ssl/private/other.key': 'x',
  });
  assert.deepEqual(editsOf(await plan(root)), []);
  const { plan: planned } = await scrub(root, { only: ['snakeoil'] });
  assert.deepEqual(editsOf(planned), [
    'remove etc/ssl/certs/62742064.0',
    'remove etc/ssl/certs/ssl-cert-snakeoil.pem',
    'remove etc/ssl/private/ssl-cert-snakeoil.key',
  ]);
  assert.deepEqual((await plan(root, { only: ['snakeoil'] })).edits, []);
});

test('injected-host-files: what is empty, and markers; never what somebody wrote', async (t) => {
  const only = ['injected-host-files'];
  const empty = { 'etc/hostname': '', 'etc/hosts': '', 'etc/resolv.conf': '', '.dockerenv': '' };
  const root = tempTree(t, { ...empty, 'run/.containerenv': 'engine="podman"' });
  assert.equal(editsOf(await plan(root, { only })).length, 5);
  const written = tempTree(t, {
    'etc/hostname': 'h\n',
    'etc/hosts': '127.0.0.1 h\n',
    'etc/resolv.conf': { link: '/run/systemd/resolve/stub-resolv.conf' },
  });
  assert.deepEqual(editsOf(await plan(written, { only })), []);
});

test(
  'log: what root wrote goes, what a service wrote is emptied',
  { skip: needsRoot() },
  async (t) => {
    const root = tempTree(t, {
      'var/log/messages': 'x',
      'var/log/old/a.log.1': 'x',
      'var/log/service.log': 'x',
      'var/log/service-empty.log': '',
      'var/log/wtmp': 'x',
      'var/log/link': { link: '/dev/stdout' },
      'var/log/owned': 'x',
    });
    for (const name of ['service.log', 'service-empty.log'])
      chownSync(join(root, 'var/log', name), 33, 33);
    const options = { only: ['log'], ownership: { owned: ['var/log/owned'] } };
    const { plan: planned } = await scrub(root, options);
    assert.deepEqual(editsOf(planned), [
      'remove var/log/messages',
      'remove var/log/old/a.log.1',
      'truncate var/log/service.log',
    ]);
    assert.equal(lstatSync(join(root, 'var/log/service.log')).uid, 33);
    assert.deepEqual(editsOf(await plan(root, options)), []);
  },
);

test('run-time-files: files and links go, directories and all of /run/lock stay', async (t) => {
  const root = tempTree(t, {
    'run/x.pid': '1',
    'run/shm': { link: '/dev/shm' },
    'run/sshd': null,
    'run/d/stamp': '',
    'run/lock/subsys/x': '',
  });
  const { plan: planned } = await scrub(root);
  assert.deepEqual(editsOf(planned), ['remove run/d/stamp', 'remove run/shm', 'remove run/x.pid']);
  for (const name of ['sshd', 'd', 'lock/subsys'])
    assert.ok(lstatSync(join(root, 'run', name)).isDirectory());
});

const SHADOW = [
  'root:$y$j9T$x:19000:0:90:7:::',
  'locked:!:19000::::::',
  'expired:$6$x:0:::::',
  'ageless:$6$x::::::',
  'open::19000:::::',
  'bad:$6$x:1x:::::',
  'short:$6$',
  '',
].join('\n');

test('shadow-lastchange-all: accounts with a password get the day of the epoch, others stay', async (t) => {
  const only = ['shadow-lastchange-all'];
  const root = tempTree(t, { 'etc/shadow': SHADOW });
  await scrub(root, { only });
  const day = Math.floor(EPOCH / 86_400);
  const expected = SHADOW.replace('x:19000', `x:${day}`).replace('open::19000', `open::${day}`);
  assert.equal(readFileSync(join(root, 'etc/shadow'), 'utf8'), expected);
  assert.deepEqual((await plan(root, { only })).edits, []);
  assert.deepEqual((await plan(root, { only, epoch: null })).edits, []);
  const early = tempTree(t, { 'etc/shadow': 'a:x:5:\n' });
  await scrub(early, { only, epoch: 0 });
  assert.equal(readFileSync(join(early, 'etc/shadow'), 'utf8'), 'a:x:1:\n');
});

test('both shadow rules in one run do the work of both', async (t) => {
  const root = tempTree(t, { 'etc/shadow': SHADOW });
  const only = ['shadow-lastchange', 'shadow-lastchange-all'];
  const { result } = await scrub(root, { only });
  assert.deepEqual(result.diagnostics, []);
  const text = readFileSync(join(root, 'etc/shadow'), 'utf8');
  assert.match(text, /^locked:!::/m);
  assert.match(text, new RegExp(`^root:.*:${Math.floor(EPOCH / 86_400)}:0`, 'm'));
  assert.deepEqual((await plan(root, { only })).edits, []);
});

const DESC = '%NAME%\nfoo\n\n%VERSION%\n1-1\n\n%INSTALLDATE%\n1700000001\n\n%SIZE%\n1\n\n';

test('pacman-install-date: one number changes and no other byte', async (t) => {
  const only = ['pacman-install-date'];
  const entry = 'var/lib/pacman/local/foo-1-1/desc';
  const odd = [
    DESC.replace('1700000001', 'soon'),
    DESC.replace('%INSTALLDATE%', 'x%INSTALLDATE%'),
    DESC.replace('1700000001\n', '1\n2\n'),
    '',
  ];
  for (const text of odd)
    assert.deepEqual(editsOf(await plan(tempTree(t, { [entry]: text }), { only })), []);
  const root = tempTree(t, { [entry]: DESC });
  await scrub(root, { only });
  const fixed = DESC.replace('1700000001', String(EPOCH));
  assert.equal(readFileSync(join(root, entry), 'utf8'), fixed);
  assert.deepEqual((await plan(root, { only })).edits, []);
});

test('pacman-install-date: pacman reads it as before', { skip: needs('pacman') }, async (t) => {
  const database = 'var/lib/pacman';
  const root = tempTree(t, {
    [`${database}/local/foo-1-1/desc`]: DESC,
    [`${database}/local/foo-1-1/files`]: '%FILES%\n',
    [`${database}/local/ALPM_DB_VERSION`]: '9\n',
    [`${database}/sync`]: null,
  });
  const pacman = (...args: string[]): string => {
    const words = ['-r', root, '-b', join(root, database), ...args];
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };
    const { status, stdout, stderr } = spawnSync('pacman', words, { encoding: 'utf8', env });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const before = pacman('-Qi', 'foo');
  await scrub(root, { only: ['pacman-install-date'] });
  const after = pacman('-Qi', 'foo');
  const without = (text: string): string => text.replace(/^Install Date.*$/m, '');
  assert.equal(without(after), without(before));
  assert.match(after, /^Install Date +: Sun Sep 13 12:26:40 2020$/m);
  pacman('-Dk');
});

const PASSWD = [
  'root:x:0:0:root:/root:/bin/sh',
  'b:x:102:102::/:/bin/false',
  'toor:x:0:0:second:/root:/bin/sh',
  'a:x:101:101::/:/bin/false',
].join('\n');
const SECRETS = ['b:!:1::::::', 'root:*:1::::::', 'a:!:1::::::', 'toor:*:1::::::'].join('\n');

test('account-order: by id, lines of one id in their order, secrets like the accounts', async (t) => {
  const only = ['account-order'];
  const root = tempTree(t, { 'etc/passwd': `${PASSWD}\n`, 'etc/shadow': `${SECRETS}\n` });
  await scrub(root, { only });
  const names = (file: string): readonly string[] =>
    readFileSync(join(root, 'etc', file), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(':')[0]!);
  assert.deepEqual(names('passwd'), ['root', 'toor', 'a', 'b']);
  assert.deepEqual(names('shadow'), ['root', 'toor', 'a', 'b']);
  assert.deepEqual((await plan(root, { only })).edits, []);
  const odd = ['+::::::', '# x', 'nonumber:x:y:0::/:', ''];
  for (const line of odd) {
    const unclear = tempTree(t, { 'etc/passwd': `${PASSWD}\n${line}\n` });
    assert.deepEqual((await plan(unclear, { only })).edits, [], line);
  }
  const extra = tempTree(t, { 'etc/passwd': `${PASSWD}\n`, 'etc/shadow': `${SECRETS}\nx:*:\n` });
  assert.deepEqual(editsOf(await plan(extra, { only })), ['rewrite etc/passwd']);
});

test('account-order: the order is that of pwck -s', { skip: needs('pwck') }, async (t) => {
  const files = { 'etc/passwd': `${PASSWD}\n`, 'etc/shadow': `${SECRETS}\n` };
  const [ours, theirs] = [tempTree(t, files), tempTree(t, files)];
  await scrub(ours, { only: ['account-order'] });
  spawnSync('pwck', ['-s', join(theirs, 'etc/passwd'), join(theirs, 'etc/shadow')]);
  for (const file of ['etc/passwd', 'etc/shadow'])
    assert.equal(readFileSync(join(ours, file), 'utf8'), readFileSync(join(theirs, file), 'utf8'));
});

test('account-order: whatever the files hold, no line is lost and a second run plans nothing', async (t) => {
  const line = fc
    .tuple(fc.constantFrom('a', 'b', 'c', '+', '#'), fc.constantFrom('0', '7', '12', '', 'x'))
    .map(([name, id]) => `${name}:x:${id}:0::/:`);
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      const text = lines.map((one) => `${one}\n`).join('');
      const root = tempTree(t, { 'etc/passwd': text, 'etc/shadow': text });
      await scrub(root, { only: ['account-order'] });
      assert.deepEqual((await plan(root, { only: ['account-order'] })).edits, []);
      for (const file of ['etc/passwd', 'etc/shadow'])
        assert.deepEqual(
          readFileSync(join(root, file), 'utf8').split('\n').toSorted(),
          text.split('\n').toSorted(),
        );
    }),
    { numRuns: 25 },
  );
});
