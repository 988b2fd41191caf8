/** A small root file system with something of everything the postprocess script scrubs. */

import {
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** What a build leaves behind, by path: each is removed. */
export const leftovers = [
  'etc/.pwd.lock',
  'etc/gshadow-',
  'etc/passwd-',
  'etc/shadow-',
  'etc/subuid-',
  'usr/etc/group-',
  'usr/lib/sysimage/rpm/.rpm.lock',
  'usr/share/rpm/__db.001',
  'boot/loader/random-seed',
  'var/cache/apt/archives/some.deb',
  'var/cache/apt/pkgcache.bin',
  'var/cache/debconf/config.dat-old',
  'var/cache/dnf/repo/repodata.xml',
  'var/cache/fontconfig/abc.cache-8',
  'var/cache/ldconfig/aux-cache',
  'var/cache/man/de/index.db',
  'var/cache/man/index.db',
  'var/lib/apt/lists/mirror_Packages',
  'var/lib/dbus/machine-id',
  'var/lib/dnf/history.sqlite',
  'var/lib/dnf/history.sqlite-wal',
  'var/lib/dpkg/status-old',
  'var/lib/rpm/.dbenv.lock',
  'var/lib/systemd/random-seed',
  'var/log/apt/history.log',
  'var/log/dnf.log',
  'var/log/dnf.rpm.log',
  'var/log/dpkg.log',
  'var/log/zypp/history',
];

/** What looks alike and stays as it is. */
export const bystanders = [
  'etc/passwd',
  'etc/shadow.rpmnew',
  'usr/bin/tool',
  'usr/lib/sysimage/rpm/rpmdb.sqlite',
  'usr/share/doc/machine-id',
  'var/lib/dpkg/status',
  'var/lib/dnf/modules.json',
  'var/log/README',
];

/** Emptied, owner and mode kept. */
export const emptied = ['etc/machine-id', 'usr/etc/machine-id', 'var/log/wtmp', 'var/log/lastlog'];

export const shadowBefore = [
  'root:*:20777:0:99999:7:::',
  'daemon:!:20777:0:99999:7:::',
  'bus:!*:20777::::::',
  'locked:!$y$j9T$salt$hash:20777:0:99999:7:::',
  'person:$y$j9T$salt$hash:20777:0:99999:7:::',
  'open::20777:0:99999:7:::',
  'done:!!::0:99999:7:::',
  'tail:*:20777:',
  'broken:!',
  '',
].join('\n');

export const shadowAfter = [
  'root:*::0:99999:7:::',
  'daemon:!::0:99999:7:::',
  'bus:!*:::::::',
  'locked:!$y$j9T$salt$hash::0:99999:7:::',
  'person:$y$j9T$salt$hash:20777:0:99999:7:::',
  'open::20777:0:99999:7:::',
  'done:!!::0:99999:7:::',
  'tail:*::',
  'broken:!',
  '',
].join('\n');

/** Writes it all below `root`; every mtime is the same second, so a folder that was touched shows. */
export function writeImage(root: string): void {
  for (const path of [...leftovers, ...bystanders, ...emptied]) write(root, path, `${path}\n`);
  write(root, 'etc/shadow', shadowBefore, 0o640);
  write(root, 'var/cache/apt/archives/lock', '');
  write(root, 'var/log/journal/0123456789abcdef0123456789abcdef/system.journal', 'entries');
  symlinkSync('usr/bin', join(root, 'bin'));
  settle(root);
}

/** One file, with its folders. */
export function write(root: string, path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content, { mode });
}

/** Sets every mtime below `root` to 2020, the deepest first. */
export function settle(root: string): void {
  settleBytes(Buffer.from(root));
}

function settleBytes(path: Buffer): void {
  if (lstatSync(path).isDirectory())
    for (const name of readdirSync(path, 'buffer'))
      settleBytes(Buffer.concat([path, Buffer.from('/'), name]));
  lutimesSync(path, 1577836800, 1577836800);
}
