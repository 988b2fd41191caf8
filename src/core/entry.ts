/** One file system object of a manifest, as `lstat` and the bytes tell it (POSIX.1-2017 `<sys/stat.h>`). */

import type { TreePath } from './path.js';

export type EntryType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'char' | 'block';

/** An extended attribute; name and value are bytes, one latin1 character each (`xattr(7)`). */
export interface Xattr {
  readonly name: string;
  readonly value: string;
}

/**
 * How much of the object was seen. `full`: all that the capture set promises. `unreadable`: attributes only, the
 * content (or the listing, or the xattrs) could not be read. `unstable`: it changed while it was read.
 * `mount-point`: another file system is mounted here; only the type is recorded.
 */
export type Coverage = 'full' | 'unreadable' | 'unstable' | 'mount-point';

/**
 * Attributes that a manifest of another tool may leave out. `owner`: user and group; `target`: of a link, or the number of a
 * device.
 */
export const OMITTABLE = ['mode', 'owner', 'size', 'mtime', 'target'] as const;
export type Omittable = (typeof OMITTABLE)[number];

export interface Entry {
  /** Last path component, latin1 bytes; `''` for the root. */
  readonly name: string;
  readonly type: EntryType;
  readonly coverage: Coverage;
  /** Attributes that are not known, in the order of `OMITTABLE`: the values here mean nothing. Absent: all are known. */
  readonly unknown?: readonly Omittable[];
  /** Permission bits with suid, sgid and sticky: `st_mode & 07777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a regular file; 0 for everything else. */
  readonly size: number;
  readonly mtimeNs: bigint;
  /** Target of a symbolic link, latin1 bytes. */
  readonly target: string | null;
  /** Device number of a character or block device. */
  readonly rdev: { readonly major: number; readonly minor: number } | null;
  /** Sorted by the bytes of the name. */
  readonly xattrs: readonly Xattr[];
  /** XXH64 of the content with seed 0, 8 bytes big-endian (canonical form of the xxHash specification). */
  readonly xxh64: Uint8Array | null;
  /** SHA-256 of the content (FIPS 180-4), 32 bytes. */
  readonly sha256: Uint8Array | null;
  /** First path, in tree order, of the set of names in this tree that are this same inode; null when it has one name. */
  readonly link: TreePath | null;
}

/** `st_mode >> 12` of each type (Linux `<linux/stat.h>`). */
export const TYPE_BITS = {
  fifo: 0o1,
  char: 0o2,
  directory: 0o4,
  block: 0o6,
  file: 0o10,
  symlink: 0o12,
  socket: 0o14,
} as const satisfies Record<EntryType, number>;

const TYPE_OF_BITS: readonly (EntryType | undefined)[] = Object.entries(TYPE_BITS).reduce<
  (EntryType | undefined)[]
>((table, [type, bits]) => ((table[bits] = type as EntryType), table), []);

/** The type in a full `st_mode`; null for a value that Linux does not define. */
export function typeOfMode(stMode: number): EntryType | null {
  return TYPE_OF_BITS[(stMode >>> 12) & 0xf] ?? null;
}

/** Type and permission bits in one number, as `st_mode` holds them. */
export function stMode(entry: Pick<Entry, 'type' | 'mode'>): number {
  return (TYPE_BITS[entry.type] << 12) | entry.mode;
}
