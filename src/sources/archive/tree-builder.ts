/**
 * Builds the tree that an archive describes, member by member, without ever writing a file: what would lead outside of the
 * tree, through a file, or nowhere is left out and told. A later member of the same path replaces the one before, as it does
 * when an archive is unpacked.
 */

import type { Diagnostic } from '../../core/diagnostic.js';
import { hasListing, packDirectory, type PackedDirectory } from '../../core/packed-directory.js';
import type { Entry } from '../../core/entry.js';
import {
  baseName,
  displayPath,
  joinPath,
  parentPath,
  ROOT_PATH,
  type TreePath,
} from '../../core/path.js';

/** An entry without its place: names and links come from the tree. */
export type Node = Omit<Entry, 'name' | 'link'>;

interface Place {
  node: Node;
  /** Set for names of one inode. */
  inode: string | null;
  /** Of a directory; of everything else one that is shared and stays empty. */
  children: Map<string, Place>;
}

const NO_CHILDREN = new Map<string, Place>();

/** The deepest path; Linux itself stops at 4,096 bytes. */
const MAX_DEPTH = 4096;
/** Links that one path may lead through (ELOOP of Linux). */
const MAX_LINKS = 40;

/** What a directory has that no member describes. */
const IMPLIED: Node = {
  type: 'directory',
  coverage: 'full',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: 0n,
  target: null,
  rdev: null,
  xattrs: [],
  xxh64: null,
  sha256: null,
};

export class TreeBuilder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #implied: Node;
  readonly #root: Place;
  readonly #isExcluded: (path: TreePath) => boolean;
  #inodes = 0;
  #count = 0;

  /** `implied`: what a directory has that no member describes. */
  constructor(isExcluded: (path: TreePath) => boolean, implied: Node = IMPLIED) {
    this.#isExcluded = isExcluded;
    this.#implied = implied;
    this.#root = { node: implied, inode: null, children: new Map() };
  }

  /** Entries so far. */
  get count(): number {
    return this.#count;
  }

  /** `name` as the archive has it: leading `/` and `./` do not count. Returns what it replaces that was described before. */
  add(name: string, node: Node): Node | null {
    const path = this.#pathOf(name);
    if (path === null) return null;
    if (path === ROOT_PATH) {
      const former = this.#root.node;
      if (node.type === 'directory') this.#root.node = node;
      else this.#skip(path, 'the root of a tree is a directory');
      return former === this.#implied ? null : former;
    }
    const parent = this.#parent(path);
    if (parent === null) return null;
    const name_ = baseName(path);
    const former = parent.children.get(name_);
    if (former === undefined) this.#count += 1;
    // A directory that comes again keeps what lies in it.
    const keeps = former?.node.type === 'directory' && node.type === 'directory';
    parent.children.set(name_, {
      node,
      inode: null,
      children: keeps
        ? former.children
        : node.type === 'directory'
          ? new Map<string, Place>()
          : NO_CHILDREN,
    });
    return former === undefined || former.node === this.#implied ? null : former.node;
  }

  /** Another name for what the archive has put at `target` before. */
  link(name: string, target: string): void {
    const [path, from] = [this.#pathOf(name), this.#pathOf(target)];
    if (path === null || from === null) return;
    const original = this.#find(from);
    if (original === null || original.node.type === 'directory') {
      this.#skip(path, `a hard link to ${displayPath(from)}, which the archive does not have`);
      return;
    }
    const parent = this.#parent(path);
    if (parent === null) return;
    original.inode ??= String(this.#inodes++);
    if (!parent.children.has(baseName(path))) this.#count += 1;
    parent.children.set(baseName(path), original);
  }

  /** Writes over what is at a path, under all names that it has; false, and nothing done, where nothing is. */
  replace(name: string, node: Node): boolean {
    const path = this.#pathOf(name);
    const place = path === null ? null : this.#find(path);
    if (place === null) return false;
    place.node = node;
    if (node.type === 'directory' && place.children === NO_CHILDREN) place.children = new Map();
    return true;
  }

  /**
   * The path with the links in front of its last component followed, as in a root of its own: `..` never leads out, `/` is the
   * root. What does not exist stays as it is; null for links that go round in circles.
   */
  throughLinks(path: TreePath): TreePath | null {
    const remaining = path.split('/').toReversed();
    const places: Place[] = [this.#root];
    const names: string[] = [];
    for (let hops = 0; remaining.length > 1;) {
      const part = remaining.pop()!;
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (names.length > 0) [places.length, names.length] = [places.length - 1, names.length - 1];
        continue;
      }
      const place = places.at(-1)!.children.get(part);
      if (place?.node.type === 'symlink') {
        if (++hops > MAX_LINKS || remaining.length > MAX_DEPTH) return null;
        const target = place.node.target ?? '';
        if (target.startsWith('/')) [places.length, names.length] = [1, 0];
        remaining.push(...target.split('/').toReversed());
        continue;
      }
      names.push(part);
      places.push(place ?? { node: IMPLIED, inode: null, children: new Map() });
    }
    return [...names, remaining[0]!].join('/') as TreePath;
  }

  /** Takes away a path with all below it; true when it was there. */
  remove(path: TreePath): boolean {
    const parent = path === ROOT_PATH ? null : this.#find(parentPath(path));
    return parent?.children.delete(baseName(path)) ?? false;
  }

  /** Takes away all that lies in a directory. */
  empty(path: TreePath): void {
    this.#find(path)?.children.clear();
  }

  /** Null when there is nothing. */
  get(path: TreePath): Node | null {
    return this.#find(path)?.node ?? null;
  }

  /** Names in a directory, in byte order. */
  list(path: TreePath): readonly string[] {
    return [...(this.#find(path)?.children.keys() ?? [])].toSorted();
  }

  /** Directories that no member describes, the root among them. */
  impliedDirectories(): number {
    let count = 0;
    const open = [this.#root];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (place.node === this.#implied) count += 1;
      for (const child of place.children.values())
        if (child.node.type === 'directory') open.push(child);
    }
    return count;
  }

  /** Of files below a path that have another name outside of it: that name, the first in no particular order. */
  namesOutside(folder: TreePath): ReadonlyMap<string, TreePath> {
    const inside = new Map<string, TreePath>();
    const outside = new Map<string, TreePath>();
    const start = this.#find(folder);
    if (start === null) return outside;
    this.#visit(folder, start, null, (path, inode) => inside.set(inode, path));
    this.#visit(ROOT_PATH, this.#root, start, (path, inode) => {
      const member = inside.get(inode);
      if (member !== undefined && !outside.has(member)) outside.set(member, path);
    });
    return outside;
  }

  /** Tells every name of an inode that has several, but for what lies in `without`. */
  #visit(
    path: TreePath,
    { children }: Place,
    without: Place | null,
    told: (path: TreePath, inode: string) => void,
  ): void {
    const waiting = [{ path, children }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop())
      for (const [name, place] of next.children) {
        if (place === without) continue;
        const below = joinPath(next.path, name);
        if (place.node.type === 'directory')
          waiting.push({ path: below, children: place.children });
        else if (place.inode !== null) told(below, place.inode);
      }
  }

  root(): Entry {
    return { ...this.#root.node, name: '', link: null };
  }

  /** Every directory, subdirectories first. */
  *directories(): Generator<PackedDirectory> {
    // Without recursion: archives may be deep.
    const stack: { path: TreePath; place: Place; isOpen: boolean }[] = [
      { path: ROOT_PATH, place: this.#root, isOpen: false },
    ];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      if (top.isOpen) {
        stack.pop();
        yield this.#pack(top.path, top.place);
        continue;
      }
      top.isOpen = true;
      for (const [name, place] of top.place.children) {
        const path = joinPath(top.path, name);
        if (hasListing(place.node) && !this.#isExcluded(path))
          stack.push({ path, place, isOpen: false });
      }
    }
  }

  #pack(path: TreePath, { children }: Place): PackedDirectory {
    const inodes = new Map<string, string | null>();
    const entries: Entry[] = [];
    for (const [name, { node, inode }] of children) {
      if (this.#isExcluded(joinPath(path, name))) continue;
      inodes.set(name, inode);
      entries.push({ ...node, name, link: null });
    }
    return packDirectory(path, entries, ({ name }) => inodes.get(name) ?? null);
  }

  #find(path: TreePath): Place | null {
    let place: Place | undefined = this.#root;
    if (path !== ROOT_PATH)
      for (const part of path.split('/')) {
        place = place.children.get(part);
        if (place === undefined) return null;
      }
    return place;
  }

  /** The directory that a path lies in, made where no member describes it; null when a file stands in the way. */
  #parent(path: TreePath): Place | null {
    let place = this.#root;
    const parts = path.split('/');
    parts.pop();
    for (const part of parts) {
      let next = place.children.get(part);
      if (next === undefined) {
        next = { node: this.#implied, inode: null, children: new Map() };
        place.children.set(part, next);
        this.#count += 1;
      }
      if (next.node.type !== 'directory') {
        this.#skip(path, `its path leads through ${part}, which is no directory`);
        return null;
      }
      place = next;
    }
    return place;
  }

  #pathOf(name: string): TreePath | null {
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    const path = parts.join('/') as TreePath;
    if (!parts.includes('..') && !name.includes('\0') && parts.length <= MAX_DEPTH) return path;
    this.#skip(path, 'its name leads out of the tree');
    return null;
  }

  /** Tells that an entry is not in the tree. */
  skip(name: string, why: string): void {
    this.#skip(joinPath(ROOT_PATH, name.replace(/^(?:\.?\/)+/, '')), why);
  }

  #skip(path: TreePath, why: string): void {
    this.diagnostics.push({ code: 'format', path, detail: `left out: ${why}` });
  }
}
