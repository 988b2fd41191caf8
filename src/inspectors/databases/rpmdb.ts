/** rpm's database in SQLite: packages by name, version and architecture, each with its header; indexes follow from them. */

import { bufferAccess } from '../../core/random-access.js';
import { FormatError } from '../../core/errors.js';
import type { FactRow, FactTable } from '../../core/facts.js';
import {
  openSqliteDatabase,
  type SqliteDatabase,
  type SqliteRow,
} from '../../formats/sqlite-database.js';
import { defineInspector, type InspectContext } from '../define.js';
import { packageKey } from './package-key.js';
import { sqliteHeaderFacts } from './sqlite-header-facts.js';
import { treeTables } from './sqlite-layout.js';
import { schemaTable } from './sqlite-schema-facts.js';
import { isSqlite, sqliteProblems } from './sqlite.js';

/** Of a header: that of a kernel has a few. */
const MAX_HEADER = 256 * 1024 * 1024;

export const rpmdbInspector = defineInspector({
  id: 'rpmdb',
  version: 1,
  summary:
    "rpm's SQLite database: packages with every header tag by name; numbers, indexes and pages as layout.",
  streams: false,
  claims: ({ name, head }) => /(?:^|\/)rpmdb\.sqlite$/.test(name) && isSqlite(head),
  inspect: async (piece, context) => {
    const database = openSqliteDatabase(await piece.random(), { payloadLimit: MAX_HEADER });
    const packages = await packagesTable(database, context);
    // What the indexes hold follows from the headers: their cells are told as layout.
    const { facts, trees } = treeTables(database, context);
    return {
      facts: [...sqliteHeaderFacts(database.header), ...facts],
      tables: [packages, schemaTable(database), trees],
      problems: sqliteProblems(database),
    };
  },
});

async function packagesTable(
  database: SqliteDatabase,
  context: InspectContext,
): Promise<FactTable> {
  const table = database.tables.find(({ name }) => name === 'Packages');
  const at = table?.columns.find(({ name }) => name === 'blob')?.stored ?? null;
  if (table === undefined || at === null)
    throw new FormatError('rpmdb', 0, 'there is no table Packages with a column blob');
  const rows: FactRow[] = [];
  for (const row of database.rows(table)) {
    context.spend(1);
    rows.push(await packageRow(row, at, context));
  }
  return {
    name: 'Packages',
    ordered: true,
    columns: [{ name: 'hnum', kind: 'layout' }],
    rows,
  };
}

async function packageRow(row: SqliteRow, at: number, context: InspectContext): Promise<FactRow> {
  const bytes = row.values[at]?.bytes ?? new Uint8Array();
  const key = packageKey(bytes) ?? `hnum ${row.rowid}`;
  return {
    key,
    values: [String(row.rowid)],
    offset: row.offset,
    part: await context.part(key, bufferAccess(bytes), 'rpm-header'),
  };
}
