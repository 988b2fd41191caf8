/**
 * The scrubber's one walk: every object below the root, each directory opened beneath the root by its own descriptor,
 * so that neither links nor PATH_MAX matter. Nothing but directories is opened, and mount points are left out.
 */

import type { Diagnostic } from '../core/diagnostic.js';
import { typeOfMode } from '../core/entry.js';
import { comparePaths, isWithin, joinPath, type TreePath } from '../core/path.js';
import type { Beneath } from '../fs/beneath.js';
import { errnoName, newStat, O, type Stat } from '../fs/native.js';
import type { ScrubEntry } from './define.js';

/** An entry with what tells its inode from all others. */
export interface Seen extends ScrubEntry {
  /** Of the device that holds it; file systems with subvolumes have several under one mount. */
  readonly dev: string;
  readonly ino: bigint;
  readonly nlink: number;
}

export interface Visitor {
  /** Called in byte order, a directory after what it holds, the root last. */
  visit(entry: Seen): void;
  report(diagnostic: Diagnostic): void;
}

interface Frame {
  readonly entry: Seen;
  readonly children: readonly Seen[];
  next: number;
}

export function walkTree(beneath: Beneath, visitor: Visitor): void {
  const stack: Frame[] = [];
  const root = seenAt(beneath, '' as TreePath);
  if (root === null) return;
  stack.push(frame(beneath, root, visitor));
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = top.children[top.next++];
    if (child === undefined) {
      visitor.visit(top.entry);
      stack.pop();
    } else if (child.type === 'directory') stack.push(frame(beneath, child, visitor));
    else visitor.visit(child);
  }
}

/** What lies at a path now; null when nothing does, or when it belongs to another mount. */
export function seenAt(beneath: Beneath, path: TreePath): Seen | null {
  const stat = newStat();
  if (beneath.stat(path, stat) < 0) return null;
  return path !== '' && beneath.isForeign(stat, path) ? null : seenOf(path, stat);
}

export function seenOf(path: TreePath, stat: Stat): Seen | null {
  const type = typeOfMode(stat.mode);
  if (type === null) return null;
  return {
    path,
    type,
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    size: stat.size,
    mtimeNs: stat.mtimeNs,
    dev: `${stat.devMajor}:${stat.devMinor}`,
    ino: stat.ino,
    nlink: stat.nlink,
  };
}

/** The order in which `walkTree` visits. */
export function compareWalkOrder(a: TreePath, b: TreePath): number {
  if (a === b) return 0;
  if (isWithin(a, b)) return -1;
  return isWithin(b, a) ? 1 : comparePaths(a, b);
}

function frame(beneath: Beneath, entry: Seen, visitor: Visitor): Frame {
  return { entry, children: list(beneath, entry.path, visitor), next: 0 };
}

const SCRATCH = newStat();

function list(beneath: Beneath, path: TreePath, visitor: Visitor): readonly Seen[] {
  const { calls } = beneath;
  const fd = beneath.open(path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  if (fd < 0) {
    visitor.report(unreadable(path, 'open', fd));
    return [];
  }
  try {
    const names = calls.list(fd);
    if (typeof names === 'number') {
      visitor.report(unreadable(path, 'getdents64', names));
      return [];
    }
    const children: Seen[] = [];
    for (const name of names.sort()) {
      const child = joinPath(path, name);
      const result = calls.statAt(fd, name, SCRATCH);
      if (result < 0) {
        visitor.report(unreadable(child, 'lstat', result));
        continue;
      }
      const seen = beneath.isForeign(SCRATCH, child) ? null : seenOf(child, SCRATCH);
      if (seen !== null) children.push(seen);
    }
    return children;
  } finally {
    calls.close(fd);
  }
}

function unreadable(path: TreePath, call: string, result: number): Diagnostic {
  const name = errnoName(result);
  return {
    code: name === 'ENOENT' ? 'vanished' : 'unreadable',
    path,
    detail: `${call} gave ${name}, so no rule has seen it`,
  };
}
