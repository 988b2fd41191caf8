/**
 * Takes a zip archive apart without a loss (PKWARE APPNOTE 6.3.10). Nothing is decompressed or decrypted. Sizes come from
 * the central directory, as in all readers that seek. Refused are entries that overlap, archives in several parts, and
 * layouts in which the directory does not follow the entries.
 */

import { FormatError } from '../core/errors.js';
import { FORMAT, ZipBytes } from './zip-bytes.js';
import { readDescriptor } from './zip-descriptor.js';
import { readZipEnd, type ZipEndRecords } from './zip-end.js';
import { readCentralHeader, readLocalHeader, type ZipCentralRecord } from './zip-headers.js';
import { CENTRAL_SIGNATURE, LOCAL_BYTES, type ZipArchive, type ZipEntry } from './zip-structure.js';

/** More entries than any real archive has; each costs its reader memory. */
const MAX_ENTRIES = 2_000_000;

/** Throws `FormatError`. The parts of the result are views of `bytes`. */
export function readZip(bytes: Uint8Array): ZipArchive {
  const file = new ZipBytes(bytes);
  const ends = readZipEnd(file);
  const { records, tailAt } = readCentralDirectory(file, ends);
  const order = records
    .map((_, index) => index)
    .sort((a, b) => records[a]!.localOffset - records[b]!.localOffset || a - b);
  const entries = Array.from<ZipEntry>({ length: records.length });
  order.forEach((index, position) => {
    const next = order[position + 1];
    const limit =
      next === undefined ? ends.centralAt : records[next]!.localOffset + ends.offsetBase;
    entries[index] = readEntry(
      file,
      records[index]!,
      ends.offsetBase,
      Math.min(limit, ends.centralAt),
    );
  });
  const first = order[0];
  const centralEnd = ends.centralAt + ends.centralSize;
  return {
    prefix: file.slice(0, first === undefined ? ends.centralAt : entries[first]!.offset),
    offsetBase: ends.offsetBase,
    entries,
    localOrder: order,
    centralTail: file.slice(tailAt, centralEnd - tailAt),
    beforeEnd: file.slice(centralEnd, ends.endAt - centralEnd),
    zip64: ends.zip64,
    end: ends.end,
    trailing: file.slice(ends.trailingAt, file.length - ends.trailingAt),
  };
}

function readCentralDirectory(
  file: ZipBytes,
  ends: ZipEndRecords,
): { readonly records: readonly ZipCentralRecord[]; readonly tailAt: number } {
  if (ends.entries > MAX_ENTRIES)
    throw new FormatError(FORMAT, ends.endAt, `${ends.entries} entries are more than can be held`);
  const records: ZipCentralRecord[] = [];
  const limit = ends.centralAt + ends.centralSize;
  let at = ends.centralAt;
  for (let i = 0; i < ends.entries; i++) {
    const record = readCentralHeader(file, at);
    at += record.length;
    if (at > limit)
      throw new FormatError(FORMAT, at, `the central directory should have ended at ${limit}`);
    records.push(record);
  }
  // A count that wrapped around at 65,536: readers that trust the size would see more.
  if (at + 4 <= limit && file.is32(at, CENTRAL_SIGNATURE))
    throw new FormatError(FORMAT, at, 'more central headers than the end record counts');
  return { records, tailAt: at };
}

/** `limit` is where the next entry or the central directory starts. */
function readEntry(
  file: ZipBytes,
  record: ZipCentralRecord,
  offsetBase: number,
  limit: number,
): ZipEntry {
  const offset = record.localOffset + offsetBase;
  const local = readLocalHeader(file, offset);
  const dataAt = offset + LOCAL_BYTES + local.name.length + local.extra.length;
  const dataEnd = dataAt + record.compressedSize;
  if (dataEnd > limit)
    throw new FormatError(FORMAT, offset, `the entry overlaps what starts at ${limit}`);
  const { descriptor, length } = readDescriptor(file, { at: dataEnd, limit, record, local });
  return {
    central: record.header,
    local,
    compressedSize: record.compressedSize,
    uncompressedSize: record.uncompressedSize,
    offset,
    data: file.slice(dataAt, record.compressedSize),
    descriptor,
    gap: file.slice(dataEnd + length, limit - dataEnd - length),
  };
}

export { dosTime, formatDosTime, ZIP_EPOCH_SECONDS, type DosTime } from './zip-dos-time.js';
export { readZipExtra, writeZipExtra, type ZipExtra, type ZipExtraRecord } from './zip-extra.js';
export { localSizes, ZIP64_EXTRA } from './zip-headers.js';
export * from './zip-structure.js';
export { writeZip, zipChunks } from './zip-write.js';
