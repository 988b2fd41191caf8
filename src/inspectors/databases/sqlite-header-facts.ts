/** The 100 bytes that a SQLite database begins with, as facts. */

import type { Fact, FactKind } from '../../core/facts.js';
import type { SqliteHeader, SqliteHeaderName } from '../../formats/sqlite-header.js';

/** The counters say how often something was written, which no reader of the rows can tell. */
const KINDS: Readonly<Record<Exclude<SqliteHeaderName, 'magic'>, FactKind>> = {
  'page-size': 'number',
  'write-version': 'flags',
  'read-version': 'flags',
  'reserved-bytes': 'number',
  'max-embedded-fraction': 'number',
  'min-embedded-fraction': 'number',
  'leaf-fraction': 'number',
  'change-counter': 'layout',
  'page-count': 'size',
  'first-freelist-trunk': 'layout',
  'freelist-pages': 'layout',
  'schema-cookie': 'layout',
  'schema-format': 'number',
  'default-cache-size': 'number',
  'largest-root': 'layout',
  'text-encoding': 'number',
  'user-version': 'number',
  'incremental-vacuum': 'number',
  'application-id': 'number',
  expansion: 'slack',
  'version-valid-for': 'layout',
  'sqlite-version': 'version',
};

export function sqliteHeaderFacts({ fields }: SqliteHeader): Fact[] {
  return fields.flatMap(({ name, offset, value }): Fact[] => {
    if (name === 'magic') return [];
    if (name === 'expansion' && /^0+$/.test(String(value))) return [];
    return [{ name, kind: KINDS[name], value, offset }];
  });
}
