/** What a SQLite database says of its tables, indexes, views and triggers. */

import type { FactTable } from '../../core/facts.js';
import type { SqliteDatabase } from '../../formats/sqlite-database.js';
import { shortDigest } from '../common/short-digest.js';
import { latin1Of } from './sqlite-values.js';

export function schemaTable({ schema }: SqliteDatabase): FactTable {
  return {
    name: 'sqlite_schema',
    ordered: false,
    columns: [
      { name: 'tbl_name', kind: 'text' },
      { name: 'sql', kind: 'opaque' },
      { name: 'rowid', kind: 'layout' },
      { name: 'rootpage', kind: 'layout' },
    ],
    rows: schema.map(({ type, name, tableName, rootPage, sql, rowid, offset }) => ({
      key: latin1Of(`${type ?? '?'} ${name ?? '?'}`),
      values: [
        tableName === null ? null : latin1Of(tableName),
        sql === null ? null : shortDigest(latin1Of(sql)),
        String(rowid),
        rootPage,
      ],
      offset,
      part: null,
    })),
  };
}
