/** Which extra fields of zip entries stay: those that say something of the file, not of the machine it was packed on. */

import { crc32 } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import { readZipExtra, type ZipExtraRecord } from '../../formats/zip.js';
import { canonicalMode } from './zip-attributes.js';

export interface KeptExtras {
  /** Without zip64, the jar marker and padding, sorted by id. */
  readonly records: readonly ZipExtraRecord[];
  /** A record that only moves the data to a boundary. */
  readonly aligning: ZipExtraRecord | null;
  /** Zero bytes at the end that are no record. */
  readonly padding: number;
  readonly jarMarker: ZipExtraRecord | null;
}

export const EXTRA = {
  zip64: 0x0001,
  ntfs: 0x000a,
  pkwareUnix: 0x000d,
  aligned: 0xd935,
  alignedByCommons: 0xa11e,
  alignedByTorch: 0x4246,
  extendedTimestamp: 0x5455,
  asiUnix: 0x756e,
  jarMarker: 0xcafe,
} as const;

/** `at` is where the field is in the file, for faults; `seconds` stands for all times. Throws `FormatError`. */
export function keepExtras(extra: Uint8Array, at: number, seconds: number): KeptExtras {
  if (extra.length === 0) return NONE;
  const { records, padding } = readZipExtra(extra);
  const kept: ZipExtraRecord[] = [];
  let aligning: ZipExtraRecord | null = null;
  let jarMarker: ZipExtraRecord | null = null;
  for (const record of records) {
    if (SIGNING.has(record.id)) throw new FormatError('zip', at, 'a signature or a strong cipher');
    if (ALIGNING.has(record.id)) {
      if (aligning !== null) throw new FormatError('zip', at, 'two fields that align the data');
      aligning = record;
    } else if (record.id === EXTRA.jarMarker) jarMarker = record;
    else if (record.id !== EXTRA.zip64) kept.push(...keepRecord(record, at, seconds));
  }
  return { records: kept.sort((a, b) => a.id - b.id), aligning, padding, jarMarker };
}

const NONE: KeptExtras = { records: [], aligning: null, padding: 0, jarMarker: null };
/** Fields of times, users and groups alone: extended timestamp, Info-ZIP Unix of three ages. */
const INCIDENTAL: ReadonlySet<number> = new Set([EXTRA.extendedTimestamp, 0x5855, 0x7855, 0x7875]);
/** PKCS#7 stores, certificate ids, strong encryption, recipients, policies (4.5.2, section 7). */
const SIGNING: ReadonlySet<number> = new Set([
  0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x21, 0x22, 0x23,
]);
const ALIGNING: ReadonlySet<number> = new Set([
  EXTRA.aligned,
  EXTRA.alignedByCommons,
  EXTRA.alignedByTorch,
]);

function keepRecord(record: ZipExtraRecord, at: number, seconds: number): ZipExtraRecord[] {
  if (INCIDENTAL.has(record.id)) return [];
  if (record.id === EXTRA.ntfs) return keepNtfs(record, at);
  if (record.id === EXTRA.pkwareUnix) return keepPkwareUnix(record, at, seconds);
  if (record.id === EXTRA.asiUnix) return [keepAsiUnix(record, at)];
  return [record];
}

/** NTFS (4.5.5): four reserved bytes, then attributes; times are the only one ever defined. */
function keepNtfs({ data }: ZipExtraRecord, at: number): ZipExtraRecord[] {
  const timesAlone = data.length === 32 && data[4] === 1 && data[5] === 0 && data[6] === 24;
  if (data.length === 4 || timesAlone) return [];
  throw new FormatError('zip', at, 'an NTFS field with more than times');
}

/** PKWARE Unix (4.5.7): two times, user, group; then the target of a link or the numbers of a device. */
function keepPkwareUnix(
  { id, data }: ZipExtraRecord,
  at: number,
  seconds: number,
): ZipExtraRecord[] {
  if (data.length < 12) throw new FormatError('zip', at, 'a Unix field that is too short');
  if (data.length === 12) return [];
  const fixed = Buffer.from(data);
  fixed.writeUInt32LE(seconds % 2 ** 32, 0);
  fixed.writeUInt32LE(seconds % 2 ** 32, 4);
  fixed.fill(0, 8, 12);
  return [{ id, data: fixed }];
}

/** ASi Unix (4.6.1): checksum of what follows, mode, size or device, user, group, target of a link. */
function keepAsiUnix({ id, data }: ZipExtraRecord, at: number): ZipExtraRecord {
  const fixed = Buffer.from(data);
  if (data.length < 14 || fixed.readUInt32LE(0) !== crc32(data.subarray(4)))
    throw new FormatError('zip', at, 'an ASi Unix field with a wrong checksum');
  fixed.writeUInt16LE(canonicalMode(fixed.readUInt16LE(4)), 4);
  fixed.fill(0, 10, 14);
  fixed.writeUInt32LE(crc32(fixed.subarray(4)), 0);
  return { id, data: fixed };
}
