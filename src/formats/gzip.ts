/** gzip files (RFC 1952): one member after another, zeros between them, perhaps other data at the end. */

import { crc32 } from 'node:zlib';

import { FormatError } from '../core/errors.js';
import { readDeflateExtent } from './deflate.js';

/** Bits of the FLG byte (section 2.3.1). */
export const GZIP_FLAG = { TEXT: 1, HCRC: 2, EXTRA: 4, NAME: 8, COMMENT: 16 } as const;
const RESERVED_FLAGS = 0xe0;

export interface GzipHeader {
  /** Of the first byte, from the start of the file. */
  readonly offset: number;
  readonly flags: number;
  /** Seconds since 1970; 0 says that there is none. */
  readonly mtimeSeconds: number;
  readonly extraFlags: number;
  readonly operatingSystem: number;
  /** Offset of the header's CRC16; null without one. It agrees with the header. */
  readonly headerCrcOffset: number | null;
  /** Offset of the compressed data. */
  readonly dataOffset: number;
}

export interface GzipMember extends GzipHeader {
  /** What the data expands to. */
  readonly contentBytes: number;
  /** Offset behind CRC32 and ISIZE. */
  readonly end: number;
}

export interface GzipFile {
  readonly members: readonly GzipMember[];
  /** Offset of what is no member any more: zeros, or anything else. */
  readonly end: number;
}

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/**
 * Finds all members, also behind padding of zeros. Data at the end that does not begin as a member is not looked into;
 * what begins as one must be one. Throws `FormatError`.
 */
export function readGzip(bytes: Uint8Array): GzipFile {
  const members: GzipMember[] = [readMember(bytes, 0)];
  for (;;) {
    const { end } = members.at(-1)!;
    let next = end;
    while (bytes[next] === 0) next++;
    if (!isGzip(bytes.subarray(next, next + 3))) return { members, end };
    members.push(readMember(bytes, next));
  }
}

/** The CRC16 of a header from its first byte up to the CRC itself (section 2.3.1.2). */
export function gzipHeaderCrc(header: Uint8Array): number {
  return crc32(header) & 0xffff;
}

/** The header alone, at `offset` of `bytes`; the offsets within it count as `offset` does. Throws `FormatError`. */
export function readGzipHeader(bytes: Uint8Array, offset: number): GzipHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isGzip(bytes.subarray(offset, offset + 3)))
    throw new FormatError('gzip', offset, 'expected 1f 8b 08');
  need(bytes, offset + FIXED_HEADER);
  const flags = bytes[offset + 3]!;
  if ((flags & RESERVED_FLAGS) !== 0)
    throw new FormatError('gzip', offset + 3, `expected no reserved flags, found ${flags}`);
  let at = offset + FIXED_HEADER;
  if ((flags & GZIP_FLAG.EXTRA) !== 0) {
    need(bytes, at + 2);
    at += 2 + view.getUint16(at, true);
  }
  if ((flags & GZIP_FLAG.NAME) !== 0) at = behindText(bytes, at);
  if ((flags & GZIP_FLAG.COMMENT) !== 0) at = behindText(bytes, at);
  const headerCrcOffset = (flags & GZIP_FLAG.HCRC) === 0 ? null : at;
  if (headerCrcOffset !== null) {
    need(bytes, at + 2);
    const stored = view.getUint16(at, true);
    const computed = gzipHeaderCrc(bytes.subarray(offset, at));
    if (stored !== computed)
      throw new FormatError('gzip', at, `expected the header CRC ${computed}, found ${stored}`);
    at += 2;
  }
  need(bytes, at);
  return {
    offset,
    flags,
    mtimeSeconds: view.getUint32(offset + 4, true),
    extraFlags: bytes[offset + 8]!,
    operatingSystem: bytes[offset + 9]!,
    headerCrcOffset,
    dataOffset: at,
  };
}

const FIXED_HEADER = 10;
const TRAILER = 8;

function readMember(bytes: Uint8Array, offset: number): GzipMember {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readGzipHeader(bytes, offset);
  const data = readDeflateExtent(bytes, header.dataOffset);
  need(bytes, data.end + TRAILER);
  const size = view.getUint32(data.end + 4, true);
  if (size !== data.sizeBytes % 0x1_0000_0000)
    throw new FormatError('gzip', data.end + 4, `expected ISIZE ${data.sizeBytes}, found ${size}`);
  return {
    ...header,
    contentBytes: data.sizeBytes,
    end: data.end + TRAILER,
  };
}

function behindText(bytes: Uint8Array, offset: number): number {
  const end = bytes.indexOf(0, offset);
  if (end < 0) throw new FormatError('gzip', offset, 'expected a zero at the end of the text');
  return end + 1;
}

function need(bytes: Uint8Array, end: number): void {
  if (end > bytes.length)
    throw new FormatError('gzip', bytes.length, `expected ${end - bytes.length} more bytes`);
}
