/** Puts all that a squashfs image has into the tree, but for the contents of files. */

import { setImmediate } from 'node:timers/promises';

import { FormatError } from '../../core/errors.js';
import type { TreePath } from '../../core/path.js';
import type { SquashfsImage } from '../../formats/squashfs/image.js';
import type { FileInode, Inode } from '../../formats/squashfs/inode.js';
import { walkSquashfs, type Walked } from '../../formats/squashfs/walk.js';
import type { ArchiveTarget } from '../archive/open-archive.js';
import type { Node } from '../archive/tree-builder.js';

/** A file without its content. */
export interface FoundFile {
  readonly path: TreePath;
  readonly inode: FileInode;
  readonly node: Node;
  /** Where its content begins in the image. */
  readonly place: number;
}

/** Another name of what the tree has, or will have, as `first`. */
export type FoundLink = Extract<Walked, { kind: 'link' }>;

/** Paths between two turns of the event loop: a signal must be able to arrive. */
const BATCH = 2000;

/** Throws `FormatError` when there is no root; what else makes no sense is a diagnostic. */
export async function addInodes(
  image: SquashfsImage,
  target: ArchiveTarget,
): Promise<{ readonly files: readonly FoundFile[]; readonly links: readonly FoundLink[] }> {
  const { tree } = target;
  const files: FoundFile[] = [];
  const links: FoundLink[] = [];
  const damaged = (path: TreePath, detail: string): void =>
    void tree.diagnostics.push({ code: 'unreadable', path, detail });
  let count = 0;
  for await (const found of walkSquashfs(image)) {
    if (++count % BATCH === 0) await setImmediate();
    target.step();
    const { path } = found;
    if (found.kind === 'left-out') tree.skip(path, found.detail);
    // What was listed so far is there all the same.
    else if (found.kind === 'cut') damaged(path, found.detail);
    else if (found.kind === 'link') links.push(found);
    else
      try {
        const { inode } = found;
        const node = await nodeOf(image, inode, (detail) => damaged(path, detail));
        if (inode.type !== 'file') tree.add(path, node);
        else files.push({ path, inode, node, place: await placeOf(image, inode) });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        tree.skip(path, error.message);
      }
  }
  return { files, links };
}

/** Throws `FormatError` for an owner that is none. */
async function nodeOf(
  image: SquashfsImage,
  inode: Inode,
  damaged: (detail: string) => void,
): Promise<Node> {
  const node: Node = {
    type: inode.type,
    coverage: 'full',
    mode: inode.mode,
    uid: await image.id(inode.uidIndex),
    gid: await image.id(inode.gidIndex),
    size: inode.type === 'file' ? inode.size : 0,
    mtimeNs: BigInt(inode.mtime) * 1_000_000_000n,
    target: inode.type === 'symlink' ? inode.target : null,
    rdev: 'device' in inode ? inode.device : null,
    xattrs: [],
    xxh64: null,
    sha256: null,
  };
  if (inode.xattrIndex === null) return node;
  try {
    return { ...node, xattrs: await image.xattrsOf(inode) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    damaged(error.message);
    // A directory that counts as unreadable has no listing.
    return inode.type === 'directory' ? node : { ...node, coverage: 'unreadable' };
  }
}

async function placeOf(
  image: SquashfsImage,
  { blockCount, start, fragment }: FileInode,
): Promise<number> {
  if (blockCount > 0 || fragment === null) return start;
  try {
    return (await image.fragment(fragment.index)).start;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    // Told when it is read.
    return 0;
  }
}
