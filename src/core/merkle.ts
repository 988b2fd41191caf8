/**
 * Digests of directories and the order in which directories become whole.
 *
 *     content = SHA-256( "repro-audit tree content v1\n" capture-word "\n" records
 *                        content digest of each subdirectory, in order
 *                        { u32 ordinal, u16 length, first path of the link set }* )
 *     full    = SHA-256( "repro-audit tree full v1\n" content
 *                        i64 mtime of each entry
 *                        full digest of each subdirectory, in order )
 *
 * Numbers are little-endian. A tree's own digests are those of a directory that holds nothing but the root,
 * under the empty name. The mtime of a directory belongs to its parent's full digest, like that of any entry.
 */

import { createHash } from 'node:crypto';

import { captureWord, type CaptureSet } from './capture.js';
import type { Entry } from './entry.js';
import { packDirectory, type PackedDirectory } from './packed-directory.js';
import { comparePaths, joinPath, parentPath, ROOT_PATH, type TreePath } from './path.js';

/** A directory all of whose subdirectories are known. */
export interface WholeDirectory {
  readonly packed: PackedDirectory;
  /** First path of the link set of each entry that is a name among several in this tree, by ordinal. */
  readonly links: ReadonlyMap<number, TreePath>;
  readonly contentDigest: Uint8Array;
  readonly fullDigest: Uint8Array;
  /** Entries below this directory, itself not counted. */
  readonly entryCount: number;
  readonly sizeBytes: number;
}

/** Digests and totals of a directory together with what a store calls it. */
export interface PlacedDirectory<Handle> {
  readonly contentDigest: Uint8Array;
  readonly fullDigest: Uint8Array;
  readonly entryCount: number;
  readonly sizeBytes: number;
  readonly handle: Handle;
}

interface Pending<Handle> {
  packed: PackedDirectory | null;
  readonly children: Map<string, PlacedDirectory<Handle>>;
  waiting: number;
}

/**
 * Takes packed directories in any order and puts each into the store once its subdirectories are there, so that
 * memory holds the open frontier only. Directories with multiply linked files wait for the end of the scan,
 * because the first path of a link set is known only then.
 */
export class TreeAssembler<Handle> {
  readonly #word: string;
  readonly #put: (
    directory: WholeDirectory,
    children: readonly PlacedDirectory<Handle>[],
  ) => Handle;
  readonly #pending = new Map<TreePath, Pending<Handle>>();
  readonly #linkSets = new Map<string, { first: TreePath; names: number }>();
  readonly #linked = new Set<TreePath>();
  #scanEnded = false;
  #root: PlacedDirectory<Handle> | null = null;

  constructor(
    capture: CaptureSet,
    put: (directory: WholeDirectory, children: readonly PlacedDirectory<Handle>[]) => Handle,
  ) {
    this.#word = captureWord(capture);
    this.#put = put;
  }

  add(packed: PackedDirectory): void {
    for (const { name, inode } of packed.multiplyLinked)
      this.#noteLink(joinPath(packed.path, name), inode);
    const pending = this.#entry(packed.path);
    pending.packed = packed;
    pending.waiting += packed.subdirectories.length;
    if (packed.multiplyLinked.length > 0) this.#linked.add(packed.path);
    else this.#settle(packed.path, pending);
  }

  /** Call once after the last `add`; returns the digests of the tree, root entry included. */
  finish(root: Entry): PlacedDirectory<Handle> {
    this.#scanEnded = true;
    for (const path of this.#linked) {
      const pending = this.#pending.get(path);
      if (pending !== undefined) this.#settle(path, pending);
    }
    if (this.#pending.size > 0)
      throw new Error(`directory without a listing below ${[...this.#pending.keys()][0]}`);
    const packed = packDirectory(ROOT_PATH, [root], () => null);
    const children = this.#root === null ? [] : [this.#root];
    return this.#place(
      { ...packed, subdirectories: children.length === 0 ? [] : packed.subdirectories },
      children,
    );
  }

  #entry(path: TreePath): Pending<Handle> {
    let pending = this.#pending.get(path);
    if (pending === undefined)
      this.#pending.set(path, (pending = { packed: null, children: new Map(), waiting: 0 }));
    return pending;
  }

  #settle(start: TreePath, startPending: Pending<Handle>): void {
    let path = start;
    let pending = startPending;
    while (
      pending.packed !== null &&
      pending.waiting === 0 &&
      (this.#scanEnded || pending.packed.multiplyLinked.length === 0)
    ) {
      const { packed, children } = pending;
      const placed = this.#place(
        packed,
        packed.subdirectories.map(({ name }) => children.get(name)!),
      );
      this.#pending.delete(path);
      if (path === ROOT_PATH) {
        this.#root = placed;
        return;
      }
      const parent = parentPath(path);
      pending = this.#entry(parent);
      pending.children.set(path.slice(parent === '' ? 0 : parent.length + 1), placed);
      pending.waiting -= 1;
      path = parent;
    }
  }

  #place(
    packed: PackedDirectory,
    children: readonly PlacedDirectory<Handle>[],
  ): PlacedDirectory<Handle> {
    const links = this.#linksOf(packed);
    const contentDigest = digestOfContent(this.#word, packed, children, links);
    const fullDigest = digestOfTimes(contentDigest, packed, children);
    const entryCount = children.reduce((sum, child) => sum + child.entryCount, packed.count);
    const sizeBytes = children.reduce((sum, child) => sum + child.sizeBytes, packed.sizeBytes);
    const whole: WholeDirectory = {
      packed,
      links,
      contentDigest,
      fullDigest,
      entryCount,
      sizeBytes,
    };
    return { contentDigest, fullDigest, entryCount, sizeBytes, handle: this.#put(whole, children) };
  }

  #noteLink(path: TreePath, inode: string): void {
    const set = this.#linkSets.get(inode);
    if (set === undefined) this.#linkSets.set(inode, { first: path, names: 1 });
    else {
      set.names += 1;
      if (comparePaths(path, set.first) < 0) set.first = path;
    }
  }

  #linksOf(packed: PackedDirectory): ReadonlyMap<number, TreePath> {
    const links = new Map<number, TreePath>();
    for (const { ordinal, inode } of packed.multiplyLinked) {
      const set = this.#linkSets.get(inode)!;
      if (set.names > 1) links.set(ordinal, set.first);
    }
    return links;
  }
}

/** Content digest of a directory; `word` is the capture word. */
export function digestOfContent(
  word: string,
  packed: PackedDirectory,
  children: readonly PlacedDirectory<unknown>[],
  links: ReadonlyMap<number, TreePath>,
): Uint8Array {
  const hash = createHash('sha256')
    .update(`repro-audit tree content v1\n${word}\n`)
    .update(packed.records);
  for (const child of children) hash.update(child.contentDigest);
  for (const [ordinal, first] of links) {
    const bytes = Buffer.alloc(6 + first.length);
    bytes.writeUInt32LE(ordinal, 0);
    bytes.writeUInt16LE(first.length & 0xffff, 4);
    bytes.write(first, 6, 'latin1');
    hash.update(bytes);
  }
  return hash.digest();
}

/** Full digest of a directory. */
export function digestOfTimes(
  contentDigest: Uint8Array,
  packed: PackedDirectory,
  children: readonly PlacedDirectory<unknown>[],
): Uint8Array {
  const { buffer, byteOffset, byteLength } = packed.mtimesNs;
  const hash = createHash('sha256')
    .update('repro-audit tree full v1\n')
    .update(contentDigest)
    .update(new Uint8Array(buffer, byteOffset, byteLength));
  for (const child of children) hash.update(child.fullDigest);
  return hash.digest();
}
