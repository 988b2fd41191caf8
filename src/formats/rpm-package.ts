/**
 * RPM package files (rpm's docs/manual/format_v4.md): lead, signature header, main header, payload, one after the other up
 * to the end of the file. The payload is not read, only found.
 */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import type { Codec } from './codec/codec.js';
import { CODEC_HEAD_BYTES, detectCodec } from './codec/detect.js';
import { cpioDialect } from './cpio.js';
import { RPM_TAG, readRpmHeader, rpmHeaderBytes, rpmString, type RpmHeader } from './rpm-header.js';

export interface RpmPackage {
  readonly lead: RpmLead;
  readonly signature: RpmHeaderPlace;
  /** Up to 7 bytes between signature and main header, zeros by the format. */
  readonly signaturePadding: Uint8Array;
  readonly header: RpmHeaderPlace;
  readonly payload: RpmPayload;
}

/** The 96 bytes in front, of which nothing but the magic counts today. */
export interface RpmLead {
  readonly raw: Uint8Array;
  readonly major: number;
  readonly minor: number;
  /** 0 is a binary package, 1 a source package. */
  readonly type: number;
  readonly architecture: number;
  /** Up to the first NUL, latin1 bytes. */
  readonly name: string;
  readonly os: number;
  readonly signatureType: number;
  /** 16 bytes that nobody uses. */
  readonly reserved: Uint8Array;
}

export interface RpmHeaderPlace {
  /** Of the magic. */
  readonly offset: number;
  /** Magic, version and 4 bytes that nobody uses. */
  readonly intro: Uint8Array;
  /** Of the header itself: add it to the offsets of its entries. */
  readonly blobOffset: number;
  readonly header: RpmHeader;
  readonly end: number;
}

export interface RpmPayload {
  readonly offset: number;
  /** Up to the end of the file. */
  readonly bytes: number;
  /** As the header has it; `cpio` in all that rpm makes today. Null where it says nothing. */
  readonly format: string | null;
  /** As the header has it: `gzip`, `xz`, `zstd`, `lzma`, `bzip2`. Null where it says nothing. */
  readonly compressor: string | null;
  /** The compression level, mostly. */
  readonly flags: string | null;
  /** As the bytes have it; null when they are not compressed, or in a way that is not known. */
  readonly codec: Codec | null;
  readonly isCpio: boolean;
}

const FORMAT = 'rpm';
const LEAD_BYTES = 96;
const LEAD_MAGIC = 0xedabeedb;
const INTRO_BYTES = 8;
/** With the version, 1. */
const HEADER_MAGIC = 0x8eade801;
/** rpm refuses larger signature headers (lib/signature.c), and larger main headers (lib/header.c). */
const MAX_SIGNATURE = 64 * 2 ** 20;
const MAX_HEADER = 256 * 2 ** 20;

/** Whether the first bytes are those of a package file. */
export function isRpmPackage(head: Uint8Array): boolean {
  return head.length >= 4 && toBuffer(head).readUInt32BE(0) === LEAD_MAGIC;
}

/** Throws `FormatError` with offsets in the file. */
export function readRpmPackage(file: RandomAccess): RpmPackage {
  const lead = readLead(file);
  const signature = readHeader(file, LEAD_BYTES, MAX_SIGNATURE);
  const padding = (8 - (signature.end % 8)) % 8;
  const header = readHeader(file, signature.end + padding, MAX_HEADER);
  return {
    lead,
    signature,
    signaturePadding: file.read(signature.end, padding),
    header,
    payload: findPayload(file, header),
  };
}

function readLead(file: RandomAccess): RpmLead {
  const raw = toBuffer(file.read(0, LEAD_BYTES));
  if (!isRpmPackage(raw))
    throw new FormatError(FORMAT, 0, 'expected the magic number of a package');
  if (raw.length < LEAD_BYTES) throw new FormatError(FORMAT, raw.length, 'the lead is cut');
  const name = raw.toString('latin1', 10, 76);
  const nul = name.indexOf('\0');
  return {
    raw,
    major: raw[4]!,
    minor: raw[5]!,
    type: raw.readUInt16BE(6),
    architecture: raw.readUInt16BE(8),
    name: nul < 0 ? name : name.slice(0, nul),
    os: raw.readUInt16BE(76),
    signatureType: raw.readUInt16BE(78),
    reserved: raw.subarray(80),
  };
}

function readHeader(file: RandomAccess, offset: number, limit: number): RpmHeaderPlace {
  const intro = toBuffer(file.read(offset, INTRO_BYTES));
  if (intro.length < INTRO_BYTES || intro.readUInt32BE(0) !== HEADER_MAGIC)
    throw new FormatError(FORMAT, offset, 'expected the magic number of a header');
  const blobOffset = offset + INTRO_BYTES;
  const header = inFile(blobOffset, () => {
    const bytes = rpmHeaderBytes(file.read(blobOffset, 8));
    if (bytes > limit || blobOffset + bytes > file.size)
      throw new FormatError(FORMAT, 0, `a header of ${bytes} bytes`);
    return readRpmHeader(file.read(blobOffset, bytes));
  });
  return { offset, intro, blobOffset, header, end: blobOffset + header.blob.length };
}

/** Runs a parser of a part; its faults get the offset in the file. */
function inFile<T>(base: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(FORMAT, base + error.offset, error.message);
  }
}

function findPayload(file: RandomAccess, { header, blobOffset, end }: RpmHeaderPlace): RpmPayload {
  const head = file.read(end, CODEC_HEAD_BYTES);
  const isCpio = cpioDialect(head) !== null || isStripped(head);
  return inFile(blobOffset, () => ({
    offset: end,
    bytes: file.size - end,
    format: rpmString(header, RPM_TAG.PAYLOADFORMAT),
    compressor: rpmString(header, RPM_TAG.PAYLOADCOMPRESSOR),
    flags: rpmString(header, RPM_TAG.PAYLOADFLAGS),
    codec: isCpio ? null : detectCodec(head),
    isCpio,
  }));
}

function isStripped(head: Uint8Array): boolean {
  return toBuffer(head).toString('latin1', 0, 6) === '07070X';
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
