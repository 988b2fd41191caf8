/** GUID partition tables (UEFI specification 2.10, chapter 5): protective MBR, header, entries, and their copies. */

import { crc32 } from 'node:zlib';

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { dissect, latin1, toOffset } from './byte-fields.js';
import type { ByteAccount, Dissector } from './byte-fields.js';

export interface GptPartition {
  /** From 1 on; unused entries count. */
  readonly number: number;
  readonly offset: number;
  readonly typeGuid: string;
  readonly guid: string;
  readonly firstSector: bigint;
  /** Inclusive. */
  readonly lastSector: bigint;
  readonly attributes: bigint;
  readonly name: string;
}

export interface GptTable {
  readonly offset: number;
  readonly diskGuid: string;
  readonly currentSector: bigint;
  readonly otherSector: bigint;
  readonly firstUsable: bigint;
  readonly lastUsable: bigint;
  /** Only those in use; the bytes of all others are in the gaps. */
  readonly partitions: readonly GptPartition[];
  readonly headerCrcValid: boolean;
  /** Null when the entries are beyond the end. */
  readonly entriesCrcValid: boolean | null;
}

export interface GptImage {
  readonly sectorSize: 512 | 4096;
  /** Of the MBR, at byte 440. */
  readonly mbrDiskSignature: number;
  readonly primary: GptTable;
  /** The copy at the end; null, with a problem in the account, when there is none. */
  readonly backup: GptTable | null;
  /** Fields of MBR (`mbr.*`), headers and used entries (`primary.*`, `backup.*`); partitions are in the gaps. */
  readonly account: ByteAccount;
}

export function isGpt(image: RandomAccess): boolean {
  return sectorSizeOf(image) !== null;
}

/** Throws `FormatError` when there is no primary header. */
export function readGpt(image: RandomAccess): GptImage {
  const sectorSize = sectorSizeOf(image);
  if (sectorSize === null) throw new FormatError('gpt', 512, 'no header of a partition table');
  const input = dissect('gpt', image);
  const mbr = input.struct(MBR, 0, 'mbr');
  const primary = readTable(input, sectorSize, sectorSize, 'primary');
  const backupAt = toOffset(primary.otherSector) * sectorSize;
  const backup = input.attempt(() => readTable(input, backupAt, sectorSize, 'backup')) ?? null;
  return {
    sectorSize,
    mbrDiskSignature: mbr.diskSignature,
    primary,
    backup,
    account: input.account(),
  };
}

function readTable(input: Dissector, offset: number, sectorSize: number, name: string): GptTable {
  if (latin1(input.peek(offset, 8)) !== SIGNATURE)
    throw new FormatError('gpt', offset, 'no signature of a header');
  const header = input.struct(HEADER, offset, name);
  const { headerSize, entryCount, entrySize } = header;
  const headerFits = headerSize >= 92 && headerSize <= sectorSize;
  if (!headerFits) input.problem(offset + 12, `a header of ${headerSize} bytes`);
  const entriesAt = toOffset(header.entriesSector) * sectorSize;
  const table =
    entrySize < 128 || entryCount * entrySize > MAX_ENTRY_BYTES
      ? undefined
      : input.attempt(() => input.peek(entriesAt, entryCount * entrySize));
  if (table === undefined)
    input.problem(offset + 80, `${entryCount} entries of ${entrySize} bytes at ${entriesAt}`);
  const partitions: GptPartition[] = [];
  for (let i = 0; table !== undefined && i < entryCount; i++) {
    const used = table.subarray(i * entrySize, (i + 1) * entrySize).some((byte) => byte !== 0);
    if (used) partitions.push(readEntry(input, entriesAt + i * entrySize, i + 1, name));
  }
  return {
    offset,
    diskGuid: header.diskGuid,
    currentSector: header.currentSector,
    otherSector: header.otherSector,
    firstUsable: header.firstUsable,
    lastUsable: header.lastUsable,
    partitions,
    headerCrcValid: headerFits && headerCrc(input.peek(offset, headerSize)) === header.headerCrc,
    entriesCrcValid: table === undefined ? null : crc32(table) === header.entriesCrc,
  };
}

function readEntry(input: Dissector, offset: number, number: number, table: string): GptPartition {
  const { name, ...entry } = input.struct(ENTRY, offset, `${table}.${number}`);
  return {
    number,
    offset,
    ...entry,
    name: Buffer.from(name, 'hex').toString('utf16le').replace(/\0+$/, ''),
  };
}

/** The header's own CRC counts as zero. */
function headerCrc(bytes: Uint8Array): number {
  const copy = Uint8Array.from(bytes);
  copy.fill(0, 16, 20);
  return crc32(copy);
}

function sectorSizeOf(image: RandomAccess): 512 | 4096 | null {
  for (const size of [512, 4096] as const)
    if (latin1(image.read(size, 8)) === SIGNATURE) return size;
  return null;
}

const SIGNATURE = 'EFI PART';
/** The specification asks for 16 KiB. */
const MAX_ENTRY_BYTES = 1 << 20;
const MBR = {
  bootCode: 'hex440',
  diskSignature: 'u32',
  reserved: 'hex2',
  entries: 'hex64',
  signature: 'hex2',
} as const;
const HEADER = {
  signature: 'text8',
  revision: 'u32',
  headerSize: 'u32',
  headerCrc: 'u32',
  reserved: 'hex4',
  currentSector: 'u64',
  otherSector: 'u64',
  firstUsable: 'u64',
  lastUsable: 'u64',
  diskGuid: 'guid',
  entriesSector: 'u64',
  entryCount: 'u32',
  entrySize: 'u32',
  entriesCrc: 'u32',
} as const;
const ENTRY = {
  typeGuid: 'guid',
  guid: 'guid',
  firstSector: 'u64',
  lastSector: 'u64',
  attributes: 'u64',
  name: 'hex72',
} as const;
