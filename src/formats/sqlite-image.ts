/** The pages of a SQLite database as a reader sees them: those of the main file, and over them those of its log. */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import {
  readSqliteHeader,
  readSqlitePageSize,
  SQLITE_HEADER_BYTES,
  type SqliteHeader,
} from './sqlite-header.js';
import type { SqliteProblems } from './sqlite-problems.js';
import type { WalIndex } from './sqlite-wal.js';

/** Some bytes of the image. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/**
 * Offsets count in the image: page n starts at (n - 1) * pageSize, wherever its bytes are. Without a log they are
 * offsets in the main file, and the image is as long as that.
 */
export interface SqliteImage extends RandomAccess {
  readonly header: SqliteHeader;
  readonly pageSize: number;
  /** Bytes of a page without those reserved at its end. */
  readonly usableSize: number;
  /** Whole pages there are. */
  readonly storedPages: number;
  /** Pages that belong to the database, at most `storedPages`. */
  readonly pageCount: number;
  /** The bytes of page `number`, from 1 to `storedPages`; not to be written to. */
  page(number: number): Uint8Array;
  /** Which file has the byte at `offset`, and where; `none` for a hole that neither file fills. */
  locate(offset: number): { readonly file: 'main' | 'wal' | 'none'; readonly offset: number };
}

const CACHE_BYTES = 2 ** 20;

/** `wal` is the log's content and what `indexWal` says of it. Throws `FormatError` when there are no pages. */
export function openSqliteImage(
  main: RandomAccess,
  wal: { readonly input: RandomAccess; readonly index: WalIndex } | null,
  problems: SqliteProblems,
): SqliteImage {
  const log = wal === null || wal.index.pages.size === 0 ? null : wal;
  const pageSize = log?.index.pageSize ?? readSqlitePageSize(main.read(0, SQLITE_HEADER_BYTES));
  const storedPages = log?.index.pageCount ?? Math.floor(main.size / pageSize);
  const size = log === null ? main.size : storedPages * pageSize;
  const cache = new Map<number, Uint8Array>();
  const cachedPages = Math.max(8, CACHE_BYTES / pageSize);

  function locate(offset: number): { file: 'main' | 'wal' | 'none'; offset: number } {
    const number = Math.floor(offset / pageSize) + 1;
    const inLog = log?.index.pages.get(number);
    if (inLog !== undefined) return { file: 'wal', offset: inLog + (offset % pageSize) };
    return { file: offset < main.size ? 'main' : 'none', offset };
  }

  function load(number: number): Uint8Array {
    const start = (number - 1) * pageSize;
    if (number < 1 || start >= size)
      throw new FormatError('sqlite', size, `there is no page ${number}`);
    const place = locate(start);
    const input = place.file === 'wal' ? log!.input : main;
    const wanted = Math.min(pageSize, size - start);
    const bytes = place.file === 'none' ? new Uint8Array() : input.read(place.offset, wanted);
    if (bytes.length === wanted) return bytes;
    problems.add('page-missing', start, `page ${number} is in no file`);
    const padded = new Uint8Array(wanted);
    padded.set(bytes);
    return padded;
  }

  function page(number: number): Uint8Array {
    let bytes = cache.get(number);
    if (bytes === undefined) {
      bytes = load(number);
      if (cache.size >= cachedPages) cache.delete(cache.keys().next().value!);
    } else {
      cache.delete(number);
    }
    cache.set(number, bytes);
    return bytes;
  }

  function read(offset: number, length: number): Uint8Array {
    const end = Math.min(size, offset + length);
    if (offset >= end) return new Uint8Array();
    const first = page(Math.floor(offset / pageSize) + 1);
    const within = offset % pageSize;
    if (within + (end - offset) <= first.length)
      return first.subarray(within, within + end - offset);
    if (log === null) return main.read(offset, end - offset);
    const result = new Uint8Array(end - offset);
    for (let at = offset; at < end;) {
      const bytes = page(Math.floor(at / pageSize) + 1);
      const part = bytes.subarray(at % pageSize, (at % pageSize) + end - at);
      result.set(part, at - offset);
      at += part.length;
    }
    return result;
  }

  const header = readSqliteHeader(load(1), problems);
  if (header.pageSize !== pageSize)
    throw new FormatError('sqlite', 16, `${header.pageSize} is not the page size of the log`);
  if (storedPages === 0) throw new FormatError('sqlite', size, 'the first page is cut');
  if (header.pageCount !== null && header.pageCount !== storedPages)
    problems.add('size', 28, `${header.pageCount} pages by the header, ${storedPages} stored`);
  if (size % pageSize !== 0)
    problems.add('size', storedPages * pageSize, `${size % pageSize} bytes after the last page`);
  return {
    header,
    size,
    pageSize,
    usableSize: pageSize - header.reserved,
    storedPages,
    pageCount: Math.min(header.pageCount ?? storedPages, storedPages),
    page,
    read,
    locate,
  };
}
