/**
 * Opening files below a directory without ever leaving it: no symbolic link is followed in any component, so neither
 * a link in the tree nor one swapped in meanwhile leads out (openat2(2), RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
 * RESOLVE_NO_MAGICLINKS). Kernels and sandboxes without openat2 get one O_NOFOLLOW open per component, which keeps
 * the same promise. Paths may be longer than PATH_MAX.
 */

import { constants as osConstants } from 'node:os';
import { realpathSync } from 'node:fs';

import { AuditError, errnoOf } from '../core/errors.js';
import { isWithin, type TreePath } from '../core/path.js';
import { mountPointsBelow, readMounts } from './mounts.js';
import {
  AT_FDCWD,
  errnoName,
  nativeCalls,
  newStat,
  O,
  type NativeCalls,
  type Stat,
} from './native.js';
import { portableCalls, type ScanCalls } from './portable.js';

/** An open root directory. Descriptors are plain numbers that Node's `fs` takes too; results below 0 are negated errnos. */
export interface Beneath {
  readonly fd: number;
  /** Null where the platform has none: then the tree can be read, not edited. */
  readonly native: NativeCalls | null;
  readonly calls: ScanCalls;
  /** A final symbolic link is opened only with O_PATH. */
  open(path: TreePath, flags: number): number;
  /** lstat of any path below the root, `''` being the root; 0 or the negated errno. */
  stat(path: TreePath, into: Stat): number;
  /** Whether an object met at this path belongs to another mount: a mount point, or what lies below one. */
  isForeign(stat: Stat, path: TreePath): boolean;
  close(): void;
}

/** Throws `SOURCE_UNUSABLE` when there is no directory to open; links in `root` itself are followed. */
export function openBeneath(root: string): Beneath {
  const native = nativeCalls();
  const calls = native ?? portableCalls;
  const name = Buffer.from(root, 'utf8').toString('latin1');
  const fd = calls.openat(AT_FDCWD, name, O.RDONLY | O.DIRECTORY);
  if (fd < 0) {
    throw new AuditError(
      'SOURCE_UNUSABLE',
      `root ${root}: expected a directory that can be read, found ${errnoName(fd)}`,
    );
  }
  const open = opener(calls, fd);
  const scratch = newStat();
  calls.statFd(fd, scratch);
  const isForeign = mountTest({ ...scratch }, root);
  return {
    fd,
    native,
    calls,
    open,
    stat: (path, into) => {
      const slash = path.lastIndexOf('/');
      if (slash < 0) return path === '' ? calls.statFd(fd, into) : calls.statAt(fd, path, into);
      const directory = open(path.slice(0, slash) as TreePath, O.PATH | O.DIRECTORY);
      if (directory < 0) return directory;
      const result = calls.statAt(directory, path.slice(slash + 1), into);
      calls.close(directory);
      return result;
    },
    isForeign,
    close: () => void calls.close(fd),
  };
}

/** `parent` and `name` of a path, for the `*at` calls; null for the root, which has neither. */
export function splitPath(
  path: TreePath,
): { readonly parent: TreePath; readonly name: string } | null {
  if (path === '') return null;
  const slash = path.lastIndexOf('/');
  return { parent: path.slice(0, Math.max(slash, 0)) as TreePath, name: path.slice(slash + 1) };
}

/** Bytes per openat2 call, below PATH_MAX (4096 with the NUL). */
const CHUNK = 4000;
const NO_OPENAT2: ReadonlySet<number> = new Set([
  -osConstants.errno.ENOSYS,
  -osConstants.errno.EPERM,
]);

/** Opens paths below an open directory; see the head of this file for what it promises. */
export function opener(calls: ScanCalls, root: number): (path: TreePath, flags: number) => number {
  const probe = calls.openBeneath(root, '', O.PATH | O.DIRECTORY);
  const whole = !NO_OPENAT2.has(probe);
  if (probe >= 0) calls.close(probe);
  const step = (directory: number, path: string, flags: number): number =>
    whole
      ? calls.openBeneath(directory, path, flags)
      : calls.openat(directory, path, flags | O.NOFOLLOW);
  return (path, flags) => {
    if (path !== '' && HAS_DOTS.test(path)) return -osConstants.errno.EXDEV;
    const limit = whole ? CHUNK : 0;
    let directory = root;
    let rest: string = path;
    while (rest.length > limit) {
      const slash = limit === 0 ? rest.indexOf('/') : rest.lastIndexOf('/', limit);
      if (slash < 0) break;
      const next = step(directory, rest.slice(0, slash), O.PATH | O.DIRECTORY);
      if (directory !== root) calls.close(directory);
      if (next < 0) return next;
      directory = next;
      rest = rest.slice(slash + 1);
    }
    const result = step(directory, rest === '' ? '.' : rest, flags);
    if (directory !== root) calls.close(directory);
    return result;
  };
}

/** Absolute, empty, `.` and `..` components never come from a tree. */
const HAS_DOTS = /(^|\/)\.{0,2}(\/|$)/;

function mountTest(root: Stat, rootPath: string): (stat: Stat, path: TreePath) => boolean {
  let points: readonly TreePath[] | null = null;
  const isBelowPoint = (path: TreePath): boolean => {
    points ??= listMountPoints(rootPath);
    return points.some((point) => isWithin(path, point));
  };
  return (stat, path) => {
    if (root.mountId !== 0n && stat.mountId !== 0n) return stat.mountId !== root.mountId;
    return isBelowPoint(path);
  };
}

/** For kernels without STATX_MNT_ID (before 5.8) and platforms without statx. */
function listMountPoints(root: string): readonly TreePath[] {
  try {
    const resolved = realpathSync(root, 'buffer').toString('latin1');
    return mountPointsBelow(readMounts(), resolved);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
