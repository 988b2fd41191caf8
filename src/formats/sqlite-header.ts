/** The 100 bytes that a SQLite database begins with (sqlite.org/fileformat2.html 1.3). */

import { FormatError } from '../core/errors.js';
import type { SqliteProblems } from './sqlite-problems.js';

export type SqliteEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface SqliteHeaderField {
  readonly name: SqliteHeaderName;
  readonly offset: number;
  readonly length: number;
  /** Big-endian, unsigned as stored; latin1 for `magic`, hex for `expansion`. */
  readonly value: number | string;
}

export interface SqliteHeader {
  /** All fields in order; together they are the 100 bytes. */
  readonly fields: readonly SqliteHeaderField[];
  /** Bytes of a page; 1 in the file means 65536. */
  readonly pageSize: number;
  /** Bytes at the end of every page that belong to extensions. */
  readonly reserved: number;
  /** Pages as the header says, null when the writer did not keep that field (1.3.7). */
  readonly pageCount: number | null;
  readonly firstTrunk: number;
  readonly freelistCount: number;
  readonly autoVacuum: boolean;
  readonly encoding: SqliteEncoding;
}

export const SQLITE_HEADER_BYTES = 100;
export const SQLITE_MAGIC = 'SQLite format 3\0';

const FIELDS = [
  ['magic', 0, 16],
  ['page-size', 16, 2],
  ['write-version', 18, 1],
  ['read-version', 19, 1],
  ['reserved-bytes', 20, 1],
  ['max-embedded-fraction', 21, 1],
  ['min-embedded-fraction', 22, 1],
  ['leaf-fraction', 23, 1],
  ['change-counter', 24, 4],
  ['page-count', 28, 4],
  ['first-freelist-trunk', 32, 4],
  ['freelist-pages', 36, 4],
  ['schema-cookie', 40, 4],
  ['schema-format', 44, 4],
  ['default-cache-size', 48, 4],
  ['largest-root', 52, 4],
  ['text-encoding', 56, 4],
  ['user-version', 60, 4],
  ['incremental-vacuum', 64, 4],
  ['application-id', 68, 4],
  ['expansion', 72, 20],
  ['version-valid-for', 92, 4],
  ['sqlite-version', 96, 4],
] as const;
export type SqliteHeaderName = (typeof FIELDS)[number][0];

/** Values that the format knows, where it does not know all. */
const ALLOWED: Partial<Record<SqliteHeaderName, readonly number[]>> = {
  'write-version': [1, 2],
  'read-version': [1, 2],
  'max-embedded-fraction': [64],
  'min-embedded-fraction': [32],
  'leaf-fraction': [32],
  'schema-format': [0, 1, 2, 3, 4],
  'text-encoding': [0, 1, 2, 3],
};
const ENCODINGS: readonly SqliteEncoding[] = ['utf-8', 'utf-8', 'utf-16le', 'utf-16be'];
/** SQLite refuses pages with less room. */
const MIN_USABLE = 480;

/**
 * The header at the start of `head`. Throws `FormatError` when the pages cannot even be told apart; odd values of other
 * fields become problems.
 */
export function readSqliteHeader(head: Uint8Array, problems: SqliteProblems): SqliteHeader {
  const pageSize = readSqlitePageSize(head);
  const view = new DataView(head.buffer, head.byteOffset, SQLITE_HEADER_BYTES);
  const fields = FIELDS.map(([name, offset, length]) => {
    const value = fieldValue(view, offset, length);
    if (ALLOWED[name]?.includes(Number(value)) === false)
      problems.add('header', offset, `${name} is ${value}`);
    return { name, offset, length, value };
  });
  if (!/^0+$/.test(fieldValue(view, 72, 20).toString()))
    problems.add('header', 72, 'bytes for expansion are used');
  const reserved = view.getUint8(20);
  if (pageSize - reserved < MIN_USABLE)
    throw new FormatError('sqlite', 20, `${reserved} reserved bytes leave too little of a page`);
  const pageCount = view.getUint32(28);
  const isCountValid = pageCount !== 0 && view.getUint32(24) === view.getUint32(92);
  return {
    fields,
    pageSize,
    reserved,
    pageCount: isCountValid ? pageCount : null,
    firstTrunk: view.getUint32(32),
    freelistCount: view.getUint32(36),
    autoVacuum: view.getUint32(52) !== 0,
    encoding: ENCODINGS[view.getUint32(56)] ?? 'utf-8',
  };
}

/** The size of a page in bytes, from the start of a database. Throws `FormatError` when it is not one. */
export function readSqlitePageSize(head: Uint8Array): number {
  if (
    head.length < SQLITE_HEADER_BYTES ||
    Buffer.from(head.subarray(0, 16)).toString('latin1') !== SQLITE_MAGIC
  )
    throw new FormatError('sqlite', 0, 'not a database: the magic is missing');
  const stored = (head[16]! << 8) | head[17]!;
  const pageSize = stored === 1 ? 65536 : stored;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0)
    throw new FormatError('sqlite', 16, `${pageSize} is no page size`);
  return pageSize;
}

function fieldValue(view: DataView, offset: number, length: number): number | string {
  if (length === 1) return view.getUint8(offset);
  if (length === 2) return view.getUint16(offset);
  if (length === 4) return view.getUint32(offset);
  const bytes = Buffer.from(view.buffer, view.byteOffset + offset, length);
  return bytes.toString(offset === 0 ? 'latin1' : 'hex');
}
