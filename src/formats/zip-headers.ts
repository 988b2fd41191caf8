/** Central and local headers of a zip archive and their zip64 values (APPNOTE 4.3.7, 4.3.12, 4.5.3). */

import { FormatError } from '../core/errors.js';
import { FORMAT, type ZipBytes } from './zip-bytes.js';
import { findZipExtra } from './zip-extra.js';
import {
  CENTRAL_BYTES,
  CENTRAL_SIGNATURE,
  LOCAL_BYTES,
  LOCAL_SIGNATURE,
  MAX_16,
  MAX_32,
  type ZipCentralHeader,
  type ZipHeader,
} from './zip-structure.js';

export const ZIP64_EXTRA = 0x0001;

/** A central header with the values that zip64 may hold for it. */
export interface ZipCentralRecord {
  readonly header: ZipCentralHeader;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  /** Of the local header, counted from `offsetBase`. */
  readonly localOffset: number;
  /** Size in bytes of the record itself. */
  readonly length: number;
}

export function readCentralHeader(file: ZipBytes, at: number): ZipCentralRecord {
  if (!file.is32(at, CENTRAL_SIGNATURE))
    throw new FormatError(FORMAT, at, 'a central header is expected');
  const nameLength = file.u16(at + 28);
  const extraLength = file.u16(at + 30);
  const commentLength = file.u16(at + 32);
  const header: ZipCentralHeader = {
    versionMadeBy: file.u16(at + 4),
    ...readShared(file, at + 6),
    name: file.text(at + CENTRAL_BYTES, nameLength),
    extra: file.slice(at + CENTRAL_BYTES + nameLength, extraLength),
    comment: file.slice(at + CENTRAL_BYTES + nameLength + extraLength, commentLength),
    diskStart: file.u16(at + 34),
    internalAttributes: file.u16(at + 36),
    externalAttributes: file.u32(at + 38),
    localOffset: file.u32(at + 42),
  };
  return {
    header,
    ...readZip64Values(file, header, at + CENTRAL_BYTES + nameLength),
    length: CENTRAL_BYTES + nameLength + extraLength + commentLength,
  };
}

export function readLocalHeader(file: ZipBytes, at: number): ZipHeader {
  if (!file.is32(at, LOCAL_SIGNATURE))
    throw new FormatError(FORMAT, at, 'a local header is expected');
  const nameLength = file.u16(at + 26);
  return {
    ...readShared(file, at + 4),
    name: file.text(at + LOCAL_BYTES, nameLength),
    extra: file.slice(at + LOCAL_BYTES + nameLength, file.u16(at + 28)),
  };
}

/** Sizes in a local header, from its zip64 extra field where they are escaped; null where that is cut or missing. */
export function localSizes(
  header: ZipHeader,
): { readonly compressedSize: number; readonly uncompressedSize: number } | null {
  if (header.uncompressedSize !== MAX_32 && header.compressedSize !== MAX_32) return header;
  const found = findZipExtra(header.extra, ZIP64_EXTRA);
  // Both have to be there, whichever is escaped (4.5.3).
  if (found === null || found.length < 16) return null;
  const view = new DataView(header.extra.buffer, header.extra.byteOffset + found.at, 16);
  return {
    uncompressedSize: Number(view.getBigUint64(0, true)),
    compressedSize: Number(view.getBigUint64(8, true)),
  };
}

function readShared(file: ZipBytes, at: number): Omit<ZipHeader, 'name' | 'extra'> {
  return {
    versionNeeded: file.u16(at),
    flags: file.u16(at + 2),
    method: file.u16(at + 4),
    modTime: file.u16(at + 6),
    modDate: file.u16(at + 8),
    crc32: file.u32(at + 10),
    compressedSize: file.u32(at + 14),
    uncompressedSize: file.u32(at + 18),
  };
}

/** Only escaped values are in the record, in this order; without a record 0xffffffff is what it says. */
function readZip64Values(
  file: ZipBytes,
  header: ZipCentralHeader,
  extraAt: number,
): Pick<ZipCentralRecord, 'compressedSize' | 'uncompressedSize' | 'localOffset'> {
  const found = findZipExtra(header.extra, ZIP64_EXTRA);
  let used = 0;
  const next = (stored: number): number => {
    if (stored !== MAX_32 || found === null) return stored;
    if (used + 8 > found.length)
      throw new FormatError(FORMAT, extraAt + found.at, 'a zip64 extra field that is too short');
    used += 8;
    return file.u64(extraAt + found.at + used - 8);
  };
  const uncompressedSize = next(header.uncompressedSize);
  const compressedSize = next(header.compressedSize);
  const localOffset = next(header.localOffset);
  const disk =
    header.diskStart === MAX_16 && found !== null && used + 4 <= found.length
      ? file.u32(extraAt + found.at + used)
      : header.diskStart;
  if (disk !== 0) throw new FormatError(FORMAT, extraAt, `the entry is on disk ${disk} of several`);
  return { uncompressedSize, compressedSize, localOffset };
}
