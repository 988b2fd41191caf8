/** The content of inodes: whole, from front to back, or a stretch of it. */

import { FormatError } from '../../core/errors.js';
import { compressedExtents, type CompressedExtent } from './compressed-extents.js';
import { readCompressionHeader } from './compression-index.js';
import { decompressExtent } from './decompress.js';
import { firstAt } from './extents-access.js';
import { flatExtents } from './extents.js';
import { readErofsInode, type ErofsInode } from './inode.js';
import { EROFS, type ErofsVolume } from './volume.js';

const CHUNK_BYTES = 256 * 1024;
const ZEROS = new Uint8Array(CHUNK_BYTES);

export function isCompressed({ layout }: Pick<ErofsInode, 'layout'>): boolean {
  return layout === 'compressed-full' || layout === 'compressed-compact';
}

/** Reads contents of one image; remembers the parts of the packed inode that were needed last. */
export class ErofsContents {
  readonly #volume: ErofsVolume;
  #packed: Packed | null = null;

  constructor(volume: ErofsVolume) {
    this.#volume = volume;
  }

  /**
   * The content in pieces of at most 12 MiB, which are not to be kept: they may be windows of something else. Throws
   * `FormatError` for damage, `UnsupportedError` for what is not understood, after what comes before.
   */
  *chunks(inode: ErofsInode): Generator<Uint8Array, void, undefined> {
    if (isCompressed(inode)) yield* this.#compressed(inode);
    else yield* this.#flat(inode);
  }

  /** All of a small content. Throws as `chunks` does. */
  all(inode: ErofsInode, most: number): Uint8Array {
    if (inode.size > most)
      throw new FormatError(EROFS, inode.offset, `${inode.size} bytes, expected at most ${most}`);
    const whole = new Uint8Array(inode.size);
    let at = 0;
    for (const chunk of this.chunks(inode)) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  /** A stretch of the packed inode, which holds the ends of files and prefixes of names. */
  packed(from: number, length: number): Iterable<Uint8Array> {
    this.#packed ??= new Packed(this.#volume);
    return this.#packed.stretch(from, length);
  }

  *#flat(inode: ErofsInode): Generator<Uint8Array> {
    for (const { length, at } of flatExtents(this.#volume, inode))
      for (let done = 0; done < length; done += CHUNK_BYTES) {
        const part = Math.min(CHUNK_BYTES, length - done);
        yield at === null ? ZEROS.subarray(0, part) : this.#volume.data(at + done, part);
      }
  }

  *#compressed(inode: ErofsInode): Generator<Uint8Array> {
    if (inode.size === 0) return;
    const header = readCompressionHeader(this.#volume, inode);
    for (const extent of compressedExtents(this.#volume, inode, header))
      if (extent.form === 'fragment') yield* this.packed(extent.at, extent.length);
      else yield decompressExtent(this.#volume, extent);
  }
}

const MOST_KEPT = 4;
const ALWAYS_ALLOWED = 4 * 1024 ** 3;
const MAX_RATIO = 1100;

/** The packed inode, read at places. */
class Packed {
  readonly #volume: ErofsVolume;
  readonly #inode: ErofsInode;
  readonly #extents: readonly Pick<CompressedExtent, 'from' | 'length'>[];
  /** What was decompressed last, the latest behind. */
  readonly #kept = new Map<object, Uint8Array>();
  /** Bytes that may still be decompressed: files may ask for the same ones again and again. */
  #left: number;

  constructor(volume: ErofsVolume) {
    const nid = Number(volume.superblock.packedInode);
    if (nid === 0) throw new FormatError(EROFS, 1024 + 96, 'the image has no packed inode');
    this.#volume = volume;
    this.#left = ALWAYS_ALLOWED + MAX_RATIO * volume.metadata.size;
    this.#inode = readErofsInode(volume, nid);
    this.#extents = isCompressed(this.#inode)
      ? [...compressedExtents(volume, this.#inode, readCompressionHeader(volume, this.#inode))]
      : [...flatExtents(volume, this.#inode)];
  }

  *stretch(start: number, length: number): Generator<Uint8Array> {
    if (!(start + length <= this.#inode.size))
      throw new FormatError(
        EROFS,
        this.#inode.offset,
        `expected ${length} bytes from ${start} on, the packed inode has ${this.#inode.size}`,
      );
    let at = start;
    const end = start + length;
    for (let i = firstAt(this.#extents, at); at < end; i++) {
      const extent = this.#extents[i]!;
      const until = Math.min(end, extent.from + extent.length);
      yield* this.#part(extent, at - extent.from, until - at);
      at = until;
    }
  }

  *#part(
    extent: Pick<CompressedExtent, 'from' | 'length'>,
    from: number,
    length: number,
  ): Generator<Uint8Array> {
    if ('form' in extent) {
      const bytes = this.#decompressed(extent as CompressedExtent);
      yield bytes.subarray(from, from + length);
      return;
    }
    const { at } = extent as { readonly at: number | null } & typeof extent;
    for (let done = 0; done < length; done += CHUNK_BYTES) {
      const part = Math.min(CHUNK_BYTES, length - done);
      yield at === null ? ZEROS.subarray(0, part) : this.#volume.data(at + from + done, part);
    }
  }

  #decompressed(extent: CompressedExtent): Uint8Array {
    const kept = this.#kept.get(extent);
    if (kept !== undefined) return kept;
    // A packed inode has its own end in blocks: a fragment in it would refer to itself.
    if (extent.form === 'fragment')
      throw new FormatError(EROFS, this.#inode.offset, 'the packed inode is a part of itself');
    this.#left -= extent.length;
    if (this.#left < 0)
      throw new FormatError(EROFS, this.#inode.offset, 'the packed inode is read too often');
    const bytes = decompressExtent(this.#volume, extent);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(extent, bytes);
    return bytes;
  }
}
