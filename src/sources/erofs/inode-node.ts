/** An inode of EROFS as an entry of a tree. */

import type { Coverage, Xattr } from '../../core/entry.js';
import { erofsDevice, type ErofsInode } from '../../formats/erofs/inode.js';
import type { ErofsTree } from '../../formats/erofs/walk.js';
import type { Node } from '../archive/tree-builder.js';

export type InodeContent = Pick<Node, 'xxh64' | 'sha256' | 'target'>;

export interface SeenInode {
  readonly content: InodeContent;
  readonly xattrs: readonly Xattr[];
  readonly coverage: Coverage;
}

export function nodeOfInode(
  { volume }: ErofsTree,
  inode: ErofsInode,
  { content, xattrs, coverage }: SeenInode,
): Node {
  const { type, mode, uid, gid, size } = inode;
  const { buildTime, buildTimeNs } = volume.superblock;
  const { seconds, nanoseconds } = inode.mtime ?? {
    seconds: BigInt.asIntN(64, buildTime),
    nanoseconds: buildTimeNs,
  };
  return {
    type,
    coverage,
    mode: mode & 0o7777,
    uid,
    gid,
    size: type === 'file' && Number.isSafeInteger(size) ? size : 0,
    // Records have 64 bits of nanoseconds.
    mtimeNs: BigInt.asIntN(64, seconds * 1_000_000_000n + BigInt(nanoseconds)),
    rdev: type === 'char' || type === 'block' ? erofsDevice(inode) : null,
    xattrs,
    ...content,
  };
}

/** Sorted by name; `spend` is told of their bytes. Throws `FormatError`. */
export function xattrsOf(
  image: ErofsTree,
  inode: ErofsInode,
  spend: (bytes: number, inode: ErofsInode) => void,
): readonly Xattr[] {
  const found = image.xattrs(inode);
  if (found.length === 0) return found;
  spend(
    found.reduce((sum, { length }) => sum + length, 0),
    inode,
  );
  const byName = new Map(found.map(({ name, value }) => [name, value]));
  return [...byName]
    .map(([name, value]) => ({ name, value }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether overlayfs would take the content from a lower layer (Linux, `overlayfs.rst`, metadata only copy up). */
export function refersElsewhere(xattrs: readonly Xattr[]): boolean {
  return xattrs.some(({ name }) => name === 'trusted.overlay.metacopy');
}
