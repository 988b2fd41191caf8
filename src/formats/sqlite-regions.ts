/**
 * What every byte of a SQLite database is for (sqlite.org/fileformat2.html 1.2 to 1.8). The regions of a page are in
 * order and without holes, so those of all pages are the image.
 */

import { MIN_CELL_BYTES, readBtreePage, readFreeblocks, type BtreePage } from './sqlite-btree.js';
import type { SqliteImage } from './sqlite-image.js';
import type { SqliteProblems } from './sqlite-problems.js';
import { trunkLeaves, type SqliteSurvey } from './sqlite-survey.js';

export type SqliteRegionKind =
  /** The 100 bytes at the start. */
  | 'header'
  | 'btree-header'
  | 'cell-pointers'
  /** Between the cell pointers and the content of the cells. */
  | 'gap'
  | 'cell'
  /** Child and key on an interior page of a table: a copy of a rowid, no row. */
  | 'separator'
  /** What a short cell is filled up with. */
  | 'cell-padding'
  /** Next block and length. */
  | 'freeblock-header'
  | 'freeblock'
  /** One to three bytes between cells, too few for a free block. */
  | 'fragment'
  | 'overflow-next'
  | 'overflow'
  /** Behind the end of the payload. */
  | 'overflow-rest'
  /** Next trunk, number of leaves, and their pages. */
  | 'freelist-trunk'
  | 'freelist-trunk-rest'
  | 'freelist-leaf'
  | 'pointer-map'
  | 'pointer-map-rest'
  | 'lock-byte'
  /** The end of a page that belongs to an extension. */
  | 'reserved'
  /** A page of a b-tree that is not a b-tree page. */
  | 'damaged'
  | 'unreferenced'
  /** Pages that are stored behind the last one of the database, and a cut page. */
  | 'beyond';

/** `slack` holds nothing that SQLite would ever read; `reserved` is for whoever extends SQLite. */
export type SqliteRegionUse = 'structure' | 'data' | 'slack' | 'reserved';

export interface SqliteRegion {
  readonly kind: SqliteRegionKind;
  readonly use: SqliteRegionUse;
  readonly page: number;
  /** In the image. */
  readonly offset: number;
  readonly length: number;
  /** Root page of the b-tree it belongs to; 0 when it belongs to none. */
  readonly root: number;
  /** Of a `cell`, its padding and a `separator`: place in the cell pointer array; else null. */
  readonly cell: number | null;
}

const USES: Record<SqliteRegionKind, SqliteRegionUse> = {
  header: 'structure',
  'btree-header': 'structure',
  'cell-pointers': 'structure',
  gap: 'slack',
  cell: 'data',
  separator: 'structure',
  'cell-padding': 'slack',
  'freeblock-header': 'structure',
  freeblock: 'slack',
  fragment: 'slack',
  'overflow-next': 'structure',
  overflow: 'data',
  'overflow-rest': 'slack',
  'freelist-trunk': 'structure',
  'freelist-trunk-rest': 'slack',
  'freelist-leaf': 'slack',
  'pointer-map': 'structure',
  'pointer-map-rest': 'slack',
  'lock-byte': 'reserved',
  reserved: 'reserved',
  damaged: 'data',
  unreferenced: 'slack',
  beyond: 'slack',
};

/** Part of a page, up to `end`; it starts where the one before ends. */
type Part = readonly [kind: SqliteRegionKind, end: number, cell?: number];

export function* sqliteRegions(
  image: SqliteImage,
  survey: SqliteSurvey,
  problems: SqliteProblems,
): Generator<SqliteRegion> {
  const pages = Math.ceil(image.size / image.pageSize);
  for (let page = 1; page <= pages; page++) {
    const base = (page - 1) * image.pageSize;
    const root = survey.root(page);
    let at = 0;
    for (const [kind, end, cell = null] of partsOf(image, survey, page, problems)) {
      if (end <= at) continue;
      yield { kind, use: USES[kind], page, offset: base + at, length: end - at, root, cell };
      at = end;
    }
  }
}

function partsOf(
  image: SqliteImage,
  survey: SqliteSurvey,
  page: number,
  problems: SqliteProblems,
): readonly Part[] {
  const { pageSize, usableSize, size } = image;
  const base = (page - 1) * pageSize;
  if (page > image.pageCount) return [['beyond', Math.min(pageSize, size - base)]];
  const reserved: Part = ['reserved', pageSize];
  const use = survey.use(page);
  switch (use) {
    case 'btree':
      return [...btreeParts(image, page, problems), reserved];
    case 'overflow':
      return [
        ['overflow-next', 4],
        ['overflow', 4 + survey.overflowBytes(page)],
        ['overflow-rest', usableSize],
        reserved,
      ];
    case 'freelist-trunk':
      return [
        ['freelist-trunk', 8 + 4 * trunkLeaves(image.page(page), usableSize)],
        ['freelist-trunk-rest', usableSize],
        reserved,
      ];
    case 'pointer-map': {
      const fit = Math.floor(usableSize / 5);
      const entries = Math.max(0, Math.min(fit, image.pageCount - page));
      return [['pointer-map', 5 * entries], ['pointer-map-rest', usableSize], reserved];
    }
    case 'lock-byte':
      return [['lock-byte', pageSize]];
    case 'freelist-leaf':
      return [['freelist-leaf', usableSize], reserved];
    case 'unreferenced':
      return [['unreferenced', usableSize], reserved];
  }
}

function btreeParts(image: SqliteImage, number: number, problems: SqliteProblems): readonly Part[] {
  const usable = image.usableSize;
  const page = readBtreePage(image, number, problems);
  const parts: Part[] = number === 1 ? [['header', 100]] : [];
  if (page === null) return [...parts, ['damaged', usable]];
  parts.push(['btree-header', page.pointersStart], ['cell-pointers', page.pointersEnd]);
  const content = Math.min(Math.max(page.contentStart, page.pointersEnd), usable);
  let at = page.pointersEnd;
  const cellKind = page.leaf || page.family === 'index' ? 'cell' : 'separator';
  let fragments = 0;
  const fill = (end: number): void => {
    if (at < content) parts.push(['gap', Math.min(end, content)]);
    if (end <= Math.max(at, content)) return;
    fragments += end - Math.max(at, content);
    parts.push(['fragment', end]);
  };
  for (const span of spansOf(page, usable, problems)) {
    if (span.start < at)
      problems.add('overlap', page.base + span.start, `${span.kind} starts before ${at}`);
    else fill(span.start);
    if (span.start < content)
      problems.add('page-header', page.base + page.headerStart + 5, `content before ${content}`);
    if (span.kind === 'cell') {
      parts.push([cellKind, span.end, span.cell]);
      parts.push(['cell-padding', Math.min(usable, span.start + MIN_CELL_BYTES), span.cell]);
    } else {
      parts.push(['freeblock-header', span.start + 4], ['freeblock', span.end]);
    }
    at = Math.max(at, span.end, Math.min(usable, span.start + MIN_CELL_BYTES));
  }
  fill(usable);
  if (fragments !== page.fragmentedBytes)
    problems.add(
      'fragments',
      page.base + page.headerStart + 7,
      `${page.fragmentedBytes} told, ${fragments} found`,
    );
  return parts;
}

interface Span {
  readonly kind: 'cell' | 'freeblock';
  readonly start: number;
  readonly end: number;
  readonly cell: number;
}

/** Cells and free blocks in the order of their places. */
function spansOf(page: BtreePage, usable: number, problems: SqliteProblems): readonly Span[] {
  const spans: Span[] = page.cells.map(({ start, end, index }) => ({
    kind: 'cell',
    start,
    end,
    cell: index,
  }));
  for (const { start, length } of readFreeblocks(page, usable, problems))
    spans.push({ kind: 'freeblock', start, end: start + length, cell: -1 });
  return spans.sort((a, b) => a.start - b.start || a.cell - b.cell);
}
