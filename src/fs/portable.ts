/**
 * The calls that a scan needs, from Node's own fs, for platforms without native calls. Slower, and without
 * xattrs and mount ids: the capture set says so. Descriptors reach names through procfs, which also keeps paths
 * short enough for any depth.
 */

import fs from 'node:fs';
import { constants as osConstants } from 'node:os';

import { AT_FDCWD, O, type NativeCalls, type Stat } from './native.js';

export type ScanCalls = Pick<
  NativeCalls,
  | 'openat'
  | 'openBeneath'
  | 'close'
  | 'read'
  | 'statAt'
  | 'statFd'
  | 'list'
  | 'readlinkAt'
  | 'listXattrs'
  | 'getXattr'
  | 'listXattrsAt'
  | 'getXattrAt'
>;

export const portableCalls: ScanCalls = {
  openat: (directory, name, flags) => attempt(() => fs.openSync(at(directory, name), flags)),
  openBeneath: (directory, path, flags) => {
    const components = path === '' ? ['.'] : path.split('/');
    let current = directory;
    for (const [i, component] of components.entries()) {
      const last = i === components.length - 1;
      const next = attempt(() =>
        fs.openSync(at(current, component), O.NOFOLLOW | (last ? flags : O.RDONLY | O.DIRECTORY)),
      );
      if (current !== directory) fs.closeSync(current);
      if (next < 0) return next;
      current = next;
    }
    return current;
  },
  close: (fd) => attempt(() => (fs.closeSync(fd), 0)),
  read: (fd, buffer, offset, length) =>
    attempt(() => fs.readSync(fd, buffer, offset, length, null)),
  statAt: (directory, name, into) =>
    attempt(() => fill(into, fs.lstatSync(at(directory, name), { bigint: true }))),
  statFd: (fd, into) => attempt(() => fill(into, fs.fstatSync(fd, { bigint: true }))),
  list: (fd) => {
    try {
      return fs.readdirSync(`/proc/self/fd/${fd}`, 'latin1');
    } catch (error) {
      return negated(error);
    }
  },
  readlinkAt: (directory, name) => {
    try {
      return fs.readlinkSync(at(directory, name), 'latin1');
    } catch (error) {
      return negated(error);
    }
  },
  listXattrs: () => -osConstants.errno.EOPNOTSUPP,
  getXattr: () => -osConstants.errno.EOPNOTSUPP,
  listXattrsAt: () => -osConstants.errno.EOPNOTSUPP,
  getXattrAt: () => -osConstants.errno.EOPNOTSUPP,
};

function at(directory: number, name: string): Buffer {
  return Buffer.from(
    directory === AT_FDCWD ? name : `/proc/self/fd/${directory}/${name}`,
    'latin1',
  );
}

function attempt(call: () => number): number {
  try {
    return call();
  } catch (error) {
    return negated(error);
  }
}

function negated(error: unknown): number {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number')
    return -Math.abs(error.errno);
  throw error;
}

function fill(into: Stat, stat: fs.BigIntStats): number {
  const rdev = splitDevice(stat.rdev);
  const dev = splitDevice(stat.dev);
  into.mode = Number(stat.mode);
  into.nlink = Number(stat.nlink);
  into.uid = Number(stat.uid);
  into.gid = Number(stat.gid);
  into.ino = stat.ino;
  into.size = Number(stat.size);
  into.mtimeNs = stat.mtimeNs;
  into.ctimeNs = stat.ctimeNs;
  into.rdevMajor = rdev.major;
  into.rdevMinor = rdev.minor;
  into.devMajor = dev.major;
  into.devMinor = dev.minor;
  into.mountId = 0n;
  return 0;
}

/** glibc's `gnu_dev_major` and `gnu_dev_minor`. */
function splitDevice(device: bigint): { major: number; minor: number } {
  return {
    major: Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n)),
    minor: Number((device & 0xffn) | ((device >> 12n) & 0xffffff00n)),
  };
}
