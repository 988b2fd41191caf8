/** Walks the directories of a squashfs image. Every directory is entered once, so that circles end. */

import { FormatError } from '../../core/errors.js';
import { joinPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import type { SquashfsImage } from './image.js';
import type { DirectoryInode, Inode } from './inode.js';
import { ENTRY_BYTES } from './listing.js';
import { SQUASHFS } from './superblock.js';

export type Walked =
  /** A path and what is there; the root first. `at`: the place of the inode, as listings have it. */
  | { readonly kind: 'inode'; readonly path: TreePath; readonly at: number; readonly inode: Inode }
  /** Another name of an inode whose `first` name came before. */
  | {
      readonly kind: 'link';
      readonly path: TreePath;
      readonly at: number;
      readonly first: TreePath;
    }
  /** An entry that makes no sense and is not walked. */
  | { readonly kind: 'left-out'; readonly path: TreePath; readonly detail: string }
  /** A directory whose listing ends early. */
  | { readonly kind: 'cut'; readonly path: TreePath; readonly detail: string };

/** Of one image. */
const MOST_NAMES = 10_000_000;
const MOST_PATH_BYTES = 1024 ** 3;

/** Throws `FormatError` when there is no root directory. */
export async function* walkSquashfs(image: SquashfsImage): AsyncGenerator<Walked> {
  const { rootInode } = image.superblock;
  const root = await image.inode(rootInode);
  if (root.type !== 'directory') throw new FormatError(SQUASHFS, 32, 'the root is no directory');
  yield { kind: 'inode', path: ROOT_PATH, at: rootInode, inode: root };
  const seen = new Map<number, TreePath>([[rootInode, ROOT_PATH]]);
  const open: { readonly path: TreePath; readonly inode: DirectoryInode }[] = [
    { path: ROOT_PATH, inode: root },
  ];
  const budget = {
    names: MOST_NAMES,
    listingBytes: image.listingCapacity(),
    pathBytes: MOST_PATH_BYTES,
  };
  for (let next = open.pop(); next !== undefined; next = open.pop())
    for await (const found of namesIn(image, next.path, next.inode, seen, budget)) {
      if (found.kind === 'inode') {
        seen.set(found.at, found.path);
        if (found.inode.type === 'directory') open.push({ path: found.path, inode: found.inode });
      }
      yield found;
    }
}

interface Budget {
  names: number;
  /** Listings do not overlap: directories that shared one would have as many names as someone likes. */
  listingBytes: number;
  /** Of all paths together: directories may be deep. */
  pathBytes: number;
}

function spend(budget: Budget, path: TreePath, name: string): void {
  budget.names -= 1;
  budget.listingBytes -= ENTRY_BYTES + name.length;
  budget.pathBytes -= path.length + name.length;
  if (budget.names < 0 || budget.listingBytes < 0 || budget.pathBytes < 0)
    throw new FormatError(SQUASHFS, 0, 'more names than are taken for an image of this size');
}

/** What Linux takes for no name, or what leads elsewhere. */
// oxlint-disable-next-line no-control-regex
const NO_NAME = /^\.{1,2}$|[/\0]/;

async function* namesIn(
  image: SquashfsImage,
  path: TreePath,
  inode: DirectoryInode,
  seen: ReadonlyMap<number, TreePath>,
  budget: Budget,
): AsyncGenerator<Walked> {
  const names = new Set<string>();
  try {
    for await (const { name, inode: at } of image.listing(inode)) {
      spend(budget, path, name);
      if (NO_NAME.test(name)) {
        yield { kind: 'left-out', path: joinPath(path, '?'), detail: 'its name is none' };
      } else if (names.has(name)) {
        const detail = 'its directory has two of the name';
        yield { kind: 'left-out', path: joinPath(path, name), detail };
      } else yield await entryAt(image, joinPath(path, name), at, seen.get(at));
      names.add(name);
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    yield { kind: 'cut', path, detail: error.message };
  }
}

async function entryAt(
  image: SquashfsImage,
  path: TreePath,
  at: number,
  first: TreePath | undefined,
): Promise<Walked> {
  try {
    const inode = await image.inode(at);
    if (first === undefined) return { kind: 'inode', path, at, inode };
    if (inode.type !== 'directory') return { kind: 'link', path, at, first };
    return { kind: 'left-out', path, detail: 'a directory that has a place in the tree already' };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { kind: 'left-out', path, detail: error.message };
  }
}
