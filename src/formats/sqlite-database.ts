/**
 * A SQLite database taken apart without SQLite (sqlite.org/fileformat2.html): rows and entries with the places of their
 * bytes, and apart from them what every byte of the file is for. What cannot be right is thrown as `FormatError` only
 * when no page can be read; else it is a problem, and the rest still speaks.
 */

import type { RandomAccess } from '../core/random-access.js';
import { readBtreePage, type BtreeFamily } from './sqlite-btree.js';
import type { SqliteHeader } from './sqlite-header.js';
import { openSqliteImage, type Extent, type SqliteImage } from './sqlite-image.js';
import { readPayload } from './sqlite-payload.js';
import { SqliteProblems, type SqliteProblem } from './sqlite-problems.js';
import { checkPointerMap } from './sqlite-ptrmap.js';
import { decodeRecord, type SqliteValue } from './sqlite-record.js';
import { sqliteRegions, type SqliteRegion } from './sqlite-regions.js';
import {
  indexOf,
  readSchemaRow,
  SCHEMA_TABLE,
  tableOf,
  type SqliteIndex,
  type SqliteSchemaRow,
  type SqliteTable,
} from './sqlite-schema.js';
import { foldName } from './sqlite-create.js';
import { SqliteSurvey } from './sqlite-survey.js';
import { walkBtree } from './sqlite-walk.js';
import { indexWal, type WalIndex } from './sqlite-wal.js';

export interface SqliteOptions {
  /** The `-wal` file; its committed pages are laid over those of the main file. */
  readonly wal?: RandomAccess | null;
  /** Bytes of a row that are held in memory at most; what is behind them has extents only. 16 MiB unless told. */
  readonly payloadLimit?: number;
}

/** A row of a table or an entry of an index. All offsets are in the image (see `SqliteImage`). */
export interface SqliteRow {
  /** null in indexes and in tables without rowids. */
  readonly rowid: bigint | null;
  /** As stored: `SqliteColumn.stored` tells which is whose. Fewer than columns where one was added later. */
  readonly values: readonly SqliteValue[];
  readonly page: number;
  /** Place in the cell pointer array of the page. */
  readonly cell: number;
  /** Of the cell, and its bytes on that page. */
  readonly offset: number;
  readonly length: number;
  /** Record header and values, also on overflow pages. */
  readonly payload: readonly Extent[];
}

export interface SqliteDatabase {
  readonly image: SqliteImage;
  readonly header: SqliteHeader;
  /** What the log holds; null when there is none, or its header is damaged. */
  readonly wal: WalIndex | null;
  readonly schema: readonly SqliteSchemaRow[];
  /** `sqlite_schema` first; then in the order of the schema those that have pages. */
  readonly tables: readonly SqliteTable[];
  readonly indexes: readonly SqliteIndex[];
  /** Who uses which page. */
  readonly survey: SqliteSurvey;
  /** Found so far: about pages on opening, about records and the inside of pages when these are walked. */
  problems(): readonly SqliteProblem[];
  /** How many more problems there were. */
  droppedProblems(): number;
  /** In the order of the rowids, or of the primary key where there are none. */
  rows(table: SqliteTable): Generator<SqliteRow>;
  /** In the order of the index. */
  entries(index: SqliteIndex): Generator<SqliteRow>;
  /** What every byte of the image is for, in order. */
  regions(): Generator<SqliteRegion>;
  /** The regions that hold nothing SQLite would read. */
  slack(): Generator<SqliteRegion>;
}

const PAYLOAD_LIMIT = 16 * 2 ** 20;
/** A schema is held in memory; nobody has that many tables. */
const MAX_SCHEMA_ROWS = 100_000;
const MAX_SCHEMA_BYTES = 64 * 2 ** 20;

/** Reads the schema and visits every page of every b-tree once. Throws `FormatError`. */
export function openSqliteDatabase(
  main: RandomAccess,
  { wal = null, payloadLimit = PAYLOAD_LIMIT }: SqliteOptions = {},
): SqliteDatabase {
  const problems = new SqliteProblems();
  const index = wal === null ? null : indexWal(wal, main.size === 0 ? null : storedPageSize(main));
  const log = wal === null || index === null ? null : { input: wal, index };
  const image = openSqliteImage(main, log, problems);
  const survey = new SqliteSurvey(image, problems);

  function* walk(root: number, family: BtreeFamily, limit: number): Generator<SqliteRow> {
    const admit = survey.startWalk();
    let last: bigint | null = null;
    for (const entry of walkBtree(image, root, family, admit, problems)) {
      const { page, cell } = entry;
      const offset = page.base + cell.start;
      if (last !== null && cell.rowid !== null && cell.rowid <= last)
        problems.add('order', offset, `rowid ${cell.rowid} after ${last}`);
      last = cell.rowid;
      const payload = readPayload(image, entry, admit, limit, problems);
      yield {
        rowid: cell.rowid,
        values: decodeRecord(payload, image.header.encoding, problems),
        page: page.number,
        cell: cell.index,
        offset,
        length: cell.end - cell.start,
        payload: payload.extents,
      };
    }
  }

  /** The rows of the schema table, as many as may be held. */
  function readSchema(): readonly SqliteSchemaRow[] {
    const rows: SqliteSchemaRow[] = [];
    let held = 0;
    for (const row of walk(1, 'table', payloadLimit)) {
      held += row.values.reduce((sum, value) => sum + value.length, 0);
      if (rows.length === MAX_SCHEMA_ROWS || held > MAX_SCHEMA_BYTES) {
        problems.add('schema', row.offset, 'more than can be held');
        break;
      }
      rows.push(readSchemaRow(row.rowid ?? 0n, row.values, row.offset));
    }
    return rows;
  }

  const hasSchema = survey.claimTree(1, 'table', 0);
  const schema = hasSchema ? readSchema() : [];
  const { tables, indexes } = claimTrees(image, schema, survey, problems);
  survey.claimFreelist();
  survey.reportUnreferenced();
  checkPointerMap(image, survey, problems);

  return {
    image,
    header: image.header,
    wal: index,
    schema,
    tables,
    indexes,
    survey,
    problems: () => problems.list,
    droppedProblems: () => problems.dropped,
    rows: (table) => walk(table.root, table.withoutRowid ? 'index' : 'table', payloadLimit),
    entries: ({ root }) => walk(root, 'index', payloadLimit),
    regions: () => sqliteRegions(image, survey, problems),
    *slack() {
      for (const region of sqliteRegions(image, survey, problems))
        if (region.use === 'slack') yield region;
    },
  };
}

/** The values in the order of the columns, with the rowid where it is one; undefined where the record has none. */
export function columnValues(
  table: SqliteTable,
  row: SqliteRow,
): readonly (SqliteValue | undefined)[] {
  return table.columns.map((column) => {
    const stored = column.stored === null ? undefined : row.values[column.stored];
    if (!column.rowid || stored?.kind !== 'null' || row.rowid === null) return stored;
    return { ...stored, kind: 'integer', value: row.rowid };
  });
}

/** Page size by the main file; null when only the log can tell. */
function storedPageSize(main: RandomAccess): number | null {
  const [high = 0, low = 0] = main.read(16, 2);
  const stored = (high << 8) | low;
  const pageSize = stored === 1 ? 65536 : stored;
  return pageSize < 512 || (pageSize & (pageSize - 1)) !== 0 ? null : pageSize;
}

function claimTrees(
  image: SqliteImage,
  schema: readonly SqliteSchemaRow[],
  survey: SqliteSurvey,
  problems: SqliteProblems,
): { readonly tables: readonly SqliteTable[]; readonly indexes: readonly SqliteIndex[] } {
  const tables: SqliteTable[] = [SCHEMA_TABLE];
  const indexes: SqliteIndex[] = [];
  const byName = new Map<string, SqliteTable>();
  const isTree = (row: SqliteSchemaRow): boolean => row.type === 'table' || row.type === 'index';
  for (const row of schema) {
    const { type, name, tableName, rootPage } = row;
    if (name === null || tableName === null || rootPage === null || type === null)
      problems.add('schema', row.offset, 'a value is missing or of the wrong type');
    else if (!isTree(row) && type !== 'view' && type !== 'trigger')
      problems.add('schema', row.offset, `unknown type ${type}`);
    else if (type === 'table' && rootPage !== 0) {
      const told = tableOf(name, rootPage, row.sql);
      const family = rootFamily(image, rootPage, told.withoutRowid ? 'index' : 'table');
      const table = { ...told, withoutRowid: family === 'index' };
      if (table.withoutRowid !== told.withoutRowid)
        problems.add('schema', row.offset, `the pages of ${name} are those of an ${family}`);
      if (!survey.claimTree(rootPage, family, row.offset)) continue;
      tables.push(table);
      byName.set(foldName(name), table);
    }
  }
  for (const { type, name, tableName, rootPage, sql, offset } of schema) {
    if (type !== 'index' || name === null || tableName === null || !rootPage) continue;
    const table = byName.get(foldName(tableName));
    if (!survey.claimTree(rootPage, 'index', offset)) continue;
    if (table === undefined) problems.add('schema', offset, `index ${name} is on no table`);
    indexes.push(indexOf(name, tableName, rootPage, sql, table));
  }
  return { tables, indexes };
}

/** The page knows better than the SQL; the walk will say when it is neither. */
function rootFamily(image: SqliteImage, root: number, told: BtreeFamily): BtreeFamily {
  if (root > image.pageCount) return told;
  return readBtreePage(image, root, new SqliteProblems())?.family ?? told;
}
