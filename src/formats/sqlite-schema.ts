/** Tables and indexes of a SQLite database by its schema table (sqlite.org/fileformat2.html 2.6). */

import {
  foldName,
  parseCreateIndex,
  parseCreateTable,
  type SqliteColumn,
} from './sqlite-create.js';
import type { SqliteValue } from './sqlite-record.js';

/** A row of `sqlite_schema`; values of another type than they should have are null. */
export interface SqliteSchemaRow {
  readonly rowid: bigint;
  readonly type: string | null;
  readonly name: string | null;
  readonly tableName: string | null;
  /** 0 for views, triggers and virtual tables. */
  readonly rootPage: number | null;
  readonly sql: string | null;
  /** Of the cell, in the image. */
  readonly offset: number;
}

export interface SqliteTable {
  readonly kind: 'table';
  readonly name: string;
  readonly root: number;
  /** null for `sqlite_schema`. */
  readonly sql: string | null;
  /** Empty when the SQL is not understood. */
  readonly columns: readonly SqliteColumn[];
  /** The rows are in an index b-tree, and have no rowids. */
  readonly withoutRowid: boolean;
  readonly primaryKey: readonly string[];
  /** Columns of the indexes `sqlite_autoindex_NAME_1` and so on. */
  readonly automaticIndexes: readonly (readonly string[])[];
}

export interface SqliteIndex {
  readonly kind: 'index';
  readonly name: string;
  readonly table: string;
  readonly root: number;
  /** null for an automatic one. */
  readonly sql: string | null;
  /** Name of each value of an entry; `rowid` for the last one in tables that have it, null for an expression. */
  readonly columns: readonly (string | null)[];
}

const SCHEMA_SQL =
  'CREATE TABLE sqlite_schema(type text,name text,tbl_name text,rootpage integer,sql text)';

/** The schema table itself, which is on the first page. */
export const SCHEMA_TABLE: SqliteTable = tableOf('sqlite_schema', 1, SCHEMA_SQL);

export function readSchemaRow(
  rowid: bigint,
  values: readonly SqliteValue[],
  offset: number,
): SqliteSchemaRow {
  const root = values[3];
  const isPage = root?.kind === 'integer' && root.value >= 0n && root.value <= 0xffff_ffffn;
  return {
    rowid,
    type: textOf(values[0]),
    name: textOf(values[1]),
    tableName: textOf(values[2]),
    rootPage: isPage ? Number(root.value) : null,
    sql: textOf(values[4]),
    offset,
  };
}

export function tableOf(name: string, root: number, sql: string | null): SqliteTable {
  const parsed = sql === null ? null : parseCreateTable(sql);
  return {
    kind: 'table',
    name,
    root,
    sql: name === 'sqlite_schema' ? null : sql,
    columns: parsed?.columns ?? [],
    withoutRowid: parsed?.withoutRowid ?? false,
    primaryKey: parsed?.primaryKey ?? [],
    automaticIndexes: parsed?.automaticIndexes ?? [],
  };
}

/** `table` is the row of the table it is on, when there is one. */
export function indexOf(
  name: string,
  tableName: string,
  root: number,
  sql: string | null,
  table: SqliteTable | undefined,
): SqliteIndex {
  const own =
    sql === null ? automaticColumns(name, tableName, table) : (parseCreateIndex(sql) ?? []);
  const columns = [...own];
  if (table?.withoutRowid === true) {
    const known = new Set(own.map((column) => (column === null ? null : foldName(column))));
    columns.push(...table.primaryKey.filter((key) => !known.has(foldName(key))));
  } else if (own.length > 0) {
    columns.push('rowid');
  }
  return { kind: 'index', name, table: tableName, root, sql, columns };
}

/** `sqlite_autoindex_TABLE_N` is that of the Nth constraint that needs one. */
function automaticColumns(
  name: string,
  tableName: string,
  table: SqliteTable | undefined,
): readonly string[] {
  const prefix = `sqlite_autoindex_${tableName}_`;
  if (!name.startsWith(prefix)) return [];
  return table?.automaticIndexes[Number(name.slice(prefix.length)) - 1] ?? [];
}

function textOf(value: SqliteValue | undefined): string | null {
  return value?.kind === 'text' ? value.value : null;
}
