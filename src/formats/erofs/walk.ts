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
    const { rootInode } = this.volume.superblock;
    const firstPaths = new Map<number, string>();
    const seenDirectories = new Set<number>();
    // A true image has every directory once.
    let listingBytes = this.volume.metadata.size;
    const waiting: { readonly path: string; readonly nid: number; readonly depth: number }[] = [
      { path: '', nid: rootInode, depth: 0 },
    ];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      const { path, nid, depth } = place;
      const damage = (detail: string, at: number): ErofsStep => ({
        kind: 'damage',
        path,
        error: new FormatError(EROFS, at, detail),
      });
      let inode: ErofsInode;
      try {
        inode = readErofsInode(this.volume, nid);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        yield { kind: 'damage', path, error };
        continue;
      }
      if (inode.type !== 'directory') {
        const first = firstPaths.get(nid);
        if (first === undefined) {
          firstPaths.set(nid, path);
          yield { kind: 'inode', path, inode };
        } else yield { kind: 'link', path, inode, first };
        continue;
      }
      if (seenDirectories.has(nid)) {
        yield damage('a directory of two names', inode.offset);
        continue;
      }
      seenDirectories.add(nid);
      yield { kind: 'inode', path, inode };
      listingBytes -= inode.size;
      if (listingBytes < 0 || depth >= MAX_DEPTH) {
        yield damage('more directories than the image can hold', inode.offset);
        continue;
      }
      const children: ErofsDirent[] = [];
      try {
        for (const entry of this.dirents(inode)) children.push(entry);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        yield { kind: 'damage', path, error };
      }
      const prefix = path === '' ? '' : `${path}/`;
      for (const { name, nid: child } of children.toReversed())
        if (name.includes('/') || name.includes('\0'))
          yield damage(`a name with a slash or a NUL in it`, inode.offset);
        else if (name !== '.' && name !== '..')
          waiting.push({ path: prefix + name, nid: child, depth: depth + 1 });
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
