/** A SQLite rollback journal (sqlite.org/fileformat2.html 3): pages as they were before the last transaction. */

import type { RandomAccess } from '../core/random-access.js';

export interface SqliteJournal {
  readonly pageCount: number;
  /** Drawn by chance; every checksum begins with it. */
  readonly nonce: number;
  /** Pages of the database before the transaction. */
  readonly initialPages: number;
  readonly sectorSize: number;
  readonly pageSize: number;
  readonly records: readonly {
    readonly offset: number;
    readonly page: number;
    readonly checksum: number;
  }[];
  /** Where whole records end. */
  readonly end: number;
}

export const JOURNAL_HEADER_BYTES = 28;
const MAGIC = 'd9d505f920a163d7';
/** As many records as there are up to the end of the file. */
const ALL = 0xffffffff;

/** Whether the first bytes are those of a journal that has not been ended by zeros. */
export function isSqliteJournal(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 8)).toString('hex') === MAGIC;
}

/** Null where the header makes no sense. Further headers, as large transactions have them, are not read. */
export function readSqliteJournal(input: RandomAccess): SqliteJournal | null {
  const head = viewOf(input.read(0, JOURNAL_HEADER_BYTES));
  if (head.byteLength < JOURNAL_HEADER_BYTES || !isSqliteJournal(input.read(0, 8))) return null;
  const [pageCount, nonce, initialPages, sectorSize, pageSize] = [8, 12, 16, 20, 24].map((at) =>
    head.getUint32(at),
  ) as [number, number, number, number, number];
  if (!isSize(pageSize, 512) || !isSize(sectorSize, 32)) return null;
  const most = pageCount === ALL ? Infinity : pageCount;
  const records = [];
  let at = sectorSize;
  for (; records.length < most && at + pageSize + 8 <= input.size; at += pageSize + 8) {
    const page = viewOf(input.read(at, 4)).getUint32(0);
    if (page === 0) break;
    const checksum = viewOf(input.read(at + 4 + pageSize, 4)).getUint32(0);
    records.push({ offset: at, page, checksum });
  }
  return { pageCount, nonce, initialPages, sectorSize, pageSize, records, end: at };
}

function isSize(value: number, least: number): boolean {
  return value >= least && value <= 65_536 && (value & (value - 1)) === 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
