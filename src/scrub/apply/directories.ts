/** Open directories of the tree: each is opened beneath the root once, and keeps its modification time through edits of its entries. */

import { baseName, parentPath, type TreePath } from '../../core/path.js';
import type { Beneath } from '../../fs/beneath.js';
import { newStat, O, type NativeCalls } from '../../fs/native.js';
import { seenOf, type Seen } from '../walk.js';
import { LeftAlone, must } from './left-alone.js';

export interface OpenDirectory {
  readonly path: TreePath;
  readonly fd: number;
  /** Runs calls that add, rename or unlink entries, and puts the directory's mtime back whether they succeed or not. */
  change(calls: () => void): void;
  /** Makes the changes so far durable. */
  sync(): void;
}

export interface Directories {
  /** Valid until `OPEN_LIMIT` others were opened. Throws `LeftAlone`. */
  open(path: TreePath): OpenDirectory;
  /** What lies at a path now, seen through its open directory; null when nothing does. Throws `LeftAlone`. */
  look(path: TreePath): Seen | null;
  close(): void;
}

/** More than one edit ever needs at once is kept: edits come directory by directory. */
const OPEN_LIMIT = 64;

export function openDirectories(beneath: Beneath, native: NativeCalls): Directories {
  const open = new Map<TreePath, OpenDirectory & { dirty: boolean }>();
  const release = (directory: OpenDirectory & { dirty: boolean }): void => {
    if (directory.dirty) native.fsync(directory.fd);
    native.close(directory.fd);
    open.delete(directory.path);
  };
  const stat = newStat();
  const directories: Directories = {
    open: (path) => {
      const known = open.get(path);
      if (known !== undefined) {
        open.delete(path);
        open.set(path, known);
        return known;
      }
      const directory = openOne(beneath, native, path);
      open.set(path, directory);
      if (open.size > OPEN_LIMIT) release(open.values().next().value!);
      return directory;
    },
    look: (path) => {
      const result =
        path === ''
          ? native.statFd(beneath.fd, stat)
          : native.statAt(directories.open(parentPath(path)).fd, baseName(path), stat);
      if (result < 0 || (path !== '' && beneath.isForeign(stat, path))) return null;
      return seenOf(path, stat);
    },
    close: () => open.forEach(release),
  };
  return directories;
}

function openOne(
  beneath: Beneath,
  native: NativeCalls,
  path: TreePath,
): OpenDirectory & { dirty: boolean } {
  const fd = must(beneath.open(path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW), 'opening its directory');
  const stat = newStat();
  native.statFd(fd, stat);
  if (path !== '' && beneath.isForeign(stat, path)) {
    native.close(fd);
    throw new LeftAlone('another file system is mounted over its directory');
  }
  let probed = false;
  const directory = {
    path,
    fd,
    dirty: false,
    change: (calls: () => void): void => {
      must(native.statFd(fd, stat), 'fstat of its directory');
      const { mtimeNs } = stat;
      // Only an owner may set times: who could not put the time back must not change it. Also tells a read-only file system.
      if (!probed) must(native.setMtimeFd(fd, mtimeNs), 'keeping the time of its directory');
      probed = true;
      directory.dirty = true;
      try {
        calls();
      } finally {
        native.setMtimeFd(fd, mtimeNs);
      }
    },
    sync: (): void => {
      must(native.fsync(fd), 'fsync of its directory');
      directory.dirty = false;
    },
  };
  return directory;
}
