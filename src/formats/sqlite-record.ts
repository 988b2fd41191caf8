/** Records: the values of a row or an index entry (sqlite.org/fileformat2.html 2.1). */

import type { SqliteEncoding } from './sqlite-header.js';
import type { Extent } from './sqlite-image.js';
import { sliceExtents, type SqlitePayload } from './sqlite-payload.js';
import type { SqliteProblems } from './sqlite-problems.js';
import { varintLength, varintNumber } from './sqlite-varint.js';

interface Stored {
  /** As in the record header: it tells how the value is stored, 1 as a byte or as no byte at all. */
  readonly serialType: number;
  /** Bytes of content. */
  readonly length: number;
  /** The content as stored, or its first bytes when the payload was over the limit. */
  readonly bytes: Uint8Array;
  /** Where the content is in the image: one extent, or several along an overflow chain; none for no bytes. */
  readonly extents: readonly Extent[];
}

export type SqliteValue =
  | (Stored & { readonly kind: 'null'; readonly value: null })
  | (Stored & { readonly kind: 'integer'; readonly value: bigint })
  | (Stored & { readonly kind: 'real'; readonly value: number })
  /** Decoded with U+FFFD for what is not valid; `bytes` has the truth. */
  | (Stored & { readonly kind: 'text'; readonly value: string })
  | (Stored & { readonly kind: 'blob'; readonly value: Uint8Array });

const NOWHERE: readonly Extent[] = [];
const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8] as const;

/** The values that can be read; a problem where header and content disagree. */
export function decodeRecord(
  payload: SqlitePayload,
  encoding: SqliteEncoding,
  problems: SqliteProblems,
): readonly SqliteValue[] {
  const { bytes } = payload;
  const offset = payload.extents[0]?.offset ?? 0;
  const values: SqliteValue[] = [];
  const sizeLength = varintLength(bytes, 0, bytes.length);
  const headerLength = sizeLength === 0 ? Infinity : varintNumber(bytes, 0, sizeLength);
  if (headerLength < sizeLength || headerLength > bytes.length) {
    problems.add('record', offset, `its header cannot have ${headerLength} bytes`);
    return values;
  }
  const header: number[] = [];
  let content = headerLength;
  for (let at = sizeLength; at < headerLength;) {
    const length = varintLength(bytes, at, headerLength);
    const serialType = length === 0 ? Infinity : varintNumber(bytes, at, length);
    const size = contentBytes(serialType);
    if (size === null || content + size > payload.length) {
      problems.add('record', offset, `value ${header.length} cannot be of type ${serialType}`);
      break;
    }
    header.push(serialType);
    content += size;
    at += length;
  }
  let start = headerLength;
  for (const serialType of header) {
    const length = contentBytes(serialType)!;
    const part = bytes.subarray(start, start + length);
    const extents = length === 0 ? NOWHERE : contentExtents(payload, start, length);
    values.push(decodeValue(serialType, length, part, extents, encoding));
    start += length;
  }
  if (start < payload.length)
    problems.add('record', offset, `${payload.length - start} bytes after the last value`);
  return values;
}

function contentExtents(payload: SqlitePayload, start: number, length: number): readonly Extent[] {
  const [first] = payload.extents;
  if (first !== undefined && start + length <= first.length)
    return [{ offset: first.offset + start, length }];
  return sliceExtents(payload.extents, start, length);
}

/** null for the reserved types and what is no type. */
function contentBytes(serialType: number): number | null {
  if (serialType >= 12) return serialType === Infinity ? null : Math.floor((serialType - 12) / 2);
  if (serialType === 7) return 8;
  return serialType <= 6 ? INTEGER_BYTES[serialType]! : serialType <= 9 ? 0 : null;
}

// Literals and not spreads of what they share: this is where most of the time goes.
function decodeValue(
  serialType: number,
  length: number,
  bytes: Uint8Array,
  extents: readonly Extent[],
  encoding: SqliteEncoding,
): SqliteValue {
  if (serialType >= 12 && serialType % 2 === 0)
    return { kind: 'blob', value: bytes, serialType, length, bytes, extents };
  if (serialType >= 12) {
    const value = decodeText(bytes, encoding);
    return { kind: 'text', value, serialType, length, bytes, extents };
  }
  // A number that a broken chain or the limit cut has no value.
  if (serialType === 0 || bytes.length < length)
    return { kind: 'null', value: null, serialType, length, bytes, extents };
  if (serialType === 7) {
    const value = viewOf(bytes).getFloat64(0);
    return { kind: 'real', value, serialType, length, bytes, extents };
  }
  const value = serialType >= 8 ? BigInt(serialType - 8) : decodeInteger(bytes);
  return { kind: 'integer', value, serialType, length, bytes, extents };
}

function decodeInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 8) return viewOf(bytes).getBigInt64(0);
  let value = bytes[0]! >= 0x80 ? -1 : 0;
  for (const byte of bytes) value = value * 256 + byte;
  return BigInt(value);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decodeText(bytes: Uint8Array, encoding: SqliteEncoding): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (encoding === 'utf-8') return buffer.toString('utf8');
  const even = buffer.subarray(0, buffer.length & ~1);
  return encoding === 'utf-16le'
    ? even.toString('utf16le')
    : Buffer.from(even).swap16().toString('utf16le');
}
