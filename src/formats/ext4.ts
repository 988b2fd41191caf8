/** The superblock of ext2, ext3 and ext4 (Linux, `fs/ext4/ext4.h`, "struct ext4_super_block") and its copies. */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { dissect, structValues, type ByteAccount } from './byte-fields.js';
import { crc32c } from './crc32c.js';

export interface Ext4Image {
  readonly kind: 'ext2' | 'ext3' | 'ext4';
  readonly uuid: string;
  /** Of the directory index; random per file system. */
  readonly hashSeed: string;
  readonly volumeName: string;
  /** Where it was mounted last. */
  readonly lastMounted: string;
  /** Seconds since 1970, with the eight more bits that newer tools keep; 0 for never. */
  readonly times: {
    readonly made: number;
    readonly mounted: number;
    readonly written: number;
    readonly checked: number;
    readonly firstError: number;
    readonly lastError: number;
  };
  readonly blockSize: number;
  readonly blockCount: number;
  readonly inodeCount: number;
  readonly groupCount: number;
  readonly featureCompat: number;
  readonly featureIncompat: number;
  readonly featureReadOnlyCompat: number;
  /** Null without the feature `metadata_csum`. */
  readonly checksumValid: boolean | null;
  /** Offsets of the copies that were found where the superblock says they are. */
  readonly backups: readonly number[];
  /** The superblock's fields; everything else, copies too, is in the gaps. */
  readonly account: ByteAccount;
}

export function isExt4(image: RandomAccess): boolean {
  const magic = image.read(SUPERBLOCK_AT + 56, 2);
  return magic[0] === 0x53 && magic[1] === 0xef;
}

/** Throws `FormatError` when there is no superblock. */
export function readExt4(image: RandomAccess): Ext4Image {
  if (!isExt4(image)) throw new FormatError('ext4', SUPERBLOCK_AT + 56, 'no magic number');
  const input = dissect('ext4', image);
  const block = input.struct(SUPERBLOCK, SUPERBLOCK_AT, '');
  if (block.logBlockSize > 6)
    throw new FormatError('ext4', SUPERBLOCK_AT + 24, `blocks of 2^${block.logBlockSize} KiB`);
  const blockSize = 1024 * 2 ** block.logBlockSize;
  const wide = (block.featureIncompat & INCOMPAT_64BIT) !== 0;
  const blockCount = block.blockCount + (wide ? block.blockCountHigh * 2 ** 32 : 0);
  if (blockCount * blockSize > image.size)
    input.problem(SUPERBLOCK_AT + 4, `${blockCount} blocks, the image has ${image.size} bytes`);
  const groupCount =
    block.blocksPerGroup === 0
      ? 0
      : Math.max(0, Math.ceil((blockCount - block.firstBlock) / block.blocksPerGroup));
  const time = (low: number, high: number): number => low + high * 2 ** 32;
  return {
    kind: kindOf(block),
    uuid: block.uuid,
    hashSeed: block.hashSeed,
    volumeName: block.volumeName,
    lastMounted: block.lastMounted,
    times: {
      made: time(block.madeAt, block.madeAtHigh),
      mounted: time(block.mountedAt, block.mountedAtHigh),
      written: time(block.writtenAt, block.writtenAtHigh),
      checked: time(block.checkedAt, block.checkedAtHigh),
      firstError: time(block.firstErrorAt, block.firstErrorAtHigh),
      lastError: time(block.lastErrorAt, block.lastErrorAtHigh),
    },
    blockSize,
    blockCount,
    inodeCount: block.inodeCount,
    groupCount,
    featureCompat: block.featureCompat,
    featureIncompat: block.featureIncompat,
    featureReadOnlyCompat: block.featureReadOnlyCompat,
    checksumValid:
      (block.featureReadOnlyCompat & RO_COMPAT_METADATA_CSUM) === 0
        ? null
        : crc32c(image.read(SUPERBLOCK_AT, 1020)) === block.checksum,
    backups: backupGroups(block, groupCount)
      .map((group) => (group * block.blocksPerGroup + block.firstBlock) * blockSize)
      .filter((offset) => isBackup(image, offset, block.uuid)),
    account: input.account(),
  };
}

function kindOf(block: {
  readonly featureCompat: number;
  readonly featureIncompat: number;
  readonly featureReadOnlyCompat: number;
}): Ext4Image['kind'] {
  // Extents, 64 bits, flexible groups and what is newer is of ext4 alone.
  if ((block.featureIncompat & ~0x1f) !== 0 || (block.featureReadOnlyCompat & ~0x7) !== 0)
    return 'ext4';
  return (block.featureCompat & COMPAT_JOURNAL) === 0 ? 'ext2' : 'ext3';
}

/** Groups with a copy: two named ones, or group 1 and the powers of 3, 5 and 7, or all of them in old file systems. */
function backupGroups(
  block: {
    readonly featureCompat: number;
    readonly featureReadOnlyCompat: number;
    readonly backupGroup1: number;
    readonly backupGroup2: number;
  },
  groupCount: number,
): readonly number[] {
  const inside = (group: number): boolean => group > 0 && group < groupCount;
  if ((block.featureCompat & COMPAT_SPARSE_SUPER2) !== 0)
    return [block.backupGroup1, block.backupGroup2].filter(inside);
  if ((block.featureReadOnlyCompat & RO_COMPAT_SPARSE_SUPER) === 0)
    return Array.from({ length: Math.min(MAX_BACKUPS, groupCount) }, (_, i) => i).filter(inside);
  const groups = [1];
  for (const base of [3, 5, 7])
    for (let group = base; group < groupCount; group *= base) groups.push(group);
  return groups.filter(inside).sort((a, b) => a - b);
}

function isBackup(image: RandomAccess, offset: number, uuid: string): boolean {
  if (offset + 1024 > image.size) return false;
  const block = structValues(SUPERBLOCK, image.read(offset, 1024), true);
  return block.magic === 0xef53 && block.uuid === uuid;
}

const SUPERBLOCK_AT = 1024;
const MAX_BACKUPS = 1000;
const COMPAT_JOURNAL = 0x4;
const COMPAT_SPARSE_SUPER2 = 0x200;
const INCOMPAT_64BIT = 0x80;
const RO_COMPAT_SPARSE_SUPER = 0x1;
const RO_COMPAT_METADATA_CSUM = 0x400;
const SUPERBLOCK = {
  inodeCount: 'u32',
  blockCount: 'u32',
  reservedBlockCount: 'u32',
  freeBlockCount: 'u32',
  freeInodeCount: 'u32',
  firstBlock: 'u32',
  logBlockSize: 'u32',
  logClusterSize: 'u32',
  blocksPerGroup: 'u32',
  clustersPerGroup: 'u32',
  inodesPerGroup: 'u32',
  mountedAt: 'u32',
  writtenAt: 'u32',
  mountCount: 'u16',
  maxMountCount: 'u16',
  magic: 'u16',
  state: 'u16',
  errorBehaviour: 'u16',
  minorRevision: 'u16',
  checkedAt: 'u32',
  checkInterval: 'u32',
  creatorOs: 'u32',
  revision: 'u32',
  reservedUid: 'u16',
  reservedGid: 'u16',
  firstInode: 'u32',
  inodeSize: 'u16',
  blockGroup: 'u16',
  featureCompat: 'u32',
  featureIncompat: 'u32',
  featureReadOnlyCompat: 'u32',
  uuid: 'uuid',
  volumeName: 'text16',
  lastMounted: 'text64',
  algorithmBitmap: 'u32',
  preallocatedBlocks: 'u8',
  preallocatedDirectoryBlocks: 'u8',
  reservedDescriptorBlocks: 'u16',
  journalUuid: 'uuid',
  journalInode: 'u32',
  journalDevice: 'u32',
  lastOrphan: 'u32',
  hashSeed: 'uuid',
  hashVersion: 'u8',
  journalBackupType: 'u8',
  descriptorSize: 'u16',
  defaultMountOptions: 'u32',
  firstMetaGroup: 'u32',
  madeAt: 'u32',
  journalBlocks: 'hex68',
  blockCountHigh: 'u32',
  reservedBlockCountHigh: 'u32',
  freeBlockCountHigh: 'u32',
  minExtraInodeSize: 'u16',
  wantedExtraInodeSize: 'u16',
  flags: 'u32',
  raidStride: 'u16',
  mmpInterval: 'u16',
  mmpBlock: 'u64',
  raidStripeWidth: 'u32',
  logGroupsPerFlex: 'u8',
  checksumType: 'u8',
  encryptionLevel: 'u8',
  padding: 'hex1',
  kilobytesWritten: 'u64',
  snapshotInode: 'u32',
  snapshotId: 'u32',
  snapshotReservedBlocks: 'u64',
  snapshotList: 'u32',
  errorCount: 'u32',
  firstErrorAt: 'u32',
  firstErrorInode: 'u32',
  firstErrorBlock: 'u64',
  firstErrorFunction: 'text32',
  firstErrorLine: 'u32',
  lastErrorAt: 'u32',
  lastErrorInode: 'u32',
  lastErrorLine: 'u32',
  lastErrorBlock: 'u64',
  lastErrorFunction: 'text32',
  mountOptions: 'text64',
  userQuotaInode: 'u32',
  groupQuotaInode: 'u32',
  overheadBlocks: 'u32',
  backupGroup1: 'u32',
  backupGroup2: 'u32',
  encryptionAlgorithms: 'hex4',
  encryptionSalt: 'hex16',
  lostAndFoundInode: 'u32',
  projectQuotaInode: 'u32',
  checksumSeed: 'u32',
  writtenAtHigh: 'u8',
  mountedAtHigh: 'u8',
  madeAtHigh: 'u8',
  checkedAtHigh: 'u8',
  firstErrorAtHigh: 'u8',
  lastErrorAtHigh: 'u8',
  firstErrorCode: 'u8',
  lastErrorCode: 'u8',
  encoding: 'u16',
  encodingFlags: 'u16',
  orphanFileInode: 'u32',
  reserved: 'hex376',
  checksum: 'u32',
} as const;
