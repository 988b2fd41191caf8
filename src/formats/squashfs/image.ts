/** A squashfs image, read at places: inodes, listings, tables. Contents are read by `file-content.ts`. */

import { FormatError } from '../../core/errors.js';
import type { Xattr } from '../../core/entry.js';
import type { RandomAccess } from '../../core/random-access.js';
import { blockContentOf, type BlockContent } from './block-content.js';
import { readInode, type DirectoryInode, type Inode } from './inode.js';
import { readListing, type ListedName } from './listing.js';
import { lookupTable, recordOf, type LookupTable } from './lookup-table.js';
import { Metadata } from './metadata.js';
import { readSquashfs, SQUASHFS, type SquashfsSuperblock } from './superblock.js';
import { readXattrs, readXattrTable, type XattrTable } from './xattrs.js';

/** Where a fragment lies: the ends of several files in one block. */
export interface Fragment {
  readonly start: number;
  /** As in lists of block sizes, see `storedBlock`. */
  readonly sizeWord: number;
  /** 0 in true images. */
  readonly unused: number;
}

const ID_BYTES = 4;
const FRAGMENT_BYTES = 16;
const MOST_BLOCK = 1024 * 1024;
/** Many inodes may have one set. */
const MOST_XATTR_BYTES = 512 * 1024 * 1024;

export class SquashfsImage {
  readonly bytes: RandomAccess;
  readonly superblock: SquashfsSuperblock;
  readonly contentOf: BlockContent;
  readonly metadata: Metadata;
  readonly ids: LookupTable;
  readonly fragments: LookupTable | null;
  readonly xattrs: XattrTable | null;
  readonly #xattrSets = new Map<number, readonly Xattr[]>();
  #xattrBytesLeft = MOST_XATTR_BYTES;

  /** Throws `FormatError` for what is no squashfs, or has a compressor or block size that is not known. */
  constructor(bytes: RandomAccess) {
    this.bytes = bytes;
    this.superblock = readSquashfs(bytes);
    const { compressor, blockSize, bytesUsed, idTable, idCount } = this.superblock;
    const { fragmentTable, fragmentCount, xattrTable } = this.superblock;
    if (blockSize < 4096 || blockSize > MOST_BLOCK || (blockSize & (blockSize - 1)) !== 0)
      throw new FormatError(SQUASHFS, 12, `blocks of ${blockSize} bytes`);
    this.contentOf = blockContentOf(compressor);
    this.metadata = new Metadata(bytes, this.contentOf, bytesUsed);
    this.ids = lookupTable('ids', idTable, idCount, ID_BYTES);
    this.fragments =
      fragmentTable === null
        ? null
        : lookupTable('fragments', fragmentTable, fragmentCount, FRAGMENT_BYTES);
    this.xattrs = xattrTable === null ? null : readXattrTable(bytes, xattrTable);
  }

  /** `at`: as in listings and in the superblock. Throws `FormatError`. */
  inode(at: number): Promise<Inode> {
    const block = this.superblock.inodeTable + Math.floor(at / 65_536);
    return readInode(
      this.metadata.cursor({ block, offset: at % 65_536 }),
      this.superblock.blockSize,
    );
  }

  /** Names in the order in which they lie. Throws `FormatError` where they make no sense. */
  listing({ listing, listingBytes }: DirectoryInode): AsyncGenerator<ListedName> {
    const block = this.superblock.directoryTable + listing.block;
    return readListing(this.metadata.cursor({ ...listing, block }), listingBytes);
  }

  /** Bytes that all listings have together, or some more. */
  listingCapacity(): number {
    const { directoryTable, fragmentTable, exportTable, idTable } = this.superblock;
    const behind = [fragmentTable, exportTable, idTable].filter((at) => at !== null);
    return this.metadata.capacity(
      directoryTable,
      Math.min(...behind.filter((at) => at > directoryTable)),
    );
  }

  /** A user or group by its number in the table. Throws `FormatError`. */
  async id(index: number): Promise<number> {
    return (await recordOf(this.bytes, this.metadata, this.ids, index)).readUInt32LE(0);
  }

  /** Throws `FormatError`. */
  async fragment(index: number): Promise<Fragment> {
    if (this.fragments === null) throw new FormatError(SQUASHFS, 0, 'there are no fragments');
    const record = await recordOf(this.bytes, this.metadata, this.fragments, index);
    return {
      start: Number(record.readBigUInt64LE(0)),
      sizeWord: record.readUInt32LE(8),
      unused: record.readUInt32LE(12),
    };
  }

  /** Sorted by name. Throws `FormatError`, also when all that were asked for are too many bytes together. */
  async xattrsOf({ xattrIndex }: Pick<Inode, 'xattrIndex'>): Promise<readonly Xattr[]> {
    if (xattrIndex === null) return [];
    if (this.xattrs === null) throw new FormatError(SQUASHFS, 0, 'there are no xattrs');
    const known = this.#xattrSets.get(xattrIndex);
    const found = known ?? (await readXattrs(this.bytes, this.metadata, this.xattrs, xattrIndex));
    for (const { name, value } of found) this.#xattrBytesLeft -= name.length + value.length;
    if (this.#xattrBytesLeft < 0)
      throw new FormatError(SQUASHFS, 0, `more than ${MOST_XATTR_BYTES} bytes of xattrs`);
    this.#xattrSets.set(xattrIndex, found);
    return found;
  }
}
