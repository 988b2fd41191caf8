/** Hard links: which names in the tree are one inode. Inodes are told apart by device and number (POSIX `<sys/stat.h>`). */

import { comparePaths, type TreePath } from '../core/path.js';
import type { Beneath } from '../fs/beneath.js';
import { walkTree, type Seen } from './walk.js';

export interface LinkIndex {
  /** Runs a walk and notes all that it meets. */
  collect(walk: (note: (entry: Seen) => void) => void): void;
  /** Names of the entry's inode below the root, in byte order. Walks the tree when that was not done yet. */
  names(entry: Seen): readonly TreePath[];
}

export function linkIndex(beneath: Beneath): LinkIndex {
  const names = new Map<string, TreePath[]>();
  let complete = false;
  const note = (entry: Seen): void => {
    if (entry.nlink < 2 || entry.type === 'directory') return;
    const key = inodeKey(entry);
    const known = names.get(key);
    if (known === undefined) names.set(key, [entry.path]);
    else known.push(entry.path);
  };
  const collect: LinkIndex['collect'] = (walk) => {
    walk(note);
    complete = true;
  };
  return {
    collect,
    names: (entry) => {
      if (entry.nlink < 2 || entry.type === 'directory') return [entry.path];
      if (!complete) collect((visit) => walkTree(beneath, { visit, report: () => {} }));
      return names.get(inodeKey(entry))?.toSorted(comparePaths) ?? [entry.path];
    },
  };
}

export function inodeKey(inode: { readonly dev: string; readonly ino: bigint }): string {
  return `${inode.dev} ${inode.ino}`;
}
