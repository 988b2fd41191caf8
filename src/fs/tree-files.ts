/** `TreeFiles` over a directory of the real file system. */

import { closeSync, fstatSync, readSync } from 'node:fs';
import { constants as osConstants } from 'node:os';

import { typeOfMode } from '../core/entry.js';
import type { TreePath } from '../core/path.js';
import type { OpenTreeFile, TreeFiles } from '../core/tree-files.js';
import { splitPath, type Beneath } from './beneath.js';
import { newStat, O, systemError } from './native.js';

/**
 * Reads below an open root. Symbolic links are not followed, so a path that leads through one is not there: resolve it
 * with `readLink` first. Nothing but regular files and directories is ever opened for reading.
 */
export function treeFiles(beneath: Beneath): TreeFiles {
  const { calls } = beneath;
  const stat = newStat();
  const typeAt = (path: TreePath): ReturnType<typeof typeOfMode> => {
    const result = beneath.stat(path, stat);
    if (result >= 0) return typeOfMode(stat.mode);
    if (ABSENT.has(result)) return null;
    throw systemError(result, 'lstat', path);
  };
  /** Null when no regular file is there. */
  const openFile = (path: TreePath): number | null => {
    if (typeAt(path) !== 'file') return null;
    const fd = beneath.open(path, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
    if (ABSENT.has(fd)) return null;
    if (fd < 0) throw systemError(fd, 'open', path);
    return fd;
  };
  return {
    read: (path) => {
      const fd = openFile(path);
      if (fd === null) return null;
      try {
        const stats = fstatSync(fd);
        if (stats.size > MAX_BYTES) throw systemError(-EFBIG, 'read', path);
        return stats.isFile() ? readWhole(fd) : null;
      } finally {
        closeSync(fd);
      }
    },
    open: (path) => {
      const fd = openFile(path);
      return fd === null ? null : openAccess(fd);
    },
    list: (path) => {
      const fd = beneath.open(path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
      if (ABSENT.has(fd)) return [];
      if (fd < 0) throw systemError(fd, 'open', path);
      const names = calls.list(fd);
      calls.close(fd);
      if (typeof names === 'number') throw systemError(names, 'getdents64', path);
      return names.toSorted();
    },
    readLink: (path) => {
      // Asked for every directory that packages list, and nearly every one is a directory: two calls tell.
      const listing = beneath.open(path, O.PATH | O.DIRECTORY | O.NOFOLLOW);
      if (listing >= 0) {
        calls.close(listing);
        return null;
      }
      if (listing === -ENOENT || typeAt(path) !== 'symlink') return null;
      const parts = splitPath(path)!;
      const directory = beneath.open(parts.parent, O.PATH | O.DIRECTORY);
      if (directory < 0) return null;
      const target = calls.readlinkAt(directory, parts.name);
      calls.close(directory);
      if (typeof target === 'string') return target;
      if (ABSENT.has(target)) return null;
      throw systemError(target, 'readlink', path);
    },
  };
}

/** What says that there is nothing of this kind at a path. */
const { ENOENT, ENOTDIR, ELOOP, EXDEV, ENAMETOOLONG, EINVAL, EFBIG } = osConstants.errno;
const ABSENT: ReadonlySet<number> = new Set(
  [ENOENT, ENOTDIR, ELOOP, EXDEV, ENAMETOOLONG, EINVAL].map((errno) => -errno),
);

/** Nothing that is asked for by name is larger; a sparse file of this size costs a second, one of terabytes the program. */
const MAX_BYTES = 512 * 1024 * 1024;

/** An open file; null, and closed, when it turned out to be no regular file. */
export function openAccess(fd: number): OpenTreeFile | null {
  const stats = fstatSync(fd, { bigint: true });
  if (!stats.isFile()) {
    closeSync(fd);
    return null;
  }
  const size = Number(stats.size);
  const readInto = (target: Uint8Array, offset: number): number => {
    const wanted = Math.max(0, Math.min(target.length, size - offset));
    let filled = 0;
    while (filled < wanted) {
      const count = readSync(fd, target, filled, wanted - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  };
  return {
    size,
    mtimeNs: stats.mtimeNs,
    readInto,
    read: (offset, length) => {
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
      const filled = readInto(bytes, offset);
      return filled === bytes.length ? bytes : bytes.subarray(0, filled);
    },
    close: () => closeSync(fd),
  };
}

function readWhole(fd: number): Uint8Array {
  const chunks: Buffer[] = [];
  for (let size = Number(fstatSync(fd).size) + 1; ; size = 64 * 1024) {
    const chunk = Buffer.allocUnsafe(size);
    const length = readSync(fd, chunk, 0, size, null);
    if (length === 0) return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
  }
}
