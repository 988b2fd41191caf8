/**
 * RPM header blobs as the package database stores them (rpm's docs/manual/format_header.md, without the 8 magic
 * bytes): two counts, an index of 16-byte entries, a data area. All numbers are big-endian.
 *
 * The first entry usually is a *region*: it and the entries and data it spans came with the package, signed, and must
 * never change. Entries after it are *dribbles*, added when the package was installed.
 */

import { FormatError } from '../core/errors.js';

/** Header tags by the name rpm gives them (`rpm --querytags`). */
export const RPM_TAG = {
  SHA1HEADER: 269,
  SHA256HEADER: 273,
  NAME: 1000,
  VERSION: 1001,
  RELEASE: 1002,
  EPOCH: 1003,
  INSTALLTIME: 1008,
  ARCH: 1022,
  OLDFILENAMES: 1027,
  FILESIZES: 1028,
  FILESTATES: 1029,
  FILEMODES: 1030,
  FILERDEVS: 1033,
  FILEMTIMES: 1034,
  FILEDIGESTS: 1035,
  FILELINKTOS: 1036,
  FILEFLAGS: 1037,
  FILEUSERNAME: 1039,
  FILEGROUPNAME: 1040,
  FILEVERIFYFLAGS: 1045,
  FILEDEVICES: 1095,
  FILEINODES: 1096,
  DIRINDEXES: 1116,
  BASENAMES: 1117,
  DIRNAMES: 1118,
  PAYLOADFORMAT: 1124,
  PAYLOADCOMPRESSOR: 1125,
  PAYLOADFLAGS: 1126,
  INSTALLTID: 1128,
  LONGFILESIZES: 5008,
  FILECAPS: 5010,
  FILEDIGESTALGO: 5011,
} as const;

/** Types of index entries. */
export const RPM_TYPE = {
  CHAR: 1,
  INT8: 2,
  INT16: 3,
  INT32: 4,
  INT64: 5,
  STRING: 6,
  BIN: 7,
  STRING_ARRAY: 8,
  I18NSTRING: 9,
} as const;

export interface RpmIndexEntry {
  readonly tag: number;
  readonly type: number;
  /** Of the first value, from the start of the blob. */
  readonly offset: number;
  /** Values; bytes for BIN. */
  readonly count: number;
  /** Outside the immutable region: added at installation. */
  readonly dribble: boolean;
}

export interface RpmHeader {
  readonly blob: Buffer;
  /** In the order of the index, the region's own entry left out. Every value lies within the blob. */
  readonly entries: readonly RpmIndexEntry[];
}

const FORMAT = 'rpm header';
const COUNTS_BYTES = 8;
const ENTRY_BYTES = 16;
/** Limits that rpm itself sets (lib/header.c): more entries or data make the header invalid. */
const MAX_ENTRIES = 0xffff;
const MAX_DATA_BYTES = 0x0fffffff;
/** HEADERIMAGE (packages of rpm 3), HEADERSIGNATURES (of package files), HEADERIMMUTABLE. */
const REGION_TAGS: readonly number[] = [61, 62, 63];
/** Bytes of one value, by type; 0 where values end at a NUL. */
const VALUE_BYTES: readonly number[] = [0, 1, 1, 2, 4, 8, 0, 1, 0, 0];

/** Throws `FormatError` for anything that is not exactly one well-formed header. */
export function readRpmHeader(bytes: Uint8Array): RpmHeader {
  const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expected = rpmHeaderBytes(blob);
  if (blob.length !== expected)
    throw new FormatError(FORMAT, 0, `expected ${expected} bytes, found ${blob.length}`);
  const count = blob.readUInt32BE(0);
  const dataStart = COUNTS_BYTES + count * ENTRY_BYTES;

  const regionEntries = readRegion(blob, count, dataStart);
  const entries: RpmIndexEntry[] = [];
  for (let i = regionEntries === 0 ? 0 : 1; i < count; i++)
    entries.push(readEntry(blob, COUNTS_BYTES + i * ENTRY_BYTES, dataStart, i >= regionEntries));
  return { blob, entries };
}

/** The entry of a tag; a dribble wins over the region, as it does in rpm. */
export function findRpmEntry(header: RpmHeader, tag: number): RpmIndexEntry | null {
  let found: RpmIndexEntry | null = null;
  for (const entry of header.entries)
    if (entry.tag === tag && (found === null || entry.dribble)) found = entry;
  return found;
}

/** A STRING (or the first of an array, or the untranslated I18NSTRING), latin1 bytes; null when there is none. */
export function rpmString(header: RpmHeader, tag: number): string | null {
  const entry = findRpmEntry(header, tag);
  if (entry === null) return null;
  expectType(entry, [RPM_TYPE.STRING, RPM_TYPE.STRING_ARRAY, RPM_TYPE.I18NSTRING]);
  return stringsOf(header.blob, entry, 1)[0]!;
}

/** The strings of a STRING_ARRAY, latin1 bytes each; null when there is none. */
export function rpmStrings(header: RpmHeader, tag: number): readonly string[] | null {
  const entry = findRpmEntry(header, tag);
  if (entry === null) return null;
  expectType(entry, [RPM_TYPE.STRING_ARRAY, RPM_TYPE.STRING]);
  return stringsOf(header.blob, entry, entry.count);
}

/** The unsigned numbers of a CHAR, INT8, INT16 or INT32 entry; null when there is none. */
export function rpmNumbers(header: RpmHeader, tag: number): Uint32Array | null {
  const entry = findRpmEntry(header, tag);
  if (entry === null) return null;
  expectType(entry, [RPM_TYPE.CHAR, RPM_TYPE.INT8, RPM_TYPE.INT16, RPM_TYPE.INT32]);
  const { blob } = header;
  const numbers = new Uint32Array(entry.count);
  const width = VALUE_BYTES[entry.type]!;
  for (let i = 0, at = entry.offset; i < numbers.length; i++, at += width)
    numbers[i] = blob.readUIntBE(at, width);
  return numbers;
}

/** The unsigned numbers of an INT64 entry, which must be below 2^53, or of a narrower one; null when there is none. */
export function rpmLongs(header: RpmHeader, tag: number): readonly number[] | null {
  const entry = findRpmEntry(header, tag);
  if (entry === null) return null;
  if (entry.type !== RPM_TYPE.INT64) return [...rpmNumbers(header, tag)!];
  const longs: number[] = [];
  for (let i = 0, at = entry.offset; i < entry.count; i++, at += 8) {
    const value = Number(header.blob.readBigUInt64BE(at));
    if (!Number.isSafeInteger(value)) throw new FormatError(FORMAT, at, `${value} is beyond 2^53`);
    longs.push(value);
  }
  return longs;
}

/** Bytes of a header with these two counts in front; throws `FormatError` beyond the limits that rpm sets. */
export function rpmHeaderBytes(counts: Uint8Array): number {
  const blob = Buffer.from(counts.buffer, counts.byteOffset, counts.byteLength);
  if (blob.length < COUNTS_BYTES) throw new FormatError(FORMAT, 0, 'shorter than its two counts');
  const count = blob.readUInt32BE(0);
  const dataBytes = blob.readUInt32BE(4);
  if (count === 0 || count > MAX_ENTRIES)
    throw new FormatError(FORMAT, 0, `expected 1 to ${MAX_ENTRIES} entries, found ${count}`);
  if (dataBytes > MAX_DATA_BYTES)
    throw new FormatError(FORMAT, 4, `${dataBytes} bytes of data are more than rpm allows`);
  return COUNTS_BYTES + count * ENTRY_BYTES + dataBytes;
}

/** The first number of an entry; null when there is none. */
export function rpmNumber(header: RpmHeader, tag: number): number | null {
  return rpmNumbers(header, tag)?.[0] ?? null;
}

/** Entries that the region spans, its own included; 0 for a header without one, as rpm makes for imported keys. */
function readRegion(blob: Buffer, count: number, dataStart: number): number {
  if (!REGION_TAGS.includes(blob.readUInt32BE(COUNTS_BYTES))) return 0;
  const region = readEntry(blob, COUNTS_BYTES, dataStart, false);
  if (region.type !== RPM_TYPE.BIN || region.count !== ENTRY_BYTES)
    throw new FormatError(FORMAT, COUNTS_BYTES, 'the region entry is not 16 bytes of binary data');
  // The trailer repeats the entry; its offset is negative and reaches back over the entries of the region.
  const trailer = region.offset;
  const spanned = -blob.readInt32BE(trailer + 8) / ENTRY_BYTES;
  if (
    blob.readUInt32BE(trailer) !== region.tag ||
    blob.readUInt32BE(trailer + 4) !== RPM_TYPE.BIN ||
    blob.readUInt32BE(trailer + 12) !== ENTRY_BYTES
  )
    throw new FormatError(FORMAT, trailer, 'the region trailer does not match its entry');
  if (!Number.isInteger(spanned) || spanned < 1 || spanned > count)
    throw new FormatError(FORMAT, trailer + 8, `the region spans ${spanned} of ${count} entries`);
  return spanned;
}

function readEntry(blob: Buffer, at: number, dataStart: number, dribble: boolean): RpmIndexEntry {
  const tag = blob.readUInt32BE(at);
  const type = blob.readUInt32BE(at + 4);
  const relative = blob.readInt32BE(at + 8);
  const count = blob.readUInt32BE(at + 12);
  const width = VALUE_BYTES[type];
  if (type === 0 || width === undefined)
    throw new FormatError(FORMAT, at + 4, `unknown type ${type} of tag ${tag}`);
  // A string takes one byte at least: its NUL.
  const length = count * (width === 0 ? 1 : width);
  if (relative < 0 || count === 0 || dataStart + relative + length > blob.length)
    throw new FormatError(FORMAT, at + 8, `the ${count} values of tag ${tag} leave the data`);
  if (width > 1 && relative % width !== 0)
    throw new FormatError(FORMAT, at + 8, `the values of tag ${tag} are not aligned`);
  return { tag, type, offset: dataStart + relative, count, dribble };
}

function expectType(entry: RpmIndexEntry, types: readonly number[]): void {
  if (!types.includes(entry.type))
    throw new FormatError(
      FORMAT,
      entry.offset,
      `tag ${entry.tag}: expected type ${types.join(' or ')}, found ${entry.type}`,
    );
}

function stringsOf(blob: Buffer, entry: RpmIndexEntry, count: number): string[] {
  let end = entry.offset;
  for (let i = 0; i < count; i++) {
    const nul = blob.indexOf(0, end);
    if (nul < 0) throw new FormatError(FORMAT, end, `string ${i} of tag ${entry.tag} has no end`);
    end = nul + 1;
  }
  return blob.toString('latin1', entry.offset, end - 1).split('\0');
}
