/** The superblock of an EROFS image (Linux, `fs/erofs/erofs_fs.h`), and the header of composefs in front of it. */

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { dissect, type ByteAccount } from '../byte-fields.js';
import { crc32c } from '../crc32c.js';

export interface ErofsImage {
  /** Seconds since 1970 of inodes that keep no time of their own, and the nanoseconds. */
  readonly buildTime: bigint;
  readonly buildTimeNs: number;
  readonly uuid: string;
  readonly volumeName: string;
  readonly blockSize: number;
  readonly blockCount: number;
  readonly inodeCount: bigint;
  readonly featureCompat: number;
  readonly featureIncompat: number;
  /** Whether the checksum is right; null when the image says that it has none, or its first block is cut short. */
  readonly checksumValid: boolean | null;
  /** Number of the root directory's inode. */
  readonly rootInode: number;
  /** Offset of inode 0, and that of shared attribute 0. */
  readonly inodesAt: number;
  readonly xattrsAt: number;
  readonly directoryBlockSize: number;
  /** Names that attributes begin with: how many, and their offset in the packed inode or in the image. */
  readonly prefixCount: number;
  readonly prefixesAt: number;
  /** The inode that holds the ends of files; 0: none. */
  readonly packedInode: bigint;
  /** Behind the superblock, where settings of compressors follow; bits of the algorithms that have any. */
  readonly end: number;
  readonly algorithms: number;
  /** Other devices that contents lie on, and the offset of their table. */
  readonly extraDevices: number;
  readonly devicesAt: number;
  /** The superblock's fields (`composefs.*`: of its header); everything else is in the gaps. */
  readonly account: ByteAccount;
}

/** Bits of `feature_compat`. */
export const COMPAT = { checksum: 0x01, plainPrefixes: 0x10 } as const;

/** Bits of `feature_incompat`; several features share one. */
export const INCOMPAT = {
  zeroPadding: 0x01,
  compressionConfigs: 0x02,
  chunkedFiles: 0x04,
  deviceTable: 0x08,
  tailPacking: 0x10,
  fragments: 0x20,
  xattrPrefixes: 0x40,
} as const;

/** Features that are understood here; others change where things lie. */
export const KNOWN_INCOMPAT = 0x7f;

export function isErofs(image: RandomAccess): boolean {
  return Buffer.from(image.read(SUPERBLOCK_AT, 4)).toString('hex') === 'e2e1f5e0';
}

/** Throws `FormatError` when there is no superblock. */
export function readErofs(image: RandomAccess): ErofsImage {
  if (!isErofs(image)) throw new FormatError('erofs', SUPERBLOCK_AT, 'no magic number');
  const input = dissect('erofs', image);
  if (Buffer.from(input.peek(0, 4)).readUInt32LE() === COMPOSEFS_MAGIC)
    input.struct(COMPOSEFS_HEADER, 0, 'composefs');
  const block = input.struct(SUPERBLOCK, SUPERBLOCK_AT, '');
  const blockSize = 2 ** block.blockBits;
  if (block.blockBits < 9 || block.blockBits > 16)
    input.problem(SUPERBLOCK_AT + 12, `blocks of 2^${block.blockBits} bytes`);
  else if (block.blockCount * blockSize > image.size)
    input.problem(
      SUPERBLOCK_AT + 36,
      `${block.blockCount} blocks, the image has ${image.size} bytes`,
    );
  const isChecked = (block.featureCompat & COMPAT.checksum) !== 0;
  return {
    buildTime: block.buildTime,
    buildTimeNs: block.buildTimeNs,
    uuid: block.uuid,
    volumeName: block.volumeName,
    blockSize,
    blockCount: block.blockCount,
    inodeCount: block.inodeCount,
    featureCompat: block.featureCompat,
    featureIncompat: block.featureIncompat,
    checksumValid: isChecked ? checksumValid(image, block) : null,
    rootInode: block.rootInode,
    inodesAt: block.metadataBlock * blockSize,
    xattrsAt: block.xattrBlock * blockSize,
    directoryBlockSize: blockSize * 2 ** block.directoryBlockBits,
    prefixCount: block.xattrPrefixCount,
    prefixesAt: block.xattrPrefixStart * 4,
    packedInode: block.packedInode,
    end: SUPERBLOCK_AT + 128 + 16 * block.extensionSlots,
    algorithms: block.compressionAlgorithms,
    extraDevices: block.extraDevices,
    devicesAt: block.deviceSlotOffset * 128,
    account: input.account(),
  };
}

/** The checksum covers the rest of the first block from the superblock on, itself as zero. */
function checksumValid(
  image: RandomAccess,
  block: { readonly blockBits: number; readonly checksum: number },
): boolean | null {
  if (block.blockBits > 16) return null;
  const size = 2 ** block.blockBits;
  const length = size > SUPERBLOCK_AT ? size - SUPERBLOCK_AT : size;
  const bytes = Uint8Array.from(image.read(SUPERBLOCK_AT, length));
  if (bytes.length < length || length < 8) return null;
  bytes.fill(0, 4, 8);
  return crc32c(bytes) === block.checksum;
}

const SUPERBLOCK_AT = 1024;
const SUPERBLOCK = {
  magic: 'u32',
  checksum: 'u32',
  featureCompat: 'u32',
  blockBits: 'u8',
  extensionSlots: 'u8',
  rootInode: 'u16',
  inodeCount: 'u64',
  buildTime: 'u64',
  buildTimeNs: 'u32',
  blockCount: 'u32',
  metadataBlock: 'u32',
  xattrBlock: 'u32',
  uuid: 'uuid',
  volumeName: 'text16',
  featureIncompat: 'u32',
  compressionAlgorithms: 'u16',
  extraDevices: 'u16',
  deviceSlotOffset: 'u16',
  directoryBlockBits: 'u8',
  xattrPrefixCount: 'u8',
  xattrPrefixStart: 'u32',
  packedInode: 'u64',
  xattrFilterReserved: 'u8',
  reserved: 'hex23',
} as const;

const COMPOSEFS_MAGIC = 0xd078629a;
/** composefs, `libcomposefs/lcfs-erofs.h`. */
const COMPOSEFS_HEADER = {
  magic: 'u32',
  version: 'u32',
  flags: 'u32',
  composefsVersion: 'u32',
  unused: 'hex16',
} as const;
