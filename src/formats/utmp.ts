/**
 * Records of logins, one size after another without a header, as 64-bit little-endian Linux writes them: utmp, wtmp and
 * btmp (utmp(5)), lastlog (lastlog(8)) and faillog (faillog(5)) by user id, and pam_tally2's tallylog.
 */

import type { RandomAccess } from '../core/random-access.js';
import { layoutSize, structValues, type Layout, type StructValues } from './byte-fields.js';

export type LoginFileKind = keyof typeof LOGIN_RECORDS;

/** What a record of each kind of file is made of. */
export const LOGIN_RECORDS = {
  utmp: {
    type: 'u16',
    padding: 'hex2',
    pid: 's32',
    line: 'text32',
    id: 'text4',
    user: 'text32',
    host: 'text256',
    termination: 'u16',
    exit: 'u16',
    session: 's32',
    seconds: 'u32',
    microseconds: 'u32',
    address: 'hex16',
    unused: 'hex20',
  },
  lastlog: { seconds: 'u32', line: 'text32', host: 'text256' },
  faillog: {
    count: 'u16',
    max: 'u16',
    line: 'text12',
    seconds: 's64',
    lockSeconds: 's64',
  },
  tallylog: { line: 'text52', reserved: 'u16', count: 'u16', seconds: 'u64' },
} as const satisfies Record<string, Layout>;

export interface LoginRecord<K extends LoginFileKind = LoginFileKind> {
  /** Place in the file from 0 on: the user id in lastlog, faillog and tallylog. */
  readonly index: number;
  readonly offset: number;
  readonly values: StructValues<(typeof LOGIN_RECORDS)[K]>;
}

export interface LoginFile<K extends LoginFileKind = LoginFileKind> {
  readonly size: number;
  readonly recordSize: number;
  /** Records with a byte that is not zero, in the order of the file. */
  readonly records: readonly LoginRecord<K>[];
  /** Records of zeros. */
  readonly emptyCount: number;
  /** Bytes behind the last whole record, in hex: a record that was cut short. */
  readonly rest: string;
  /** Where reading stopped, for files beyond `maxBytes`; null when all was read. */
  readonly stoppedAt: number | null;
}

/** Which kind of file a path is (`btmp`, `wtmp.1`); null for any other. */
export function loginFileKind(path: string): LoginFileKind | null {
  const name = /(?:^|\/)(utmp|wtmp|btmp|lastlog|faillog|tallylog)(?:[.-]\d+)?$/.exec(path)?.[1];
  if (name === 'wtmp' || name === 'btmp') return 'utmp';
  return (name as LoginFileKind | undefined) ?? null;
}

/** Reads at most `maxBytes`: lastlog is sparse, and one large user id makes it as large as a disk. */
export function readLoginFile<K extends LoginFileKind>(
  kind: K,
  file: RandomAccess,
  maxBytes = 64 << 20,
): LoginFile<K> {
  const layout = LOGIN_RECORDS[kind];
  const recordSize = layoutSize(layout);
  const count = Math.floor(file.size / recordSize);
  const readable = Math.min(count, Math.floor(maxBytes / recordSize));
  const records: LoginRecord<K>[] = [];
  for (let index = 0; index < readable; index += BATCH) {
    const wanted = Math.min(BATCH, readable - index);
    const bytes = file.read(index * recordSize, wanted * recordSize);
    for (let i = 0; i < wanted; i++) {
      const record = bytes.subarray(i * recordSize, (i + 1) * recordSize);
      if (record.length === recordSize && record.some((byte) => byte !== 0))
        records.push({
          index: index + i,
          offset: (index + i) * recordSize,
          values: structValues(layout, record, true),
        });
    }
  }
  const restAt = count * recordSize;
  return {
    size: file.size,
    recordSize,
    records,
    emptyCount: readable - records.length,
    rest: Buffer.from(file.read(restAt, file.size - restAt)).toString('hex'),
    stoppedAt: readable < count ? readable * recordSize : null,
  };
}

const BATCH = 1024;
