/** Goes through the tree of an EROFS image, directories before what lies in them, each inode once. */

import { FormatError } from '../../core/errors.js';
import { ErofsContents } from './content.js';
import { readErofsDirents, type ErofsDirent } from './directory.js';
import { readErofsInode, type ErofsInode } from './inode.js';
import { COMPAT } from './superblock.js';
import { EROFS, type ErofsVolume } from './volume.js';
import { readErofsXattrs, readLongPrefixes, type ErofsXattr } from './xattrs.js';

/** `path` has latin1 bytes, `''` for the root. */
export type ErofsStep =
  | { readonly kind: 'inode'; readonly path: string; readonly inode: ErofsInode }
  /** Another name of an inode that is no directory. */
  | {
      readonly kind: 'link';
      readonly path: string;
      readonly inode: ErofsInode;
      readonly first: string;
    }
  /** An inode, a listing, or a part of one that made no sense. */
  | { readonly kind: 'damage'; readonly path: string; readonly error: FormatError };

interface Place {
  readonly path: string;
  readonly nid: number;
  readonly depth: number;
}

/** Deeper paths are none that Linux could open. */
const MAX_DEPTH = 2048;
const MAX_PREFIX_BYTES = 128 * 260;

export class ErofsTree {
  readonly volume: ErofsVolume;
  readonly contents: ErofsContents;
  #prefixes: readonly string[] | null = null;

  constructor(volume: ErofsVolume) {
    this.volume = volume;
    this.contents = new ErofsContents(volume);
  }

  /** Attributes of an inode in the order of the image. Throws `FormatError`. */
  xattrs(inode: ErofsInode): readonly ErofsXattr[] {
    if (inode.xattrBytes === 0) return [];
    this.#prefixes ??= this.#readPrefixes();
    return readErofsXattrs(this.volume, inode, this.#prefixes);
  }

  *walk(): Generator<ErofsStep, void, undefined> {
    const firstPaths = new Map<number, string>();
    // A true image has every directory once.
    let listingBytes = this.volume.metadata.size;
    const waiting: Place[] = [{ path: '', nid: this.volume.superblock.rootInode, depth: 0 }];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      const { path, nid, depth } = place;
      try {
        const inode = readErofsInode(this.volume, nid);
        const first = firstPaths.get(nid);
        const isDirectory = inode.type === 'directory';
        if (first !== undefined) {
          if (isDirectory) throw new FormatError(EROFS, inode.offset, 'a directory of two names');
          yield { kind: 'link', path, inode, first };
          continue;
        }
        firstPaths.set(nid, path);
        yield { kind: 'inode', path, inode };
        if (!isDirectory) continue;
        listingBytes -= inode.size;
        if (listingBytes < 0 || depth >= MAX_DEPTH)
          throw new FormatError(EROFS, inode.offset, 'more directories than the image can hold');
        yield* this.#children(place, inode, waiting);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        yield { kind: 'damage', path, error };
      }
    }
  }

  /** Puts what a directory lists on the stack, the first name on top; also when it is damaged further on. */
  *#children({ path, depth }: Place, inode: ErofsInode, waiting: Place[]): Generator<ErofsStep> {
    const found: Place[] = [];
    const prefix = path === '' ? '' : `${path}/`;
    try {
      for (const { name, nid } of this.dirents(inode)) {
        if (name === '.' || name === '..') continue;
        if (name.includes('/') || name.includes('\0')) {
          const detail = 'a name with a slash or a NUL in it';
          yield { kind: 'damage', path, error: new FormatError(EROFS, inode.offset, detail) };
        } else found.push({ path: prefix + name, nid, depth: depth + 1 });
      }
    } finally {
      for (const child of found.toReversed()) waiting.push(child);
    }
  }

  /** The entries of a directory, block by block. Throws `FormatError` after those that make sense. */
  *dirents(inode: ErofsInode): Generator<ErofsDirent, void, undefined> {
    const { directoryBlockSize } = this.volume.superblock;
    let held: Uint8Array = new Uint8Array(0);
    for (const chunk of this.contents.chunks(inode)) {
      const bytes: Uint8Array = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const whole = bytes.length - (bytes.length % directoryBlockSize);
      for (let at = 0; at < whole; at += directoryBlockSize)
        yield* readErofsDirents(bytes.subarray(at, at + directoryBlockSize), inode.offset);
      held = Uint8Array.from(bytes.subarray(whole));
    }
    if (held.length > 0) yield* readErofsDirents(held, inode.offset);
  }

  #readPrefixes(): readonly string[] {
    const { metadata, superblock } = this.volume;
    const { prefixCount, prefixesAt, packedInode, featureCompat } = superblock;
    if (prefixCount === 0) return [];
    const isPlain = packedInode === 0n || (featureCompat & COMPAT.plainPrefixes) !== 0;
    if (isPlain) {
      const length = Math.min(MAX_PREFIX_BYTES, metadata.size - prefixesAt);
      return readLongPrefixes(metadata.bytes(prefixesAt, length), prefixCount);
    }
    const packed = readErofsInode(this.volume, Number(packedInode));
    const length = Math.min(MAX_PREFIX_BYTES, packed.size - prefixesAt);
    const bytes = Buffer.concat([...this.contents.packed(prefixesAt, length)]);
    return readLongPrefixes(bytes, prefixCount);
  }
}
