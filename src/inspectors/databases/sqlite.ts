/** SQLite databases: rows by their keys, apart from them where things lie in the pages, and what lies in free space. */

import { openSqliteDatabase, type SqliteDatabase } from '../../formats/sqlite-database.js';
import { SQLITE_MAGIC } from '../../formats/sqlite-header.js';
import { defineInspector } from '../define.js';
import { sqliteHeaderFacts } from './sqlite-header-facts.js';
import { treeTables } from './sqlite-layout.js';
import { rowsTable } from './sqlite-rows.js';
import { schemaTable } from './sqlite-schema-facts.js';

export const sqliteInspector = defineInspector({
  id: 'sqlite',
  version: 1,
  summary:
    'SQLite databases (fileformat2.html): header, schema, rows of every table by key, page layout, free space.',
  streams: false,
  claims: ({ head }) => isSqlite(head),
  inspect: async (piece, context) => {
    const database = openSqliteDatabase(await piece.random());
    const rows = database.tables
      .filter(({ root }) => root !== 1)
      .map((table) => rowsTable(database, table, context));
    const { facts, trees } = treeTables(database, context);
    return {
      facts: [...sqliteHeaderFacts(database.header), ...facts],
      tables: [schemaTable(database), trees, ...rows],
      problems: sqliteProblems(database),
    };
  },
});

/** Whether the first bytes are those of a database. */
export function isSqlite(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, SQLITE_MAGIC.length)).toString('latin1') === SQLITE_MAGIC;
}

/** What the reader found so far; to be asked for when everything was walked. */
export function sqliteProblems(
  database: SqliteDatabase,
): readonly { readonly offset: number | null; readonly detail: string }[] {
  const problems = database.problems().map(({ code, offset, detail }) => ({
    offset,
    detail: `${code}: ${detail}`,
  }));
  const dropped = database.droppedProblems();
  return dropped === 0 ? problems : [...problems, { offset: null, detail: `${dropped} more` }];
}
