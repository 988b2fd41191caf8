/**
 * What the tree should look like by now: as it was planned, and as our own edits have changed it since. An edit is
 * applied only where the tree still agrees.
 */

import type { TreePath } from '../../core/path.js';
import type { PlannedEdit } from '../plan.js';
import type { Seen } from '../walk.js';

/** One inode and its names in the tree; shared by all of them. */
export interface Inode {
  state: Seen;
  readonly names: TreePath[];
}

export interface Ledger {
  /** Null when an earlier edit removed the path, or lost track of it. */
  inodeOf(planned: PlannedEdit): Inode | null;
  removed(path: TreePath, inode: Inode): void;
  /** The path could not be kept together with the other names of its inode. */
  parted(path: TreePath, inode: Inode): void;
}

export function createLedger(): Ledger {
  const byPath = new Map<TreePath, Inode | null>();
  const drop = (path: TreePath, inode: Inode): void => {
    byPath.set(path, null);
    const at = inode.names.indexOf(path);
    if (at >= 0) inode.names.splice(at, 1);
  };
  return {
    inodeOf: (planned) => {
      const known = byPath.get(planned.edit.path);
      if (known !== undefined) return known;
      const inode: Inode = { state: planned.was, names: [...planned.names] };
      for (const name of inode.names) byPath.set(name, inode);
      return inode;
    },
    removed: drop,
    parted: drop,
  };
}

/** Whether the inode also has names that the walk did not meet: other trees share it. */
export function isSharedOutside(inode: Inode): boolean {
  return inode.state.type !== 'directory' && inode.state.nlink > inode.names.length;
}

/** What differs between the planned and the present state, for a message; null when nothing does. */
export function driftOf(expected: Seen, found: Seen | null): string | null {
  if (found === null) return 'it is gone';
  if (found.type !== expected.type) return `it was a ${expected.type} and is a ${found.type}`;
  if (found.dev !== expected.dev || found.ino !== expected.ino)
    return 'another object took its place';
  if (found.mtimeNs !== expected.mtimeNs) return 'its modification time changed';
  // Directories change in size and link count as entries come and go.
  if (expected.type === 'directory') return null;
  if (found.size !== expected.size) return `it had ${expected.size} bytes and has ${found.size}`;
  // Fewer are our own doing, as far as the file system tells: overlayfs goes on counting removed names.
  return found.nlink > expected.nlink
    ? `it had ${expected.nlink} links and has ${found.nlink}`
    : null;
}
