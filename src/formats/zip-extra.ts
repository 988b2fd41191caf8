/** Extra fields of zip headers: records of id, length and data (APPNOTE 4.5). */

import { FormatError } from '../core/errors.js';
import { FORMAT } from './zip-bytes.js';

export interface ZipExtraRecord {
  readonly id: number;
  readonly data: Uint8Array;
}

export interface ZipExtra {
  readonly records: readonly ZipExtraRecord[];
  /** Zero bytes at the end that are no records: zipalign moves data to a boundary with them. */
  readonly padding: number;
}

const RECORD_BYTES = 4;
const NOTHING = new Uint8Array(0);

/** Throws `FormatError` (offset within the field) where the bytes are no records. */
export function readZipExtra(extra: Uint8Array): ZipExtra {
  const records: ZipExtraRecord[] = [];
  let at = 0;
  while (at < extra.length) {
    if (extra[at] === 0 && isZero(extra, at)) break;
    const record = readRecord(extra, at);
    if (record === null) throw new FormatError(FORMAT, at, 'an extra field that is cut');
    records.push(record);
    at += RECORD_BYTES + record.data.length;
  }
  return { records, padding: extra.length - at };
}

export function writeZipExtra(records: readonly ZipExtraRecord[], padding = 0): Uint8Array {
  const length = records.reduce((sum, { data }) => sum + RECORD_BYTES + data.length, padding);
  if (length === 0) return NOTHING;
  const extra = Buffer.alloc(length);
  let at = 0;
  for (const { id, data } of records) {
    extra.writeUInt16LE(id, at);
    extra.writeUInt16LE(data.length, at + 2);
    extra.set(data, at + RECORD_BYTES);
    at += RECORD_BYTES + data.length;
  }
  return extra;
}

/** Where the data of the first record with this id starts, and how long it is; null without one. Never throws. */
export function findZipExtra(
  extra: Uint8Array,
  id: number,
): { readonly at: number; readonly length: number } | null {
  for (let at = 0; ;) {
    const record = readRecord(extra, at);
    if (record === null) return null;
    if (record.id === id) return { at: at + RECORD_BYTES, length: record.data.length };
    at += RECORD_BYTES + record.data.length;
  }
}

function readRecord(extra: Uint8Array, at: number): ZipExtraRecord | null {
  if (at + RECORD_BYTES > extra.length) return null;
  const id = extra[at]! | (extra[at + 1]! << 8);
  const length = extra[at + 2]! | (extra[at + 3]! << 8);
  const start = at + RECORD_BYTES;
  if (start + length > extra.length) return null;
  return { id, data: extra.subarray(start, start + length) };
}

function isZero(bytes: Uint8Array, from: number): boolean {
  for (let i = from; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
