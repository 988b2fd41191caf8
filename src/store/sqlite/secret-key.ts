/** The key that secrets are digested with: random, one for each store, in no export. */

import { namedKey, type SecretKey } from '../../core/secrets.js';
import { hasTable, type Connection } from './connection.js';
import { damaged } from './errors.js';

/** Null when there is none yet, and in a store of the first version. Throws `STORE_DAMAGED` for one that has not its name. */
export function findSecretKey(connection: Connection, location: string): SecretKey | null {
  if (!hasTable(connection, 'secret_key')) return null;
  const row = connection.prepare('SELECT id, key FROM secret_key ORDER BY rowid LIMIT 1').get() as
    { readonly id: string; readonly key: Buffer } | undefined;
  if (row === undefined) return null;
  const key = namedKey(row.key);
  if (key.id !== row.id) throw damaged(location, 'the key of its secrets is another one');
  return key;
}

/** The key of the store; `fresh` becomes it when there is none. Call within a transaction. */
export function makeSecretKey(
  connection: Connection,
  location: string,
  fresh: SecretKey,
): SecretKey {
  const known = findSecretKey(connection, location);
  if (known !== null) return known;
  connection.prepare('INSERT INTO secret_key VALUES (?, ?)').run(fresh.id, fresh.bytes);
  return fresh;
}
