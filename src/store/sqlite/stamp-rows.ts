/** Rows of `stamp`. */

import type { Connection } from './connection.js';
import type { StampRow } from './stamp.js';

/** Undefined when there is none with this id. */
export function readStamp(connection: Connection, id: number): StampRow | undefined {
  const row = connection
    .prepare('SELECT base, width, marks, times, stamps FROM stamp WHERE id = ?')
    .safeIntegers()
    .get(id) as (Omit<StampRow, 'width'> & { readonly width: bigint }) | undefined;
  return row === undefined ? undefined : { ...row, width: Number(row.width) };
}
