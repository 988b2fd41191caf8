/**
 * The parts of the SQLite file format (sqlite.org/fileformat2.html) that matter before SQLite itself is asked: the
 * journal mode in the header (1.3.3), and the pages that a write-ahead log holds back (4). With them a database can be
 * read from memory: nothing is opened beside the audited file, where SQLite would leave sidecars.
 */

import { FormatError } from '../core/errors.js';
import { readSqlitePageSize } from './sqlite-header.js';
import { readWal } from './sqlite-wal.js';

const FORMAT = 'sqlite';
const JOURNAL_MAGIC = Buffer.from([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
/** What SQLite holds in memory at most (SQLITE_MEMDB_DEFAULT_MAXSIZE); package databases are far below. */
const MAX_BYTES = 2 ** 30;
/** Write version and read version: 1 rollback journal, 2 write-ahead log. */
const WRITE_VERSION_AT = 18;
const READ_VERSION_AT = 19;
const ROLLBACK = 1;
const WAL = 2;

/**
 * The database that SQLite would show: the main file with every committed frame of the log in it, marked as one with a
 * rollback journal. What SQLite does with a log beside a file that is not marked for one is the same: it replays it.
 * It is the main file itself when that has the mark and there is nothing to replay. Throws `FormatError`.
 */
export function checkpointedSqlite(main: Uint8Array, wal: Uint8Array | null): Uint8Array {
  const pageSize = readPageSize(main);
  const log = wal === null ? null : readWal(wal, pageSize);
  if (log === null && !isWalMode(main)) return main;
  const pageCount = log === null ? main.length / pageSize : log.pageCount;
  if (pageCount * pageSize > MAX_BYTES)
    throw new FormatError(FORMAT, 0, `${pageCount} pages are more than can be held in memory`);
  const image = new Uint8Array(pageCount * pageSize);
  image.set(main.length > image.length ? main.subarray(0, image.length) : main);
  for (const [page, content] of log?.pages ?? [])
    if (page <= pageCount) image.set(content, (page - 1) * pageSize);
  readPageSize(image);
  image[WRITE_VERSION_AT] = ROLLBACK;
  image[READ_VERSION_AT] = ROLLBACK;
  return image;
}

/** Whether readers need a `-wal` and a `-shm` beside it, which an unprivileged one cannot make in a read-only tree. */
export function isWalMode(main: Uint8Array): boolean {
  return main[WRITE_VERSION_AT] !== ROLLBACK || main[READ_VERSION_AT] !== ROLLBACK;
}

/** Whether a `-journal` would be rolled back at the next opening: the database beside it is half written (3). */
export function isHotJournal(journal: Uint8Array): boolean {
  return JOURNAL_MAGIC.every((byte, i) => journal[i] === byte);
}

/**
 * Gives the fields that count changes (24, 40, 92) and name the writer (96) fixed values, in place. Only connections
 * that have the file open compare them, and a file that was just made has none. 24 and 92 must be equal, or
 * the size in the header is void; 3007000 is the version that brought these fields in.
 */
export function settleSqliteCounters(image: Uint8Array): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  view.setUint32(24, 1);
  view.setUint32(40, 1);
  view.setUint32(92, 1);
  view.setUint32(96, 3_007_000);
}

function readPageSize(main: Uint8Array): number {
  const pageSize = readSqlitePageSize(main);
  for (const at of [WRITE_VERSION_AT, READ_VERSION_AT])
    if (main[at] !== ROLLBACK && main[at] !== WAL)
      throw new FormatError(FORMAT, at, `unknown file format version ${main[at]}`);
  if (main.length % pageSize !== 0)
    throw new FormatError(FORMAT, main.length, `the last page of ${pageSize} bytes is cut`);
  return pageSize;
}
