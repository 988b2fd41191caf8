/** The rows of one table of a SQLite database: values by key, and the rowid apart from them. */

import type { FactColumn, FactRow, FactTable } from '../../core/facts.js';
import {
  columnValues as storedValues,
  type SqliteDatabase,
  type SqliteRow,
} from '../../formats/sqlite-database.js';
import { foldName } from '../../formats/sqlite-create.js';
import type { SqliteTable } from '../../formats/sqlite-schema.js';
import type { InspectContext } from '../define.js';
import { shortDigest } from '../common/short-digest.js';
import {
  cellOf,
  columnValues,
  isSecretColumn,
  keyText,
  latin1Of,
  secretValues,
  type Cell,
  type FactValues,
} from './sqlite-values.js';

/** Tables of more rows are told in buckets. */
const MAX_ROWS = 20_000;
const BUCKET_ROWS = 1000;
/** Times and what is drawn by chance name nothing. */
const NAMELESS =
  /time|date|stamp|uuid|guid|hash|digest|checksum|token|secret|pass|value|comment|descr/i;

interface GatheredRow {
  readonly rowid: bigint | null;
  readonly cells: readonly Cell[];
  readonly offset: number;
}

export function rowsTable(
  database: SqliteDatabase,
  table: SqliteTable,
  context: Pick<InspectContext, 'spend' | 'isTime' | 'keyed'>,
): FactTable {
  const rows: GatheredRow[] = [];
  for (const row of database.rows(table)) {
    if (rows.length === MAX_ROWS) return bucketsTable(database, table, context);
    if (rows.length % BUCKET_ROWS === 0) context.spend(BUCKET_ROWS);
    rows.push(gathered(table, row));
  }
  const names = columnNames(table, rows);
  const keys = keyColumns(table);
  const secrets = names.map((name, i) =>
    isSecretColumn(
      name,
      rows.map(({ cells }) => cells),
      i,
    ),
  );
  const hasRowid = keys.length > 0 && !table.withoutRowid;
  const isOwn = /^sqlite_(?:sequence|stat\d)$/.test(table.name);
  const told = names
    .map((name, i) => ({ name, i }))
    .filter(({ i }) => (!keys.includes(i) || secrets[i]!) && table.columns[i]?.rowid !== true);
  const values = told.map(({ name, i }): FactValues => {
    if (secrets[i]!) return secretValues((bytes) => context.keyed(bytes));
    const cells = rows.map((row) => row.cells[i] ?? NULL);
    return columnValues(name, cells, context.isTime);
  });
  const columns: FactColumn[] = told.map(({ name }, i) => ({
    name: latin1Of(name),
    kind: isOwn ? 'layout' : values[i]!.kind,
  }));
  return {
    name: latin1Of(table.name),
    // Only where the order is not that of the keys does it say something of its own.
    ordered: !table.withoutRowid,
    columns: hasRowid ? [...columns, { name: 'rowid', kind: 'layout' }] : columns,
    rows: rows.map((row): FactRow => ({
      key: keyOf(row, names, keys, secrets),
      values: [
        ...told.map(({ i }, place) => values[place]!.of(row.cells[i] ?? NULL)),
        ...(hasRowid ? [String(row.rowid)] : []),
      ],
      offset: row.offset,
      part: null,
    })),
  };
}

const NULL: Cell = { kind: 'null' };

function gathered(table: SqliteTable, row: SqliteRow): GatheredRow {
  const stored = table.columns.length === 0 ? row.values : storedValues(table, row);
  return { rowid: row.rowid, cells: stored.map(cellOf), offset: row.offset };
}

function columnNames(table: SqliteTable, rows: readonly GatheredRow[]): readonly string[] {
  if (table.columns.length > 0) return table.columns.map(({ name }) => name);
  const most = rows.reduce((count, { cells }) => Math.max(count, cells.length), 0);
  return Array.from({ length: most }, (_, i) => `column ${i + 1}`);
}

/**
 * Positions of the columns that name a row: a declared key of its own, or what has to be unique, or the first column of short
 * text. A number that SQLite gave out names nothing: it depends on the order in which the rows came. Without any of
 * them the rowid has to do.
 */
function keyColumns(table: SqliteTable): readonly number[] {
  const place = (name: string): number =>
    table.columns.findIndex((column) => foldName(column.name) === foldName(name));
  const isRowid = (at: number): boolean => table.columns[at]?.rowid === true;
  const declared = [table.primaryKey, ...table.automaticIndexes].map((names) => names.map(place));
  for (const key of declared)
    if (key.length > 0 && key.every((at) => at >= 0 && !isRowid(at))) return key;
  const text = table.columns.findIndex(
    ({ name, type, stored }) =>
      stored !== null &&
      !NAMELESS.test(name) &&
      (/char|text|clob/i.test(type) || (type === '' && /name|key|tbl/i.test(name))),
  );
  return text < 0 ? [] : [text];
}

/** A secret names no row: it is told as a value. */
function keyOf(
  row: GatheredRow,
  names: readonly string[],
  keys: readonly number[],
  secrets: readonly boolean[],
): string {
  if (keys.length === 0) return String(row.rowid ?? '');
  return keys
    .map((i) => (secrets[i]! ? '(secret)' : keyText(names[i] ?? '', row.cells[i] ?? NULL)))
    .join(' ');
}

/** Digests of a thousand rows each. */
function bucketsTable(
  database: SqliteDatabase,
  table: SqliteTable,
  context: Pick<InspectContext, 'spend'>,
): FactTable {
  const rows: FactRow[] = [];
  let pieces: Uint8Array[] = [];
  let rowids: (bigint | null)[] = [];
  let count = 0;
  let offset = 0;
  const close = (): void => {
    if (rowids.length === 0) return;
    const last = rows.length * BUCKET_ROWS;
    rows.push({
      key: `rows ${last + 1}-${count}`,
      values: [shortDigest(rowids.join(), Buffer.concat(pieces))],
      offset,
      part: null,
    });
    pieces = [];
    rowids = [];
  };
  for (const row of database.rows(table)) {
    if (count % BUCKET_ROWS === 0) {
      close();
      context.spend(1);
      offset = row.offset;
    }
    count++;
    rowids.push(row.rowid);
    for (const extent of row.payload)
      pieces.push(database.image.read(extent.offset, extent.length));
  }
  close();
  return {
    name: latin1Of(table.name),
    ordered: true,
    columns: [{ name: 'rows', kind: 'opaque' }],
    rows,
  };
}
