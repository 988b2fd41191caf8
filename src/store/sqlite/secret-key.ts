/** The key that secrets are digested with: random, one for each store, in no export. */

import type { SecretKey } from '../../core/secrets.js';
import { hasTable, type Connection } from './connection.js';

/** Null when there is none yet, and in a store of the first version. */
export function findSecretKey(connection: Connection): SecretKey | null {
  if (!hasTable(connection, 'secret_key')) return null;
  const row = connection.prepare('SELECT id, key FROM secret_key ORDER BY rowid LIMIT 1').get() as
    { readonly id: string; readonly key: Buffer } | undefined;
  return row === undefined ? null : { id: row.id, bytes: row.key };
}

/** The key of the store; `fresh` becomes it when there is none. Call within a transaction. */
export function makeSecretKey(connection: Connection, fresh: SecretKey): SecretKey {
  const known = findSecretKey(connection);
  if (known !== null) return known;
  connection.prepare('INSERT INTO secret_key VALUES (?, ?)').run(fresh.id, fresh.bytes);
  return fresh;
}
