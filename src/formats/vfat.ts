/** The boot sector of FAT12, FAT16 and FAT32 (Microsoft, "FAT File System Specification" 1.03, section 3). */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { dissect, type ByteAccount, type ByteRange } from './byte-fields.js';

export interface VfatImage {
  readonly kind: 'fat12' | 'fat16' | 'fat32';
  readonly oemName: string;
  /** Volume serial number, as mkfs takes it from the clock; 0 without the extended boot signature. */
  readonly serial: number;
  /** With the spaces that fill it. */
  readonly label: string;
  readonly sectorSize: number;
  readonly clusterSize: number;
  readonly clusterCount: number;
  /** Copies of the table of allocations. */
  readonly tables: readonly ByteRange[];
  /** Fixed root directory; of no length in FAT32, where the root is a chain of clusters. */
  readonly rootDirectory: ByteRange;
  /** First cluster of the root directory; 0 for FAT12 and FAT16. */
  readonly rootCluster: number;
  /** The clusters, number 2 first. */
  readonly data: ByteRange;
  /** Fields of the boot sector, and of FAT32's information sector under `info`; all else is in the gaps. */
  readonly account: ByteAccount;
}

/** A jump, a size of sectors and a signature: DOS gave it no magic number. */
export function isVfat(image: RandomAccess): boolean {
  const head = image.read(0, 512);
  if (head.length < 512 || head[510] !== 0x55 || head[511] !== 0xaa) return false;
  if (head[0] !== 0xeb && head[0] !== 0xe9) return false;
  const sectorSize = head[11]! | (head[12]! << 8);
  const isPower = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;
  const reserved = head[14]! | (head[15]! << 8);
  return (
    isPower(sectorSize) &&
    sectorSize >= 512 &&
    sectorSize <= 4096 &&
    isPower(head[13]!) &&
    reserved > 0 &&
    head[16]! > 0 &&
    head[16]! <= 4
  );
}

/** Throws `FormatError` when there is no boot sector of FAT. */
export function readVfat(image: RandomAccess): VfatImage {
  if (!isVfat(image)) throw new FormatError('vfat', 0, 'no boot sector of FAT');
  const input = dissect('vfat', image);
  const base = input.struct(BASE, 0, '');
  const isFat32 = base.fatSectors16 === 0;
  const wide = isFat32 ? input.struct(FAT32, 36, '') : null;
  const tail = input.struct(EXTENDED, isFat32 ? 64 : 36, '');
  input.struct(isFat32 ? { bootCode: 'hex420' } : { bootCode: 'hex448' }, isFat32 ? 90 : 62, '');
  input.struct({ signature: 'hex2' }, 510, '');
  const { sectorSize } = base;
  const fatSectors = wide?.fatSectors32 ?? base.fatSectors16;
  const sectors = base.sectors16 === 0 ? base.sectors32 : base.sectors16;
  const rootAt = (base.reservedSectors + base.fatCount * fatSectors) * sectorSize;
  const rootLength = Math.ceil((base.rootEntries * 32) / sectorSize) * sectorSize;
  const dataAt = rootAt + rootLength;
  const clusterSize = base.sectorsPerCluster * sectorSize;
  const clusterCount = Math.max(0, Math.floor((sectors * sectorSize - dataAt) / clusterSize));
  if (sectors * sectorSize > image.size)
    input.problem(19, `${sectors} sectors, the image has ${image.size} bytes`);
  if (wide !== null && wide.infoSector > 0 && wide.infoSector < base.reservedSectors)
    input.attempt(() => input.struct(INFO, wide.infoSector * sectorSize, 'info'));
  return {
    kind: isFat32 ? 'fat32' : clusterCount < 4085 ? 'fat12' : 'fat16',
    oemName: base.oemName,
    serial: hasSerial(tail.bootSignature) ? tail.serial : 0,
    label: tail.bootSignature === 0x29 ? tail.label : '',
    sectorSize,
    clusterSize,
    clusterCount,
    tables: Array.from({ length: base.fatCount }, (_, i) => ({
      offset: (base.reservedSectors + i * fatSectors) * sectorSize,
      length: fatSectors * sectorSize,
    })),
    rootDirectory: { offset: rootAt, length: rootLength },
    rootCluster: wide?.rootCluster ?? 0,
    data: { offset: dataAt, length: clusterCount * clusterSize },
    account: input.account(),
  };
}

function hasSerial(bootSignature: number): boolean {
  return bootSignature === 0x29 || bootSignature === 0x28;
}

const BASE = {
  jump: 'hex3',
  oemName: 'text8',
  sectorSize: 'u16',
  sectorsPerCluster: 'u8',
  reservedSectors: 'u16',
  fatCount: 'u8',
  rootEntries: 'u16',
  sectors16: 'u16',
  media: 'u8',
  fatSectors16: 'u16',
  sectorsPerTrack: 'u16',
  heads: 'u16',
  hiddenSectors: 'u32',
  sectors32: 'u32',
} as const;
const FAT32 = {
  fatSectors32: 'u32',
  flags: 'u16',
  version: 'u16',
  rootCluster: 'u32',
  infoSector: 'u16',
  backupBootSector: 'u16',
  reserved: 'hex12',
} as const;
const EXTENDED = {
  drive: 'u8',
  dirtyFlags: 'u8',
  bootSignature: 'u8',
  serial: 'u32',
  label: 'text11',
  typeName: 'text8',
} as const;
const INFO = {
  leadSignature: 'text4',
  reserved: 'hex480',
  structSignature: 'text4',
  freeClusters: 'u32',
  nextFree: 'u32',
  reserved2: 'hex12',
  trailSignature: 'hex4',
} as const;
