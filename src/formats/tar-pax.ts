/** The records of pax extended headers (POSIX.1-2017 pax, "pax Extended Header"): `LENGTH KEY=VALUE\n`, raw and in order. */

import { FormatError } from '../core/errors.js';

export interface PaxRecord {
  /** Of the first digit of the length, in the archive. */
  readonly offset: number;
  /** Latin1 bytes; duplicates are legal, the later one counts. */
  readonly key: string;
  /** Latin1 bytes; anything, NUL and newline too. Empty takes an earlier value back. */
  readonly value: string;
}

const FORMAT = 'pax';
/** Far above what writers make: a few records a file, the largest an extended attribute of 64 KiB. */
const MAX_RECORDS = 100_000;

/**
 * All records between two places of `bytes`, whose first byte is at `base` in the archive; throws `FormatError` unless they
 * fill the space exactly.
 */
export function readPaxRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  base = 0,
): readonly PaxRecord[] {
  const records: PaxRecord[] = [];
  for (let at = start; at < end;) {
    if (records.length === MAX_RECORDS)
      throw new FormatError(FORMAT, base + at, 'too many records');
    const { record, next } = readRecord(bytes, at, end, base);
    records.push(record);
    at = next;
  }
  return records;
}

/** The bytes of records; each length counts its own digits. */
export function writePaxRecords(records: readonly Pick<PaxRecord, 'key' | 'value'>[]): Buffer {
  return Buffer.from(records.map(({ key, value }) => recordText(key, value)).join(''), 'latin1');
}

/** The value that counts, or null without one: of duplicates the last, an empty one takes all before it back. */
export function paxValue(records: readonly PaxRecord[], key: string): string | null {
  for (let i = records.length - 1; i >= 0; i--)
    if (records[i]!.key === key) return records[i]!.value === '' ? null : records[i]!.value;
  return null;
}

function readRecord(bytes: Uint8Array, start: number, end: number, base: number) {
  let length = 0;
  let at = start;
  // Nine digits: more than any archive in memory, and no leading zeros to hide more.
  for (; at < end && at < start + 9 && isDigit(bytes[at]!); at++)
    length = length * 10 + bytes[at]! - 0x30;
  const next = start + length;
  if (at === start || bytes[start] === 0x30 || bytes[at] !== 0x20 || next > end || next <= at + 2)
    throw new FormatError(FORMAT, base + start, 'the length of a record is not within the header');
  if (bytes[next - 1] !== 0x0a)
    throw new FormatError(FORMAT, base + next - 1, 'a record does not end with a newline');
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    at + 1,
    next - 1,
  );
  const equals = text.indexOf('=');
  if (equals < 1) throw new FormatError(FORMAT, base + at + 1, 'a record without a key');
  return {
    record: { offset: base + start, key: text.slice(0, equals), value: text.slice(equals + 1) },
    next,
  };
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function recordText(key: string, value: string): string {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
