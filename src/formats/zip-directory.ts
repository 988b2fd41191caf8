/**
 * Where everything is in a zip archive (PKWARE APPNOTE 6.3.10), from its central directory and local headers; no data is
 * read. Sizes come from the central directory, as in all readers that seek. All bytes are accounted for: `prefixBytes`, the
 * entries with their gaps, the central directory with its tail, what is before the end records, these, and what trails.
 */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { AHEAD_DENSE, AHEAD_SPARSE, FORMAT, ZipBytes } from './zip-bytes.js';
import { readDescriptor } from './zip-descriptor.js';
import { readZipEnd, type ZipEndRecords } from './zip-end.js';
import { readCentralHeader, readLocalHeader, type ZipCentralRecord } from './zip-headers.js';
import {
  CENTRAL_SIGNATURE,
  LOCAL_BYTES,
  type ZipCentralHeader,
  type ZipDescriptor,
  type ZipHeader,
} from './zip-structure.js';

/** An entry without its data. */
export interface ZipPlace {
  readonly central: ZipCentralHeader;
  /** Of the central header. */
  readonly centralOffset: number;
  /** Null where none could be read. */
  readonly local: ZipHeader | null;
  /** Real sizes in bytes, from the central header or its zip64 extra field. */
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** Of the local header. */
  readonly offset: number;
  readonly dataOffset: number;
  readonly descriptor: ZipDescriptor | null;
  readonly descriptorBytes: number;
  /** What lies between this entry and the next one, or the central directory. */
  readonly gapOffset: number;
  readonly gapBytes: number;
  /**
   * Why the entry must not be followed: it overlaps another one or the directory (as bombs do), or its local header or data
   * descriptor makes no sense. Null for a sound one.
   */
  readonly problem: FormatError | null;
}

export interface ZipDirectory {
  readonly size: number;
  readonly prefixBytes: number;
  /** In the order of the central directory. */
  readonly entries: readonly ZipPlace[];
  /** Indexes of `entries` in the order of the local headers. */
  readonly localOrder: readonly number[];
  readonly ends: ZipEndRecords;
  /** Of what follows the last central header within the directory. */
  readonly centralTailOffset: number;
  /** Behind the directory. */
  readonly centralEnd: number;
}

/** More entries than any real archive has; each costs its reader memory. */
const MAX_ENTRIES = 2_000_000;

/** Throws `FormatError` where the directory itself makes no sense; trouble of one entry is told with it. */
export function readZipDirectory(input: Uint8Array | RandomAccess): ZipDirectory {
  const file = new ZipBytes(input);
  const ends = readZipEnd(file);
  file.ahead = AHEAD_DENSE;
  const { records, tailAt } = readCentralDirectory(file, ends);
  const order = records
    .map((_, index) => index)
    .sort((a, b) => records[a]!.localOffset - records[b]!.localOffset || a - b);
  file.ahead = AHEAD_SPARSE;
  const entries = Array.from<ZipPlace>({ length: records.length });
  order.forEach((index, position) => {
    const next = order[position + 1];
    const limit =
      next === undefined ? ends.centralAt : records[next]!.localOffset + ends.offsetBase;
    entries[index] = readPlace(
      file,
      records[index]!,
      ends.offsetBase,
      Math.min(limit, ends.centralAt),
    );
  });
  const first = order[0];
  return {
    size: file.length,
    prefixBytes:
      first === undefined ? ends.centralAt : Math.min(entries[first]!.offset, ends.centralAt),
    entries,
    localOrder: order,
    ends,
    centralTailOffset: tailAt,
    centralEnd: ends.centralAt + ends.centralSize,
  };
}

interface PlacedRecord extends ZipCentralRecord {
  readonly at: number;
}

function readCentralDirectory(
  file: ZipBytes,
  ends: ZipEndRecords,
): { readonly records: readonly PlacedRecord[]; readonly tailAt: number } {
  if (ends.entries > MAX_ENTRIES)
    throw new FormatError(FORMAT, ends.endAt, `${ends.entries} entries are more than can be held`);
  const records: PlacedRecord[] = [];
  const limit = ends.centralAt + ends.centralSize;
  let at = ends.centralAt;
  for (let i = 0; i < ends.entries; i++) {
    const record = readCentralHeader(file, at);
    records.push({ ...record, at });
    at += record.length;
    if (at > limit)
      throw new FormatError(FORMAT, at, `the central directory should have ended at ${limit}`);
  }
  // A count that wrapped around at 65,536: readers that trust the size would see more.
  if (at + 4 <= limit && file.is32(at, CENTRAL_SIGNATURE))
    throw new FormatError(FORMAT, at, 'more central headers than the end record counts');
  return { records, tailAt: at };
}

/** `limit` is where the next entry or the central directory starts. */
function readPlace(
  file: ZipBytes,
  record: PlacedRecord,
  offsetBase: number,
  limit: number,
): ZipPlace {
  const offset = record.localOffset + offsetBase;
  const none = {
    central: record.header,
    centralOffset: record.at,
    local: null,
    compressedSize: record.compressedSize,
    uncompressedSize: record.uncompressedSize,
    offset,
    dataOffset: offset,
    descriptor: null,
    descriptorBytes: 0,
    gapOffset: limit,
    gapBytes: 0,
    problem: null,
  };
  let place: ZipPlace = none;
  try {
    const local = readLocalHeader(file, offset);
    const dataOffset = offset + LOCAL_BYTES + local.name.length + local.extra.length;
    const dataEnd = dataOffset + record.compressedSize;
    place = { ...none, local, dataOffset };
    if (dataEnd > limit)
      throw new FormatError(FORMAT, offset, `the entry overlaps what starts at ${limit}`);
    const { descriptor, length } = readDescriptor(file, { at: dataEnd, limit, record, local });
    const gapOffset = dataEnd + length;
    const gapBytes = limit - gapOffset;
    return { ...place, descriptor, descriptorBytes: length, gapOffset, gapBytes };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { ...place, problem: error };
  }
}
