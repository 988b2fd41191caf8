/** Rows of `stamp`. */

import type { Connection } from './connection.js';
import type { StampRow } from './stamp.js';

/** Reads stamps by id; undefined when there is none. */
export function stampReader(connection: Connection): (id: number) => StampRow | undefined {
  const select = connection
    .prepare('SELECT base, width, marks, times, stamps FROM stamp WHERE id = ?')
    .raw()
    .safeIntegers();
  return (id) => {
    const row = select.get(id) as StampValues | undefined;
    if (row === undefined) return undefined;
    const [base, width, marks, times, stamps] = row;
    return { base, width: Number(width), marks, times, stamps };
  };
}

type StampValues = readonly [
  base: bigint | null,
  width: bigint,
  marks: Buffer | null,
  times: string | null,
  stamps: string | null,
];
