/** Inodes of squashfs: seven types, each in a basic and an extended form (Linux, `fs/squashfs/squashfs_fs.h`). */

import type { EntryType } from '../../core/entry.js';
import { FormatError } from '../../core/errors.js';
import type { MetadataCursor, MetadataPlace } from './metadata.js';
import { SQUASHFS } from './superblock.js';

export type Inode = DirectoryInode | FileInode | SymlinkInode | DeviceInode | PipeInode;

interface InodeBase {
  readonly isExtended: boolean;
  /** Permission bits with suid, sgid and sticky. */
  readonly mode: number;
  /** Positions in the table of ids. */
  readonly uidIndex: number;
  readonly gidIndex: number;
  /** Seconds since 1970, without a sign. */
  readonly mtime: number;
  readonly number: number;
  readonly linkCount: number;
  /** Position in the table of xattrs; null for none. */
  readonly xattrIndex: number | null;
}

export interface DirectoryInode extends InodeBase {
  readonly type: 'directory';
  /** In the directory table, whose first block counts as 0. */
  readonly listing: MetadataPlace;
  readonly listingBytes: number;
  readonly parent: number;
}

export interface FileInode extends InodeBase {
  readonly type: 'file';
  readonly size: number;
  /** Where the first data block lies in the image. */
  readonly start: number;
  /** Bytes in holes, as the image says. */
  readonly holeBytes: number;
  /** Of the table of fragments, and where in the fragment the end of the file lies; null for one that ends in a block. */
  readonly fragment: { readonly index: number; readonly offset: number } | null;
  /** Stored sizes of the blocks, 4 bytes each, behind the inode. */
  readonly blockCount: number;
  readonly blockSizes: MetadataPlace;
}

export interface SymlinkInode extends InodeBase {
  readonly type: 'symlink';
  /** Latin1 bytes. */
  readonly target: string;
}

export interface DeviceInode extends InodeBase {
  readonly type: 'block' | 'char';
  readonly device: { readonly major: number; readonly minor: number };
}

export interface PipeInode extends InodeBase {
  readonly type: 'fifo' | 'socket';
}

const TYPES: readonly EntryType[] = [
  'directory',
  'file',
  'symlink',
  'block',
  'char',
  'fifo',
  'socket',
];
const NONE = 0xffff_ffff;
/** Linux takes no longer ones. */
const MOST_TARGET = 65_536;

/**
 * The inode at the cursor, without what is read when it is asked for or not at all: the block sizes of a file, and the index
 * of a directory, which serves a kernel in a hurry. `blockSize` is the superblock's. Throws `FormatError`.
 */
export async function readInode(cursor: MetadataCursor, blockSize: number): Promise<Inode> {
  const head = await cursor.take(16);
  const code = head.readUInt16LE(0);
  const type = TYPES[(code - 1) % TYPES.length];
  if (code === 0 || code > 2 * TYPES.length || type === undefined)
    throw new FormatError(SQUASHFS, cursor.at, `no inode has the type ${code}`);
  const isExtended = code > TYPES.length;
  const base = {
    isExtended,
    mode: head.readUInt16LE(2) & 0o7777,
    uidIndex: head.readUInt16LE(4),
    gidIndex: head.readUInt16LE(6),
    mtime: head.readUInt32LE(8),
    number: head.readUInt32LE(12),
    linkCount: 1,
    xattrIndex: null,
  };
  if (type === 'directory') return directoryInode(cursor, base);
  if (type === 'file') return fileInode(cursor, base, blockSize);
  const linkCount = (await cursor.take(4)).readUInt32LE(0);
  if (type === 'symlink') {
    const length = (await cursor.take(4)).readUInt32LE(0);
    if (length > MOST_TARGET)
      throw new FormatError(SQUASHFS, cursor.at, `a link target of ${length} bytes`);
    const target = (await cursor.take(length)).toString('latin1');
    return { ...base, type, linkCount, target, xattrIndex: await xattrOf(cursor, isExtended) };
  }
  if (type === 'block' || type === 'char') {
    const device = deviceOf((await cursor.take(4)).readUInt32LE(0));
    return { ...base, type, linkCount, device, xattrIndex: await xattrOf(cursor, isExtended) };
  }
  return { ...base, type, linkCount, xattrIndex: await xattrOf(cursor, isExtended) };
}

async function directoryInode(cursor: MetadataCursor, base: InodeBase): Promise<DirectoryInode> {
  const type = 'directory';
  if (!base.isExtended) {
    const body = await cursor.take(16);
    return {
      ...base,
      type,
      listing: { block: body.readUInt32LE(0), offset: body.readUInt16LE(10) },
      listingBytes: listingBytes(body.readUInt16LE(8)),
      linkCount: body.readUInt32LE(4),
      parent: body.readUInt32LE(12),
    };
  }
  const body = await cursor.take(24);
  return {
    ...base,
    type,
    linkCount: body.readUInt32LE(0),
    listingBytes: listingBytes(body.readUInt32LE(4)),
    listing: { block: body.readUInt32LE(8), offset: body.readUInt16LE(18) },
    parent: body.readUInt32LE(12),
    xattrIndex: indexOrNull(body.readUInt32LE(20)),
  };
}

/** The size of a directory counts three bytes that are not there, for `.` and `..`. */
function listingBytes(size: number): number {
  return Math.max(0, size - 3);
}

async function fileInode(
  cursor: MetadataCursor,
  base: InodeBase,
  blockSize: number,
): Promise<FileInode> {
  const body = await cursor.take(base.isExtended ? 40 : 16);
  const own = base.isExtended
    ? {
        start: bigAt(body, 0, cursor),
        size: bigAt(body, 8, cursor),
        holeBytes: bigAt(body, 16, cursor),
        linkCount: body.readUInt32LE(24),
        xattrIndex: indexOrNull(body.readUInt32LE(36)),
      }
    : { start: body.readUInt32LE(0), size: body.readUInt32LE(12), holeBytes: 0, linkCount: 1 };
  const at = base.isExtended ? 28 : 4;
  const index = indexOrNull(body.readUInt32LE(at));
  const fragment = index === null ? null : { index, offset: body.readUInt32LE(at + 4) };
  const blocks = own.size / blockSize;
  const blockCount = fragment === null ? Math.ceil(blocks) : Math.floor(blocks);
  return { ...base, type: 'file', ...own, fragment, blockCount, blockSizes: cursor.place };
}

function bigAt(body: Buffer, at: number, cursor: MetadataCursor): number {
  const value = body.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new FormatError(SQUASHFS, cursor.at, `a file of ${value} bytes`);
  return Number(value);
}

async function xattrOf(cursor: MetadataCursor, isExtended: boolean): Promise<number | null> {
  return isExtended ? indexOrNull((await cursor.take(4)).readUInt32LE(0)) : null;
}

function indexOrNull(index: number): number | null {
  return index === NONE ? null : index;
}

/** As Linux packs device numbers into 32 bits: 12 of the major number between 8 and 12 of the minor one. */
function deviceOf(packed: number): DeviceInode['device'] {
  return {
    major: (packed >>> 8) & 0xfff,
    minor: (packed & 0xff) | ((packed >>> 12) & 0xfff00),
  };
}
