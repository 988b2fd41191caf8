/**
 * Owner, mode and extended attributes of one inode copied to another, and checked. The order matters: chown(2) clears
 * suid, sgid and security.capability, an ACL changes the mode, and both need a file that is still writable.
 */

import type { NativeCalls, Stat } from '../../fs/native.js';
import { errnoName, newStat } from '../../fs/native.js';
import { LeftAlone, must } from './left-alone.js';
import type { Seen } from '../walk.js';

/** Name and value bytes of every attribute. */
export type Xattrs = ReadonlyMap<string, Uint8Array>;

/** Attributes of an open file; empty where the file system has none. Throws `LeftAlone` when one cannot be read. */
export function readXattrs(native: NativeCalls, fd: number): Xattrs {
  return collect(native.listXattrs(fd), (name) => native.getXattr(fd, name));
}

export function readXattrsAt(native: NativeCalls, directory: number, entry: string): Xattrs {
  return collect(native.listXattrsAt(directory, entry), (name) =>
    native.getXattrAt(directory, entry, name),
  );
}

/** `fd` gets the owner, attributes and mode of `from`, in this order. Throws `LeftAlone` when any of it does not take. */
export function copyMetadata(native: NativeCalls, fd: number, from: Seen, xattrs: Xattrs): void {
  const stat = newStat();
  must(native.statFd(fd, stat), 'fstat of the new file');
  if (stat.uid !== from.uid || stat.gid !== from.gid)
    must(
      native.fchown(fd, from.uid, from.gid),
      `giving the new file the owner ${from.uid}:${from.gid}`,
    );
  // Inherited from the directory (default ACL) or given by policy.
  for (const name of readXattrs(native, fd).keys())
    if (!xattrs.has(name))
      must(native.removeXattr(fd, name), `removing the inherited attribute ${name}`);
  for (const [name, value] of xattrs)
    if (!sameBytes(native.getXattr(fd, name), value))
      must(native.setXattr(fd, name, value), `writing the attribute ${name}`);
  must(native.fchmod(fd, from.mode), 'setting the mode of the new file');
  must(native.statFd(fd, stat), 'fstat of the new file');
  checkCopy(from, stat, xattrs, readXattrs(native, fd));
}

/** Kernels drop what a caller may not set (sgid of a foreign group, some attributes) without an error. */
export function checkCopy(from: Seen, stat: Stat, wanted: Xattrs, found: Xattrs): void {
  if (stat.uid !== from.uid || stat.gid !== from.gid)
    throw new LeftAlone(
      `the new file has the owner ${stat.uid}:${stat.gid}, not ${from.uid}:${from.gid}`,
    );
  if ((stat.mode & 0o7777) !== from.mode)
    throw new LeftAlone(
      `the new file has the mode ${(stat.mode & 0o7777).toString(8)}, not ${from.mode.toString(8)}`,
    );
  for (const name of new Set([...wanted.keys(), ...found.keys()]))
    if (!sameBytes(found.get(name), wanted.get(name)))
      throw new LeftAlone(`the attribute ${name} did not survive on the new file`);
}

function collect(
  names: readonly string[] | number,
  read: (name: string) => Uint8Array | number,
): Xattrs {
  if (typeof names === 'number') {
    if (NO_XATTRS.has(errnoName(names))) return new Map();
    throw new LeftAlone(`listing its extended attributes gave ${errnoName(names)}`);
  }
  return new Map(
    names.map((name) => {
      const value = read(name);
      if (typeof value !== 'number') return [name, value];
      throw new LeftAlone(`reading its attribute ${name} gave ${errnoName(value)}`);
    }),
  );
}

/** EOPNOTSUPP and ENOTSUP are one number on Linux. */
const NO_XATTRS: ReadonlySet<string> = new Set(['EOPNOTSUPP', 'ENOTSUP']);

function sameBytes(a: Uint8Array | number | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || typeof a === 'number' || b === undefined) return a === b;
  return Buffer.compare(a, b) === 0;
}
