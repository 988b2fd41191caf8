/** Databases made by SQLite, and what SQLite says of them beside what the reader says. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import type Database from 'better-sqlite3';

import { bufferAccess } from '../../src/core/random-access.js';
import {
  columnValues,
  openSqliteDatabase,
  type SqliteDatabase,
} from '../../src/formats/sqlite-database.js';
import type { SqliteValue } from '../../src/formats/sqlite-record.js';
import type { SqliteTable } from '../../src/formats/sqlite-schema.js';
import { openSqlite } from '../../src/util/open-sqlite.js';
import { tempFolder } from '../helpers/temp-tree.js';

/** The bytes of a database after `steps`; the first are pragmas that must come before anything is stored. */
export function sqliteBytes(t: TestContext, steps: readonly string[]): Buffer {
  const file = join(tempFolder(t), 'x.db');
  const database = openSqlite(file);
  for (const step of steps) database.exec(step);
  database.close();
  return readFileSync(file);
}

export function read(bytes: Uint8Array, wal: Uint8Array | null = null): SqliteDatabase {
  return openSqliteDatabase(bufferAccess(bytes), { wal: wal === null ? null : bufferAccess(wal) });
}

export function tableNamed(database: SqliteDatabase, name: string): SqliteTable {
  const table = database.tables.find((candidate) => candidate.name === name);
  assert.ok(table, `there is no table ${name}`);
  return table;
}

/** Rows of a table in the order of its columns, as better-sqlite3 gives them with safe integers. */
export function plainRows(database: SqliteDatabase, name: string): readonly (readonly unknown[])[] {
  const table = tableNamed(database, name);
  return [...database.rows(table)].map((row) => columnValues(table, row).map(plain));
}

/** Everything that SQLite tells about the file must be what the reader tells; a log beside it is applied. */
export function assertAgrees(file: string): SqliteDatabase {
  const wal = existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : null;
  const ours = read(readFileSync(file), wal);
  const theirs = openSqlite(file, { readonly: true });
  theirs.defaultSafeIntegers(true);
  try {
    assert.equal(theirs.pragma('integrity_check', { simple: true }), 'ok');
    const schema = theirs.prepare('SELECT * FROM sqlite_master').raw(true).all();
    assert.deepEqual(plainRows(ours, 'sqlite_schema'), schema);
    for (const table of ours.tables.slice(1)) assertSameRows(ours, theirs, table);
    for (const index of ours.indexes) assertSameIndex(ours, theirs, index.name);
    assertTiled(ours);
    assertSamePages(ours, theirs);
    assert.deepEqual(ours.problems(), []);
  } finally {
    theirs.close();
  }
  return ours;
}

/** The regions follow each other from the first byte to the last. */
export function assertTiled(database: SqliteDatabase): void {
  let at = 0;
  for (const region of database.regions()) {
    assert.equal(region.offset, at);
    assert.ok(region.length > 0);
    at += region.length;
  }
  assert.equal(at, database.image.size);
}

function plain(value: SqliteValue | undefined): unknown {
  if (value === undefined) return null;
  return value.kind === 'blob' ? Buffer.from(value.bytes) : value.value;
}

function assertSameRows(ours: SqliteDatabase, theirs: Database.Database, table: SqliteTable): void {
  const named = quote(table.name);
  const info = theirs.pragma(`table_xinfo(${named})`) as { name: string; pk: bigint }[];
  assert.deepEqual(
    table.columns.map((column) => column.name),
    info.map((column) => column.name),
  );
  const kept = table.columns.flatMap((column, i) => (column.stored === null ? [] : [i]));
  const names = kept.map((i) => quote(table.columns[i]!.name));
  const key = table.withoutRowid
    ? info
        .filter((column) => column.pk > 0n)
        .sort((a, b) => Number(a.pk - b.pk))
        .map((column) => quote(column.name))
    : ['rowid'];
  const rowids = table.withoutRowid ? ['0'] : ['rowid'];
  const expected = theirs
    .prepare(`SELECT ${[...rowids, ...names].join()} FROM ${named} ORDER BY ${key.join()}`)
    .raw(true)
    .all() as unknown[][];
  let count = 0;
  for (const row of ours.rows(table)) {
    const wanted = expected[count++]!;
    const values = columnValues(table, row);
    const got = kept.map((i) => plain(values[i]));
    // A REAL column keeps whole numbers as integers.
    const real = got.map((value, i) =>
      typeof value === 'bigint' && typeof wanted[i + 1] === 'number' ? Number(value) : value,
    );
    assert.deepEqual([row.rowid ?? 0n, ...real], wanted);
    assertPlaces(ours, values);
  }
  assert.equal(count, expected.length);
}

/** The bytes of a value are where its extents say. */
function assertPlaces(ours: SqliteDatabase, values: readonly (SqliteValue | undefined)[]): void {
  for (const value of values) {
    if (value === undefined || value.extents.length === 0) continue;
    const parts = value.extents.map(({ offset, length }) => ours.image.read(offset, length));
    assert.ok(Buffer.concat(parts).equals(value.bytes));
  }
}

function assertSameIndex(ours: SqliteDatabase, theirs: Database.Database, name: string): void {
  const index = ours.indexes.find((candidate) => candidate.name === name)!;
  const info = theirs.pragma(`index_xinfo(${quote(name)})`) as {
    name: string | null;
    cid: bigint;
  }[];
  const expected = info.map((column) => (column.cid === -1n ? 'rowid' : column.name));
  assert.deepEqual(index.columns, expected);
  const partial = index.sql !== null && / WHERE /i.test(index.sql);
  const entries = [...ours.entries(index)];
  for (const entry of entries) assert.equal(entry.values.length, expected.length);
  const table = tableNamed(ours, index.table);
  if (!partial) assert.equal(entries.length, [...ours.rows(table)].length);
}

/** Kind, cells and unused bytes of each page, as the dbstat table has them. */
function assertSamePages(ours: SqliteDatabase, theirs: Database.Database): void {
  const stat = theirs.prepare('SELECT pageno, pagetype, ncell, unused FROM dbstat').all() as {
    pageno: bigint;
    pagetype: string;
    ncell: bigint;
    unused: bigint;
  }[];
  const unused = new Map<number, number>();
  const cells = new Map<number, number>();
  for (const region of ours.regions()) {
    if (/^(gap|freeblock|freeblock-header|fragment|overflow-rest)$/.test(region.kind))
      unused.set(region.page, (unused.get(region.page) ?? 0) + region.length);
    if (region.kind === 'cell' || region.kind === 'separator')
      cells.set(region.page, (cells.get(region.page) ?? 0) + 1);
  }
  for (const page of stat) {
    const number = Number(page.pageno);
    assert.equal(ours.survey.use(number), page.pagetype === 'overflow' ? 'overflow' : 'btree');
    // dbstat takes 65536, which is stored as 0, for 0.
    if (page.unused < 0n) continue;
    assert.equal(unused.get(number) ?? 0, Number(page.unused), `unused bytes of page ${number}`);
    assert.equal(cells.get(number) ?? 0, Number(page.ncell), `cells of page ${number}`);
  }
  const free = theirs.pragma('freelist_count', { simple: true });
  let found = 0n;
  for (let page = 1; page <= ours.image.pageCount; page++)
    if (ours.survey.use(page).startsWith('freelist')) found++;
  assert.equal(found, free);
  assert.equal(BigInt(ours.image.pageCount), theirs.pragma('page_count', { simple: true }));
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
