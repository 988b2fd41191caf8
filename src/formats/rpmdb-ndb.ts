/**
 * rpm's own database of packages (`Packages.db`, the ndb backend of SUSE): a header, pages of slots, and blobs in blocks of 16
 * bytes. All numbers are little-endian. The layout is that of rpm 4.14 to 6 (lib/backend/ndb/rpmpkg.c).
 */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';

export interface NdbDatabase {
  readonly version: number;
  /** Goes up with every write of a slot. */
  readonly generation: number;
  readonly slotPages: number;
  readonly nextIndex: number;
  /** Behind the numbers of the header, zeros by the format. */
  readonly reserved: Uint8Array;
  /** By their place in the file. */
  readonly slots: readonly NdbSlot[];
  /** Slots that hold nothing: numbers that were left in them. */
  readonly freeSlots: Uint8Array;
}

export interface NdbSlot {
  /** Of the slot itself. */
  readonly offset: number;
  /** Number of the package. */
  readonly index: number;
  /** Where its blocks are, in bytes. */
  readonly start: number;
  readonly length: number;
}

export interface NdbBlob {
  /** When it was written, in seconds since 1970. */
  readonly timestamp: number;
  /** The header of the package. */
  readonly start: number;
  readonly length: number;
  /** Between the header and what ends the blob, zeros by the format. */
  readonly padding: Uint8Array;
  /** Adler-32 (RFC 1950) of all before it. */
  readonly checksum: number;
}

const FORMAT = 'rpm ndb';
const MAGIC = 'RpmP';
const HEADER_BYTES = 32;
const SLOT_BYTES = 16;
const BLOCK_BYTES = 16;
const PAGE_BYTES = 4096;
const BLOB_HEAD_BYTES = 16;
const BLOB_TAIL_BYTES = 12;

export function isNdb(head: Uint8Array): boolean {
  return head.length >= HEADER_BYTES && text(head, 0) === MAGIC;
}

/** Throws `FormatError` where rpm would refuse the database too. */
export function readNdb(input: RandomAccess): NdbDatabase {
  const head = input.read(0, HEADER_BYTES);
  if (!isNdb(head)) throw new FormatError(FORMAT, 0, 'expected the magic number of a database');
  const slotPages = u32(head, 12);
  const version = u32(head, 4);
  if (version !== 0) throw new FormatError(FORMAT, 4, `unknown version ${version}`);
  if (slotPages * PAGE_BYTES > input.size)
    throw new FormatError(FORMAT, 12, `${slotPages} pages of slots in ${input.size} bytes`);
  const slots: NdbSlot[] = [];
  const free: Uint8Array[] = [];
  for (let page = 0; page < slotPages; page++) {
    const bytes = input.read(page * PAGE_BYTES, PAGE_BYTES);
    for (let at = page === 0 ? HEADER_BYTES : 0; at < PAGE_BYTES; at += SLOT_BYTES) {
      const offset = page * PAGE_BYTES + at;
      if (text(bytes, at) !== 'Slot')
        throw new FormatError(FORMAT, offset, 'expected the magic number of a slot');
      const start = u32(bytes, at + 8) * BLOCK_BYTES;
      const length = u32(bytes, at + 12) * BLOCK_BYTES;
      if (start === 0) free.push(bytes.subarray(at + 4, at + SLOT_BYTES));
      else if (start < slotPages * PAGE_BYTES || start + length > input.size)
        throw new FormatError(FORMAT, offset + 8, `blocks from ${start} on, ${length} bytes`);
      else slots.push({ offset, index: u32(bytes, at + 4), start, length });
    }
  }
  slots.sort((a, b) => a.start - b.start);
  for (const [i, slot] of slots.entries()) {
    const last = slots[i - 1];
    if (last !== undefined && last.start + last.length > slot.start)
      throw new FormatError(FORMAT, slot.offset, 'blocks of two packages overlap');
  }
  return {
    version,
    generation: u32(head, 8),
    slotPages,
    nextIndex: u32(head, 16),
    reserved: head.subarray(20),
    slots,
    freeSlots: Buffer.concat(free),
  };
}

/** What a slot refers to. Throws `FormatError`. */
export function readNdbBlob(input: RandomAccess, { index, start, length }: NdbSlot): NdbBlob {
  const head = input.read(start, BLOB_HEAD_BYTES);
  const end = start + length;
  if (length < BLOB_HEAD_BYTES + BLOB_TAIL_BYTES || text(head, 0) !== 'BlbS')
    throw new FormatError(FORMAT, start, 'expected the start of a blob');
  if (u32(head, 4) !== index)
    throw new FormatError(FORMAT, start + 4, `a blob of package ${u32(head, 4)}, not ${index}`);
  const bytes = u32(head, 12);
  const blocks = Math.ceil((BLOB_HEAD_BYTES + bytes + BLOB_TAIL_BYTES) / BLOCK_BYTES);
  if (blocks * BLOCK_BYTES !== length)
    throw new FormatError(FORMAT, start + 12, `a blob of ${bytes} bytes in ${length}`);
  const tail = input.read(end - BLOB_TAIL_BYTES, BLOB_TAIL_BYTES);
  if (u32(tail, 4) !== bytes || text(tail, 8) !== 'BlbE')
    throw new FormatError(FORMAT, end - 8, 'expected the end of a blob');
  const from = start + BLOB_HEAD_BYTES;
  return {
    timestamp: u32(head, 8),
    start: from,
    length: bytes,
    padding: input.read(from + bytes, end - BLOB_TAIL_BYTES - from - bytes),
    checksum: u32(tail, 0),
  };
}

/** Stretches that no slot refers to. */
export function ndbGaps(
  { slots, slotPages }: NdbDatabase,
  size: number,
): readonly { readonly offset: number; readonly length: number }[] {
  const gaps = [];
  let offset = slotPages * PAGE_BYTES;
  for (const { start, length } of [...slots, { start: size, length: 0 }]) {
    if (start > offset) gaps.push({ offset, length: start - offset });
    offset = start + length;
  }
  return gaps;
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

function text(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
}
