/** Host, permissions and attributes of zip entries (APPNOTE 4.4.2, 4.4.15), by one rule for all of them. */

import { FormatError } from '../../core/errors.js';
import type { ZipEntry } from '../../formats/zip.js';

export const HOST_UNIX = 3;

/**
 * External attributes as a Unix program writes them: 0755 for directories and what its owner may execute, 0644 for other
 * files, since the umask of who packed decides the rest; setuid, setgid and sticky stay; links, devices and pipes keep
 * their type. Hidden and system stay for those who unpack under Windows. Throws `FormatError` where the attributes say
 * something else than the name, or of a host whose attributes are unknown.
 */
export function canonicalAttributes(entry: ZipEntry): number {
  const { central, offset } = entry;
  const host = central.versionMadeBy >> 8;
  const attributes = central.externalAttributes;
  const mode = attributes >>> 16;
  const type = mode & TYPE_BITS;
  const named = central.name.endsWith('/');
  const fail = (detail: string): never => {
    throw new FormatError('zip', offset, detail);
  };
  if (!UNIX_HOSTS.has(host) && !DOS_HOSTS.has(host)) fail(`attributes of unknown host ${host}`);
  if (DOS_HOSTS.has(host) && ((attributes & REPARSE_POINT) !== 0 || type === SYMLINK))
    fail('a link that some programs do not see as one');
  if (!named && (type === DIRECTORY || (attributes & DOS_DIRECTORY) !== 0))
    fail('a directory whose name is that of a file');
  // Some old Java programs give the type of a file to directories; all readers go by the slash.
  if (named && (entry.uncompressedSize !== 0 || !DIRECTORY_TYPES.has(type)))
    fail('a file whose name is that of a directory');
  const kept = attributes & (DOS_HIDDEN | DOS_SYSTEM);
  if (named) return withMode(canonicalMode((mode & 0o7777) | DIRECTORY), kept | DOS_DIRECTORY);
  return withMode(canonicalMode(mode), kept);
}

/** A `st_mode` with the permissions that do not depend on an umask. */
export function canonicalMode(mode: number): number {
  const type = mode & TYPE_BITS;
  const special = mode & 0o7000;
  if (type === DIRECTORY) return DIRECTORY | special | 0o755;
  if (type === SYMLINK) return SYMLINK | 0o777;
  if (type === REGULAR || type === 0)
    return REGULAR | special | ((mode & 0o100) !== 0 ? 0o755 : 0o644);
  return mode;
}

const TYPE_BITS = 0o170000;
const DIRECTORY = 0o040000;
const REGULAR = 0o100000;
const SYMLINK = 0o120000;
/** Types of something whose name ends in a slash. */
const DIRECTORY_TYPES: ReadonlySet<number> = new Set([0, DIRECTORY, REGULAR]);
const DOS_HIDDEN = 0x02;
const DOS_SYSTEM = 0x04;
const DOS_DIRECTORY = 0x10;
/** FILE_ATTRIBUTE_REPARSE_POINT, a link of NTFS. */
const REPARSE_POINT = 0x400;
/** Hosts that have a mode in the upper half: Unix and OS X. */
const UNIX_HOSTS: ReadonlySet<number> = new Set([HOST_UNIX, 19]);
/** FAT, HPFS, NTFS under both of its numbers, VFAT: a mode is there when the program gave one. */
const DOS_HOSTS: ReadonlySet<number> = new Set([0, 6, 10, 11, 14]);

function withMode(mode: number, dos: number): number {
  return ((mode << 16) | dos) >>> 0;
}
