/** Rules that are rows of data: what goes, what stays, and that a second run plans nothing. */

import assert from 'node:assert/strict';
import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { tempTree } from '../helpers/temp-tree.js';
import { editsOf, plan, scrub } from './support.js';

/** Rule, what goes, what stays. */
const REMOVALS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['credential-secret', ['var/lib/systemd/credential.secret'], ['var/lib/systemd/x.secret']],
  ['machine-info', ['etc/machine-info', 'usr/etc/machine-info'], ['etc/machine-id']],
  [
    'localhost-certificate',
    ['etc/pki/tls/private/localhost.key', 'etc/pki/tls/certs/localhost.crt'],
    ['etc/pki/tls/certs/ca-bundle.crt'],
  ],
  ['nvme-host-id', ['etc/nvme/hostid', 'etc/nvme/hostnqn'], ['etc/nvme/discovery.conf']],
  ['iscsi-initiator', ['etc/iscsi/initiatorname.iscsi'], ['etc/iscsi/iscsid.conf']],
  [
    'network-manager-state',
    ['secret_key', 'seen-bssids', 'timestamps', 'internal-0-eth0.lease'].map(
      (name) => `var/lib/NetworkManager/${name}`,
    ),
    ['etc/NetworkManager/system-connections/a.nmconnection', 'var/lib/NetworkManager/x.state'],
  ],
  [
    'gnupg-state',
    ['etc/apt/trustdb.gpg', 'root/.gnupg/random_seed'],
    ['etc/apt/trusted.gpg', 'root/.gnupg/pubring.kbx', 'root/.gnupg/trustdb.gpg'],
  ],
  ['gnupg-trust', ['root/.gnupg/trustdb.gpg'], ['root/.gnupg/pubring.kbx']],
  [
    'service-keys',
    ['etc/brlapi.key', 'etc/rndc.key', 'etc/munge/munge.key', 'etc/cups/ssl/a.key'],
    ['etc/bind/named.conf', 'etc/cups/cupsd.conf'],
  ],
  [
    'zypp-identity',
    ['var/lib/zypp/AnonymousUniqueId', 'var/lib/zypp/LastDistributionFlavor'],
    ['var/lib/zypp/AutoInstalled'],
  ],
  [
    'host-hardware',
    ['etc/adjtime', 'etc/mdadm/mdadm.conf', 'etc/udev/rules.d/70-persistent-net.rules'],
    ['etc/udev/rules.d/70-other.rules'],
  ],
  [
    'installer-log',
    ['var/log/zypp/history', 'var/log/zypper.log', 'var/log/anaconda/x/y.log', 'var/log/tuned/t'],
    ['var/log/other.log'],
  ],
  ['pacman-log', ['var/log/pacman.log'], ['var/log/pacman.conf']],
  [
    'shell-history',
    ['root/.bash_history', 'home/u/.viminfo', 'home/u/.lesshst', 'var/roothome/.wget-hsts'],
    ['root/.bashrc', 'home/u/d/.viminfo'],
  ],
  [
    'dnf5-history',
    [
      'usr/lib/sysimage/libdnf5/transaction_history.sqlite',
      'usr/lib/sysimage/libdnf5/transaction_history.sqlite-wal',
    ],
    ['usr/lib/sysimage/libdnf5/packages.toml', 'usr/lib/sysimage/libdnf5/lock'],
  ],
  [
    'package-history',
    ['var/lib/tdnf/history.db', 'var/lib/yum/history/history-2026-01-01.sqlite'],
    ['var/lib/yum/yumdb/a/reason', 'var/lib/tdnf/autoinstalled'],
  ],
  ['rhsm-state', ['var/lib/rhsm/facts/facts.json', 'var/lib/rhsm/x'], ['etc/rhsm/rhsm.conf']],
  [
    'selinux-locks',
    ['etc/selinux/targeted/semanage.read.LOCK', 'var/lib/selinux/targeted/semanage.trans.LOCK'],
    ['etc/selinux/targeted/policy/policy.33', 'etc/selinux/config'],
  ],
  [
    'suse-admin',
    ['var/adm/backup/rpmdb/x.gz', 'var/adm/update-messages/m', 'var/adm/autoinstall/logs/l'],
    ['var/adm/update-scripts/s', 'var/adm/fillup-templates/t'],
  ],
  [
    'apt-autoremove',
    ['etc/apt/apt.conf.d/01autoremove-kernels'],
    ['etc/apt/apt.conf.d/01autoremove'],
  ],
  ['initramfs-state', ['var/lib/initramfs-tools/6.1.0'], ['var/lib/initramfs/x']],
  [
    'pacman-cache',
    [
      'var/lib/pacman/sync/core.db',
      'var/lib/pacman/sync/core.db.sig',
      'var/cache/pacman/pkg/a.zst',
    ],
    ['var/lib/pacman/local/a-1-1/desc', 'var/lib/pacman/sync/README'],
  ],
  [
    'apk-cache',
    ['var/cache/apk/APKINDEX.1.tar.gz', 'lib/apk/db/lock', 'var/log/apk.log'],
    ['lib/apk/db/installed', 'lib/apk/db/scripts.tar', 'etc/apk/world'],
  ],
  ['ld-so-cache', ['etc/ld.so.cache'], ['etc/ld.so.conf']],
  [
    'fontconfig-system-cache',
    ['usr/lib/fontconfig/cache/x-le64.cache-9', 'usr/share/fonts/a/.uuid'],
    ['usr/share/fonts/a/a.ttf'],
  ],
  [
    'icon-cache',
    ['usr/share/icons/hicolor/icon-theme.cache'],
    ['usr/share/icons/hicolor/index.theme'],
  ],
  [
    'gconv-cache',
    ['usr/lib64/gconv/gconv-modules.cache', 'usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache'],
    ['usr/lib64/gconv/gconv-modules'],
  ],
  [
    'info-directory',
    ['usr/share/info/dir', 'usr/share/info/dir.old'],
    ['usr/share/info/bash.info'],
  ],
  ['systemd-catalog', ['var/lib/systemd/catalog/database'], ['usr/lib/systemd/catalog/a.catalog']],
  ['update-done', ['etc/.updated', 'var/.updated', 'usr/etc/.updated'], ['usr/.updated']],
  [
    'appstream-cache',
    ['var/cache/swcatalog/cache/C-os.xb', 'var/lib/app-info/yaml/a.yml.gz'],
    ['var/cache/swcatalog/other', 'usr/share/app-info/x'],
  ],
  [
    'locate-database',
    ['var/lib/plocate/plocate.db', 'var/lib/mlocate/mlocate.db', 'var/cache/apt-xapian-index/i/x'],
    ['var/lib/plocate/CACHEDIR.TAG'],
  ],
  ['boot-backups', ['boot/initrd.img-6.1.bak', 'boot/initrd-6.1.old-dkms'], ['boot/vmlinuz-6.1']],
  [
    'storage-state',
    ['etc/lvm/archive/vg_0.vg', 'etc/lvm/backup/vg'],
    ['etc/lvm/lvm.conf', 'etc/lvm/devices/system.devices'],
  ],
  [
    'dhcp-client-leases',
    [
      'var/lib/dhcp/dhclient.eth0.leases',
      'var/lib/dhclient/dhclient.leases',
      'var/lib/dhcpcd/e.lease',
    ],
    ['var/lib/dhcpd/dhcpd.leases', 'var/lib/dhcp/dhcpd.leases'],
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
    assert.deepEqual((await plan(root, { only: [rule] })).edits, []);
  });

/** Rule, the folder that stays, what lies below it. */
const TREES: readonly (readonly [rule: string, kept: string, below: readonly string[]])[] = [
  ['pacman-keyring', 'etc/pacman.d/gnupg', ['pubring.gpg', 'private-keys-v1.d/k', 'S.gpg-agent']],
  ['journal', 'var/log/journal', ['0123/system.journal']],
  ['crash-dumps', 'var/crash', ['d/vmcore', 'x.crash']],
  ['crash-dumps', 'var/lib/systemd/coredump', ['core.x.zst']],
  ['package-cache', 'var/cache/zypp', ['raw/oss/repodata/x', 'solv/oss/solv']],
  ['rpm-state', 'var/lib/rpm-state', ['p/x']],
  ['kernel-module-cache', 'var/cache/akmods', ['m/m.rpm', 'akmods.log']],
  ['home-cache', 'root/.cache/pip', ['http/a/b', 'wheels/c']],
  ['home-cache', 'root/.npm', ['_cacache/x']],
  ['home-cache-all', 'root/.cache', ['ms-playwright/chromium/chrome']],
  ['database-server-data', 'var/lib/postgresql', ['15/main/PG_VERSION']],
  ['temporary-files', 'var/tmp', ['a/b', 'c']],
  ['temporary-files', 'tmp', ['a/b', 'c', '.X11-unix/X0']],
];

for (const [rule, kept, below] of TREES)
  test(`${rule}: all that lies below ${kept} goes, empty directories too, and the folder stays`, async (t) => {
    const root = tempTree(t, {
      ...Object.fromEntries(below.map((name) => [`${kept}/${name}`, 'x'])),
      [`${kept}/empty`]: null,
      [`${kept}/link`]: { link: '/etc' },
      'etc/passwd': 'x',
    });
    const { result } = await scrub(root, { only: [rule] });
    assert.deepEqual(result.diagnostics, []);
    const { edits } = await plan(root, { only: [rule] });
    assert.deepEqual(edits, []);
    assert.equal(lstatSync(join(root, kept)).isDirectory(), true);
    for (const name of [...below, 'empty', 'link'])
      assert.throws(() => lstatSync(join(root, kept, name)), { code: 'ENOENT' }, name);
    assert.equal(readFileSync(join(root, 'etc/passwd'), 'utf8'), 'x');
  });

test('home-cache leaves what programs run from', async (t) => {
  const root = tempTree(t, { 'root/.cache/ms-playwright/chrome': 'x', 'root/.cache/uv/a': 'x' });
  assert.deepEqual(editsOf(await plan(root, { only: ['home-cache'] })), [
    'remove root/.cache/uv/a',
  ]);
});

test('a tree in which a package owns something keeps the way to it', async (t) => {
  const root = tempTree(t, { 'var/lib/rpm-state/a/owned': 'x', 'var/lib/rpm-state/a/b/c': 'x' });
  const ownership = { owned: ['var/lib/rpm-state/a/owned'] };
  assert.deepEqual(editsOf(await plan(root, { only: ['rpm-state'], ownership })), [
    'remove var/lib/rpm-state/a/b/c',
    'remove var/lib/rpm-state/a/b',
  ]);
});

test('apt-autoremove does nothing where nobody knows the owners', async (t) => {
  const root = tempTree(t, { 'etc/apt/apt.conf.d/01autoremove-kernels': 'x' });
  for (const ownership of [{ managers: [] }, { complete: false }])
    assert.deepEqual(editsOf(await plan(root, { only: ['apt-autoremove'], ownership })), []);
});

test('dhcp-server-leases: emptied, not removed', async (t) => {
  const root = tempTree(t, { 'var/lib/dhcpd/dhcpd.leases': 'x', 'var/lib/dhcp/dhcpd6.leases': '' });
  const { plan: planned } = await scrub(root, { only: ['dhcp-server-leases'] });
  assert.deepEqual(editsOf(planned), ['truncate var/lib/dhcpd/dhcpd.leases']);
  assert.equal(lstatSync(join(root, 'var/lib/dhcpd/dhcpd.leases')).size, 0);
});

test('temporary-files: what mmdebstrap still needs stays', async (t) => {
  const root = tempTree(t, { 'tmp/mmdebstrap.apt.conf.Ab12': 'x', 'tmp/other': 'x' });
  const planned = await plan(root, { only: ['temporary-files'] });
  assert.deepEqual(editsOf(planned), ['remove tmp/other']);
});
