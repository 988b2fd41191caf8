/** rpm's database: in SQLite it is read, the older ones (Berkeley DB, ndb) are told. */

import { FormatError } from '../core/errors.js';
import type { Package } from '../core/build.js';
import type { ShippedFile } from '../core/ownership.js';
import { baseName, type TreePath } from '../core/path.js';
import { rpmFiles, type RpmFile } from '../formats/rpm-files.js';
import { RPM_TAG, rpmNumber, rpmString, type RpmHeader } from '../formats/rpm-header.js';
import { readRpmdb } from '../formats/rpmdb.js';
import { isHotJournal } from '../formats/sqlite-file.js';
import { definePackageDatabase, type ListedFile } from './define.js';
import { createLinkResolver } from './resolve-links.js';

/** `%_dbpath` of Fedora and SUSE, of ostree, and of everything older. */
const FOLDERS: readonly string[] = ['usr/lib/sysimage/rpm', 'usr/share/rpm', 'var/lib/rpm'];
const SQLITE = 'rpmdb.sqlite';
/** ndb, Berkeley DB. */
const UNREADABLE: readonly string[] = ['Packages.db', 'Packages'];

export const rpm = definePackageDatabase({
  id: 'rpm',
  locate(files) {
    const links = createLinkResolver(files);
    const folders = new Set(FOLDERS.map((folder) => links.resolve(folder)));
    return [...folders].flatMap((folder) => {
      const names = files.list(folder);
      const found = [SQLITE, ...UNREADABLE].find((name) => names.includes(name));
      return found === undefined ? [] : [links.resolve(`${folder}/${found}`)];
    });
  },
  read(files, location, sink) {
    if (baseName(location) !== SQLITE)
      throw new FormatError('rpmdb', 0, 'only the SQLite database can be read, not this older one');
    const sidecar = (suffix: string): Uint8Array | null =>
      files.read(`${location}${suffix}` as TreePath);
    const main = files.read(location);
    if (main === null) throw new FormatError('rpmdb', 0, 'not a regular file');
    const journal = sidecar('-journal');
    if (journal !== null && isHotJournal(journal))
      throw new FormatError(
        'rpmdb',
        0,
        'a transaction was cut off: its journal waits to be rolled back',
      );
    for (const header of readRpmdb(main, sidecar('-wal'))) {
      const item = packageOf(header);
      sink.package(item);
      if (sink.file === null) continue;
      for (const file of rpmFiles(header))
        if (file.installed) sink.file(listedFile(item.name, file));
    }
  },
});

function packageOf(header: RpmHeader): Package {
  const [name, version, release] = [RPM_TAG.NAME, RPM_TAG.VERSION, RPM_TAG.RELEASE].map((tag) => {
    const value = rpmString(header, tag);
    if (value === null) throw new FormatError('rpm header', 0, `tag ${tag} is missing`);
    return value;
  });
  const epoch = rpmNumber(header, RPM_TAG.EPOCH);
  return {
    manager: 'rpm',
    name: name!,
    version: `${epoch === null ? '' : `${epoch}:`}${version!}-${release!}`,
    // Imported keys are packages without an architecture.
    architecture: rpmString(header, RPM_TAG.ARCH) ?? '',
  };
}

function listedFile(packageName: string, file: RpmFile): ListedFile {
  return {
    directory: file.directory,
    name: file.name,
    owned: !file.ghost && file.verifiesDigest,
    shipped: file.ghost ? null : shippedFile(packageName, file),
  };
}

function shippedFile(packageName: string, file: RpmFile): ShippedFile {
  return {
    package: packageName,
    digest:
      file.digest === '' || file.digestAlgorithm === null
        ? null
        : { algorithm: file.digestAlgorithm, hex: file.digest },
    mtimeSeconds: file.mtimeSeconds,
  };
}
