/** One page of a b-tree in a SQLite database (sqlite.org/fileformat2.html 1.6). */

import type { SqliteImage } from './sqlite-image.js';
import type { SqliteProblems } from './sqlite-problems.js';
import { varintBigint, varintLength, varintNumber } from './sqlite-varint.js';

export type BtreeFamily = 'table' | 'index';

/** Offsets of a cell count from the start of its page. */
export interface BtreeCell {
  /** Its place in the cell pointer array, which is in key order. */
  readonly index: number;
  readonly start: number;
  /** Behind its last byte; the padding to four bytes is not in it. */
  readonly end: number;
  /** Page of the smaller keys; 0 on a leaf. */
  readonly leftChild: number;
  /** In table b-trees. */
  readonly rowid: bigint | null;
  /** Bytes of payload, on this page and overflow pages; 0 on interior pages of tables. */
  readonly payloadLength: number;
  readonly localStart: number;
  readonly localLength: number;
  /** First page of the rest of the payload; 0 when all is here. Its number is stored in the last 4 bytes of the cell. */
  readonly overflowPage: number;
}

export interface BtreePage {
  readonly number: number;
  /** Offset of the page in the image. */
  readonly base: number;
  readonly bytes: Uint8Array;
  readonly family: BtreeFamily;
  readonly leaf: boolean;
  /** 100 on the first page, else 0. */
  readonly headerStart: number;
  /** Where the cell pointer array starts and ends. */
  readonly pointersStart: number;
  readonly pointersEnd: number;
  readonly firstFreeblock: number;
  readonly contentStart: number;
  readonly fragmentedBytes: number;
  /** Page of the keys above all of this page; 0 on a leaf. Stored 8 bytes into the header. */
  readonly rightChild: number;
  /** In key order, without those that cannot be read. */
  readonly cells: readonly BtreeCell[];
}

/** A cell takes that many bytes at least, so that a free block fits in its place. */
export const MIN_CELL_BYTES = 4;

/** The page, null when its first byte is that of no b-tree page. */
export function readBtreePage(
  image: SqliteImage,
  number: number,
  problems: SqliteProblems,
): BtreePage | null {
  const bytes = image.page(number);
  const base = (number - 1) * image.pageSize;
  const headerStart = number === 1 ? 100 : 0;
  const flags = bytes[headerStart]!;
  if (flags !== 2 && flags !== 5 && flags !== 10 && flags !== 13) {
    problems.add('page-kind', base + headerStart, `page ${number} is no b-tree page: ${flags}`);
    return null;
  }
  const leaf = flags >= 10;
  const family = flags === 5 || flags === 13 ? 'table' : 'index';
  const pointersStart = headerStart + (leaf ? 8 : 12);
  const told = read16(bytes, headerStart + 3);
  const count = Math.min(told, Math.floor((image.usableSize - pointersStart) / 2));
  if (count < told) problems.add('page-header', base + headerStart + 3, `${told} cells do not fit`);
  const pointersEnd = pointersStart + 2 * count;
  const contentStart = read16(bytes, headerStart + 5) || 65536;
  if (contentStart < pointersEnd || contentStart > image.usableSize)
    problems.add('page-header', base + headerStart + 5, `content cannot start at ${contentStart}`);

  const cells: BtreeCell[] = [];
  for (let index = 0; index < count; index++) {
    const start = read16(bytes, pointersStart + 2 * index);
    const cell =
      start < pointersEnd ? null : readCell(bytes, index, start, family, leaf, image.usableSize);
    if (cell === null)
      problems.add('cell', base + pointersStart + 2 * index, `cell ${index} at ${start} is broken`);
    else cells.push(cell);
  }
  return {
    number,
    base,
    bytes,
    family,
    leaf,
    headerStart,
    pointersStart,
    pointersEnd,
    firstFreeblock: read16(bytes, headerStart + 1),
    contentStart,
    fragmentedBytes: bytes[headerStart + 7]!,
    rightChild: leaf ? 0 : read32(bytes, headerStart + 8),
    cells,
  };
}

/** The chain of free blocks, with their headers of 4 bytes; where it goes astray it ends. */
export function readFreeblocks(
  page: BtreePage,
  usableSize: number,
  problems: SqliteProblems,
): readonly { readonly start: number; readonly length: number }[] {
  const blocks: { start: number; length: number }[] = [];
  let pointer = page.headerStart + 1;
  let least = page.pointersEnd;
  for (let start = page.firstFreeblock; start !== 0; start = read16(page.bytes, start)) {
    const length = start + 4 <= usableSize ? read16(page.bytes, start + 2) : 0;
    if (start < least || length < 4 || start + length > usableSize) {
      problems.add('freeblock', page.base + pointer, `a free block of ${length} at ${start}`);
      break;
    }
    blocks.push({ start, length });
    pointer = start;
    least = start + length;
  }
  return blocks;
}

export function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function read32(bytes: Uint8Array, at: number): number {
  return read16(bytes, at) * 65536 + read16(bytes, at + 2);
}

/** 1.6, "B-tree Cell Format"; null when it is not within the usable part of its page. */
function readCell(
  bytes: Uint8Array,
  index: number,
  start: number,
  family: BtreeFamily,
  leaf: boolean,
  usable: number,
): BtreeCell | null {
  let at = start;
  if (at + (leaf ? 1 : 5) > usable) return null;
  const leftChild = leaf ? 0 : read32(bytes, at);
  if (!leaf) at += 4;

  let payloadLength = 0;
  if (leaf || family === 'index') {
    const length = varintLength(bytes, at, usable);
    if (length === 0) return null;
    payloadLength = varintNumber(bytes, at, length);
    if (payloadLength > 0x7fffffff) return null;
    at += length;
  }
  let rowid: bigint | null = null;
  if (family === 'table') {
    const length = varintLength(bytes, at, usable);
    if (length === 0) return null;
    rowid = varintBigint(bytes, at, length);
    at += length;
  }
  const localLength = localPayload(payloadLength, family, usable);
  const spills = localLength < payloadLength;
  const end = at + localLength + (spills ? 4 : 0);
  if (end > usable) return null;
  const overflowPage = spills ? read32(bytes, end - 4) : 0;
  return {
    index,
    start,
    end,
    leftChild,
    rowid,
    payloadLength,
    localStart: at,
    localLength,
    overflowPage,
  };
}

/** How much of a payload is in the cell itself: X, M and K of 1.6. */
function localPayload(length: number, family: BtreeFamily, usable: number): number {
  const most = family === 'table' ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return length;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usable - 4));
  return fitting <= most ? fitting : least;
}
