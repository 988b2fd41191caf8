/**
 * System calls that Node lacks, through koffi, wrapped once. Names are latin1 strings (one character per byte)
 * without NUL; results are values or the negated errno, never exceptions, because the callers are hot loops.
 * `nativeCalls()` is null where koffi has no binary for the platform; callers then do without and say so.
 */

import { createRequire } from 'node:module';
import { constants as osConstants } from 'node:os';

import type koffiModule from 'koffi';

/** Flags of openat(2) and friends on Linux; `O_DIRECTORY` and `O_NOFOLLOW` differ on arm64. */
const arm = process.arch === 'arm64' || process.arch === 'arm';
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  TRUNC: 0o1000,
  NONBLOCK: 0o4000,
  DIRECTORY: arm ? 0o40000 : 0o200000,
  NOFOLLOW: arm ? 0o100000 : 0o400000,
  NOATIME: 0o1000000,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
} as const;

export const AT_FDCWD = -100;
export const AT_REMOVEDIR = 0x200;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
/** STATX_BASIC_STATS and STATX_MNT_ID; kernels before 5.8 leave the mount id 0. */
const STATX_MASK = 0x17ff;

/** resolve flags of openat2(2). */
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;
const SYS_openat2 = 437;

/** Offsets into `struct statx` (Linux `<linux/stat.h>`). */
const STATX_BYTES = 256;

/** The fields of one statx(2) call; one object is filled again and again. */
export interface Stat {
  mode: number;
  nlink: number;
  uid: number;
  gid: number;
  ino: bigint;
  size: number;
  mtimeNs: bigint;
  ctimeNs: bigint;
  rdevMajor: number;
  rdevMinor: number;
  devMajor: number;
  devMinor: number;
  mountId: bigint;
}

export interface NativeCalls {
  openat(directory: number, name: string, flags: number, mode?: number): number;
  /** openat2 that cannot leave `directory` and follows no symbolic link in any component. */
  openBeneath(directory: number, path: string, flags: number, mode?: number): number;
  close(fd: number): number;
  read(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  /** Fills `into`; does not follow a final link. */
  statAt(directory: number, name: string, into: Stat): number;
  statFd(fd: number, into: Stat): number;
  /** Names but `.` and `..`, unsorted; or the negated errno. */
  list(fd: number): string[] | number;
  readlinkAt(directory: number, name: string): string | number;
  /** Attribute names; `fd` must not be an O_PATH descriptor. */
  listXattrs(fd: number): string[] | number;
  getXattr(fd: number, name: string): Uint8Array | number;
  setXattr(fd: number, name: string, value: Uint8Array): number;
  removeXattr(fd: number, name: string): number;
  /** The same for an entry that cannot be opened (link, device): neither follows a final link. */
  listXattrsAt(directory: number, name: string): string[] | number;
  getXattrAt(directory: number, name: string, xattr: string): Uint8Array | number;
  setXattrAt(directory: number, name: string, xattr: string, value: Uint8Array): number;
  removeXattrAt(directory: number, name: string, xattr: string): number;
  /** Sets mtime to the nanosecond and leaves atime; does not follow a final link. */
  setMtimeAt(directory: number, name: string, mtimeNs: bigint): number;
  setMtimeFd(fd: number, mtimeNs: bigint): number;
  renameAt(directory: number, from: string, to: string): number;
  linkAt(directory: number, existing: string, toDirectory: number, name: string): number;
  unlinkAt(directory: number, name: string, flags: number): number;
  symlinkAt(target: string, directory: number, name: string): number;
  /** Does not follow a final link. */
  chownAt(directory: number, name: string, uid: number, gid: number): number;
  fchmod(fd: number, mode: number): number;
  fchown(fd: number, uid: number, gid: number): number;
  fsync(fd: number): number;
}

let cached: NativeCalls | null | undefined;

export function nativeCalls(): NativeCalls | null {
  if (cached === undefined) cached = process.env['REPRO_AUDIT_NO_NATIVE'] === '1' ? null : load();
  return cached;
}

export function newStat(): Stat {
  return {
    mode: 0,
    nlink: 0,
    uid: 0,
    gid: 0,
    ino: 0n,
    size: 0,
    mtimeNs: 0n,
    ctimeNs: 0n,
    rdevMajor: 0,
    rdevMinor: 0,
    devMajor: 0,
    devMinor: 0,
    mountId: 0n,
  };
}

const ERRNO_NAME = new Map(Object.entries(osConstants.errno).map(([name, value]) => [value, name]));

/** Name of a negated errno, such as `ENOENT`. */
export function errnoName(negated: number): string {
  return ERRNO_NAME.get(-negated) ?? `errno ${-negated}`;
}

/** A system error like Node's own, for callers that want an exception. */
export function systemError(negated: number, syscall: string, path: string): NodeJS.ErrnoException {
  const code = errnoName(negated);
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), {
    code,
    errno: negated,
    syscall,
    path,
  });
}

const ODD = /[^\x01-\x7f]/;

function load(): NativeCalls | null {
  let koffi: typeof koffiModule;
  let libc: ReturnType<typeof koffiModule.load>;
  try {
    koffi = createRequire(import.meta.url)('koffi') as typeof koffiModule;
    libc = koffi.load(null);
  } catch {
    return null;
  }
  return bind(koffi, libc);
}

type Call = (...args: readonly unknown[]) => number;

function bind(koffi: typeof koffiModule, libc: ReturnType<typeof koffiModule.load>): NativeCalls {
  /** A function whose `name` parameters take plain ASCII as a string and anything else as bytes. */
  const withNames = (result: string, fn: string, parameters: string): Call => {
    const plain = libc.func(
      `${result} ${fn}(${parameters.replaceAll('NAME', 'const char *')})`,
    ) as Call;
    const bytes = libc.func(
      `${result} ${fn}(${parameters.replaceAll('NAME', 'const uint8_t *')})`,
    ) as Call;
    const positions = parameters.split(',').flatMap((p, i) => (p.includes('NAME') ? [i] : []));
    const asBytes: Call = (...args) =>
      bytes(...args.map((arg, i) => (positions.includes(i) ? cString(arg as string) : arg)));
    // openat and statx run for every file: without a rest array a call costs half as much.
    const arity = parameters.split(',').length;
    if (arity === 4 && positions.join() === '1') {
      return (a, name, b, c) =>
        ODD.test(name as string) ? asBytes(a, name, b, c) : plain(a, name, b, c);
    }
    if (arity === 5 && positions.join() === '1') {
      return (a, name, b, c, d) =>
        ODD.test(name as string) ? asBytes(a, name, b, c, d) : plain(a, name, b, c, d);
    }
    return (...args) =>
      positions.some((i) => ODD.test(args[i] as string)) ? asBytes(...args) : plain(...args);
  };
  const simple = (declaration: string): Call => libc.func(declaration) as Call;
  const checked = (result: number): number => (result < 0 ? -koffi.errno() : result);

  const openat = withNames('int', 'openat', 'int, NAME, int, uint');
  const close = simple('int close(int)');
  const read = simple('long read(int, uint8_t *, size_t)');
  const statx = withNames('int', 'statx', 'int, NAME, int, uint, uint8_t *');
  const getdents = simple('long getdents64(int, uint8_t *, size_t)');
  const readlinkat = withNames('long', 'readlinkat', 'int, NAME, uint8_t *, size_t');
  const openat2 = simple('long syscall(long, int, const uint8_t *, const uint8_t *, size_t)');
  const flistxattr = simple('long flistxattr(int, uint8_t *, size_t)');
  const fgetxattr = withNames('long', 'fgetxattr', 'int, NAME, uint8_t *, size_t');
  const fsetxattr = withNames('int', 'fsetxattr', 'int, NAME, const uint8_t *, size_t, int');
  const fremovexattr = withNames('int', 'fremovexattr', 'int, NAME');
  const llistxattr = withNames('long', 'llistxattr', 'NAME, uint8_t *, size_t');
  const lgetxattr = withNames('long', 'lgetxattr', 'NAME, NAME, uint8_t *, size_t');
  const lremovexattr = withNames('int', 'lremovexattr', 'NAME, NAME');
  const lsetxattr = withNames('int', 'lsetxattr', 'NAME, NAME, const uint8_t *, size_t, int');
  const utimensat = withNames('int', 'utimensat', 'int, NAME, const uint8_t *, int');
  const futimens = simple('int futimens(int, const uint8_t *)');
  const renameat = withNames('int', 'renameat', 'int, NAME, int, NAME');
  const linkat = withNames('int', 'linkat', 'int, NAME, int, NAME, int');
  const unlinkat = withNames('int', 'unlinkat', 'int, NAME, int');
  const symlinkat = withNames('int', 'symlinkat', 'NAME, int, NAME');
  const fchownat = withNames('int', 'fchownat', 'int, NAME, uint, uint, int');
  const fchmod = simple('int fchmod(int, uint)');
  const fchown = simple('int fchown(int, uint, uint)');
  const fsync = simple('int fsync(int)');

  const stat = Buffer.allocUnsafeSlow(STATX_BYTES);
  const words = new Uint32Array(stat.buffer, stat.byteOffset, STATX_BYTES / 4);
  const quads = new BigUint64Array(stat.buffer, stat.byteOffset, STATX_BYTES / 8);
  const signed = new BigInt64Array(stat.buffer, stat.byteOffset, STATX_BYTES / 8);
  const scratch = Buffer.allocUnsafeSlow(64 * 1024);
  /** `struct open_how` (openat2(2)): three fields of 64 bits, little-endian, of which the lower halves are used. */
  const how = new Uint32Array(6);
  how[4] = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const howBytes = new Uint8Array(how.buffer);

  const fill = (into: Stat): void => {
    into.nlink = words[4]!;
    into.uid = words[5]!;
    into.gid = words[6]!;
    into.mode = words[7]! & 0xffff;
    into.ino = quads[4]!;
    into.size = words[10]! + words[11]! * 0x1_0000_0000;
    into.ctimeNs = signed[12]! * 1_000_000_000n + BigInt(words[26]!);
    into.mtimeNs = signed[14]! * 1_000_000_000n + BigInt(words[30]!);
    into.rdevMajor = words[32]!;
    into.rdevMinor = words[33]!;
    into.devMajor = words[34]!;
    into.devMinor = words[35]!;
    into.mountId = quads[18]!;
  };

  /** Calls with the scratch buffer, and again with a larger one while the kernel says ERANGE. */
  const variable = (call: (buffer: Buffer) => number): Buffer | number => {
    for (let buffer = scratch; ; buffer = Buffer.allocUnsafe(buffer.length * 4)) {
      const length = checked(call(buffer));
      if (length === -osConstants.errno.ERANGE && buffer.length < 16 * 1024 * 1024) continue;
      return length < 0 ? length : buffer.subarray(0, length);
    }
  };
  const namesOf = (result: Buffer | number): string[] | number =>
    typeof result === 'number'
      ? result
      : result.length === 0
        ? []
        : result.toString('latin1', 0, result.length - 1).split('\0');
  const valueOf = (result: Buffer | number): Uint8Array | number =>
    typeof result === 'number' ? result : Uint8Array.from(result);
  /** The l-forms have no directory argument; procfs gives them one. */
  const procPath = (directory: number, name: string): string =>
    directory === AT_FDCWD ? name : `/proc/self/fd/${directory}/${name}`;
  const times = (mtimeNs: bigint): Buffer => {
    const buffer = Buffer.alloc(32);
    buffer.writeBigInt64LE(0n, 0);
    buffer.writeBigInt64LE(UTIME_OMIT, 8);
    const nanoseconds = ((mtimeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    buffer.writeBigInt64LE((mtimeNs - nanoseconds) / 1_000_000_000n, 16);
    buffer.writeBigInt64LE(nanoseconds, 24);
    return buffer;
  };

  return {
    openat: (directory, name, flags, mode = 0) =>
      checked(openat(directory, name, flags | O.CLOEXEC, mode)),
    openBeneath: (directory, path, flags, mode = 0) => {
      how[0] = flags | O.CLOEXEC;
      how[2] = mode;
      return checked(
        openat2(
          SYS_openat2,
          directory,
          cString(path === '' ? '.' : path),
          howBytes,
          howBytes.length,
        ),
      );
    },
    close: (fd) => checked(close(fd)),
    read: (fd, buffer, offset, length) =>
      checked(read(fd, offset === 0 ? buffer : buffer.subarray(offset), length)),
    statAt: (directory, name, into) => {
      const result = checked(statx(directory, name, AT_SYMLINK_NOFOLLOW, STATX_MASK, stat));
      if (result >= 0) fill(into);
      return result;
    },
    statFd: (fd, into) => {
      const result = checked(statx(fd, '', AT_EMPTY_PATH, STATX_MASK, stat));
      if (result >= 0) fill(into);
      return result;
    },
    list: (fd) => {
      const names: string[] = [];
      for (;;) {
        const length = checked(getdents(fd, scratch, scratch.length));
        if (length < 0) return length;
        if (length === 0) return names;
        for (let at = 0; at < length; at += scratch.readUInt16LE(at + 16)) {
          const end = scratch.indexOf(0, at + 19);
          const name = scratch.toString('latin1', at + 19, end);
          if (name !== '.' && name !== '..') names.push(name);
        }
      }
    },
    readlinkAt: (directory, name) => {
      for (let buffer = scratch; ; buffer = Buffer.allocUnsafe(buffer.length * 4)) {
        const length = checked(readlinkat(directory, name, buffer, buffer.length));
        if (length < 0) return length;
        if (length < buffer.length) return buffer.toString('latin1', 0, length);
      }
    },
    listXattrs: (fd) => namesOf(variable((b) => flistxattr(fd, b, b.length))),
    getXattr: (fd, name) => valueOf(variable((b) => fgetxattr(fd, name, b, b.length))),
    setXattr: (fd, name, value) => checked(fsetxattr(fd, name, value, value.length, 0)),
    removeXattr: (fd, name) => checked(fremovexattr(fd, name)),
    listXattrsAt: (directory, name) =>
      namesOf(variable((b) => llistxattr(procPath(directory, name), b, b.length))),
    getXattrAt: (directory, name, xattr) =>
      valueOf(variable((b) => lgetxattr(procPath(directory, name), xattr, b, b.length))),
    setXattrAt: (directory, name, xattr, value) =>
      checked(lsetxattr(procPath(directory, name), xattr, value, value.length, 0)),
    removeXattrAt: (directory, name, xattr) =>
      checked(lremovexattr(procPath(directory, name), xattr)),
    setMtimeAt: (directory, name, mtimeNs) =>
      checked(utimensat(directory, name, times(mtimeNs), AT_SYMLINK_NOFOLLOW)),
    setMtimeFd: (fd, mtimeNs) => checked(futimens(fd, times(mtimeNs))),
    renameAt: (directory, from, to) => checked(renameat(directory, from, directory, to)),
    linkAt: (directory, existing, toDirectory, name) =>
      checked(linkat(directory, existing, toDirectory, name, 0)),
    unlinkAt: (directory, name, flags) => checked(unlinkat(directory, name, flags)),
    symlinkAt: (target, directory, name) => checked(symlinkat(target, directory, name)),
    chownAt: (directory, name, uid, gid) =>
      checked(fchownat(directory, name, uid, gid, AT_SYMLINK_NOFOLLOW)),
    fchmod: (fd, mode) => checked(fchmod(fd, mode)),
    fchown: (fd, uid, gid) => checked(fchown(fd, uid, gid)),
    fsync: (fd) => checked(fsync(fd)),
  };
}

/** `tv_nsec` that leaves a time as it is (utimensat(2)). */
const UTIME_OMIT = 0x3ffffffen;

function cString(latin1: string): Buffer {
  return Buffer.from(`${latin1}\0`, 'latin1');
}
