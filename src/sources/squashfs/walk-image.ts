/** Walks the directories of a squashfs image: all but the contents of files goes into the tree. */

import { FormatError } from '../../core/errors.js';
import { joinPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import type { SquashfsImage } from '../../formats/squashfs/image.js';
import type { DirectoryInode, FileInode, Inode } from '../../formats/squashfs/inode.js';
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

export interface FoundLink {
  readonly path: TreePath;
  /** The name of the same inode that came first. */
  readonly first: TreePath;
}

export interface Walked {
  readonly files: readonly FoundFile[];
  readonly links: readonly FoundLink[];
}

/** Names of one image: directories that share a listing have as many as someone likes. */
const MOST_NAMES = 20_000_000;

/** Throws `FormatError` when there is no root; what else makes no sense is a diagnostic. */
export function walkImage(image: SquashfsImage, target: ArchiveTarget): Promise<Walked> {
  return new Walk(image, target).run();
}

class Walk {
  readonly #image: SquashfsImage;
  readonly #target: ArchiveTarget;
  readonly #files: FoundFile[] = [];
  readonly #links: FoundLink[] = [];
  /** The first path of each inode. */
  readonly #seen = new Map<number, TreePath>();
  readonly #open: { readonly path: TreePath; readonly inode: DirectoryInode }[] = [];
  #names = 0;

  constructor(image: SquashfsImage, target: ArchiveTarget) {
    this.#image = image;
    this.#target = target;
  }

  async run(): Promise<Walked> {
    const { rootInode } = this.#image.superblock;
    const root = await this.#image.inode(rootInode);
    if (root.type !== 'directory')
      throw new FormatError('squashfs', 32, 'the root is no directory');
    this.#seen.set(rootInode, ROOT_PATH);
    await this.#inode(ROOT_PATH, root);
    for (let next = this.#open.pop(); next !== undefined; next = this.#open.pop())
      await this.#directory(next.path, next.inode);
    return { files: this.#files, links: this.#links };
  }

  async #directory(path: TreePath, inode: DirectoryInode): Promise<void> {
    const { tree } = this.#target;
    const names = new Set<string>();
    try {
      for await (const { name, inode: at } of this.#image.listing(inode)) {
        this.#target.step();
        if (++this.#names > MOST_NAMES)
          throw new FormatError('squashfs', 4, `more than ${MOST_NAMES} names`);
        if (NO_NAME.test(name)) tree.skip(joinPath(path, '?'), 'an entry with a name that is none');
        else if (names.has(name))
          tree.skip(joinPath(path, name), 'its directory has two of the name');
        else await this.#entry(joinPath(path, name), at);
        names.add(name);
      }
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // What was listed so far is there all the same.
      tree.diagnostics.push({ code: 'unreadable', path, detail: error.message });
    }
  }

  async #entry(path: TreePath, at: number): Promise<void> {
    const { tree } = this.#target;
    try {
      const first = this.#seen.get(at);
      const inode = await this.#image.inode(at);
      if (first === undefined) {
        await this.#inode(path, inode);
        this.#seen.set(at, path);
      } else if (inode.type === 'directory') {
        tree.skip(path, 'a directory that has a place in the tree already');
      } else this.#links.push({ path, first });
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      tree.skip(path, error.message);
    }
  }

  async #inode(path: TreePath, inode: Inode): Promise<void> {
    const { tree } = this.#target;
    const node = await this.#node(path, inode);
    if (inode.type === 'file') {
      const place = await this.#placeOf(inode);
      this.#files.push({ path, inode, node, place });
      return;
    }
    tree.add(path, node);
    if (inode.type === 'directory') this.#open.push({ path, inode });
  }

  async #node(path: TreePath, inode: Inode): Promise<Node> {
    const node: Node = {
      type: inode.type,
      coverage: 'full',
      mode: inode.mode,
      uid: await this.#image.id(inode.uidIndex),
      gid: await this.#image.id(inode.gidIndex),
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
      return { ...node, xattrs: await this.#image.xattrsOf(inode) };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#target.tree.diagnostics.push({ code: 'unreadable', path, detail: error.message });
      // A directory that counts as unreadable has no listing.
      return inode.type === 'directory' ? node : { ...node, coverage: 'unreadable' };
    }
  }

  async #placeOf({ blockCount, start, fragment }: FileInode): Promise<number> {
    if (blockCount > 0 || fragment === null) return start;
    try {
      return (await this.#image.fragment(fragment.index)).start;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // Told when it is read.
      return 0;
    }
  }
}

/** What Linux takes for no name, or what leads elsewhere. */
// oxlint-disable-next-line no-control-regex
const NO_NAME = /^\.{1,2}$|[/\0]/;
