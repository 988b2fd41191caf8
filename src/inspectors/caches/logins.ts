/** Records of logins: who, where and when, record by record. */

import type { FactColumn, FactKind, FactRow, FactValue } from '../../core/facts.js';
import {
  LOGIN_RECORDS,
  loginFileKind,
  readLoginFile,
  type LoginFileKind,
} from '../../formats/utmp.js';
import { FormatError } from '../../core/errors.js';
import { factNumber } from '../common/account.js';
import { narrow } from '../common/narrow.js';
import { shortDigest } from '../common/short-digest.js';
import { defineInspector } from '../define.js';

export const loginsInspector = defineInspector({
  id: 'logins',
  version: 1,
  summary:
    'utmp, wtmp, btmp, lastlog, faillog and tallylog (utmp(5), lastlog(8), faillog(5)): users, hosts and times.',
  streams: false,
  claims: ({ name, size }) => loginFileKind(name) !== null && size !== null && size > 0,
  inspect: async (piece, context) => {
    const kind = loginFileKind(piece.name);
    if (kind === null) throw new FormatError('logins', 0, 'not named as a record of logins');
    const file = readLoginFile(kind, await piece.random());
    context.spend(file.records.length);
    const columns = columnsOf(kind);
    const rows = file.records.map(({ index, offset, values }): FactRow => {
      const all: Readonly<Record<string, FactValue | bigint>> = values;
      return {
        key: String(index),
        values: columns.map(({ name, kind: type }) => valueOf(all[name] ?? null, type)),
        offset,
        part: null,
      };
    });
    const rest = file.rest === '' ? null : shortDigest(file.rest);
    const stopped = file.stoppedAt;
    return {
      facts: [
        {
          name: 'records',
          kind: 'size',
          value: Math.floor(file.size / file.recordSize),
          offset: 0,
        },
        { name: 'rest', kind: 'opaque', value: rest, offset: file.size - file.rest.length / 2 },
      ],
      tables: [narrow({ name: '', ordered: true, columns, rows })],
      problems:
        stopped === null ? [] : [{ offset: stopped, detail: 'more records than are looked into' }],
    };
  },
});

function columnsOf(kind: LoginFileKind): FactColumn[] {
  return Object.keys(LOGIN_RECORDS[kind]).map((name) => ({ name, kind: KINDS[name] ?? 'number' }));
}

const KINDS: Readonly<Record<string, FactKind>> = {
  line: 'text',
  id: 'text',
  user: 'user',
  host: 'host',
  seconds: 'time',
  lockSeconds: 'number',
  address: 'host',
  padding: 'slack',
  reserved: 'slack',
  unused: 'slack',
};

function valueOf(value: FactValue | bigint, kind: FactKind): FactValue {
  if (typeof value === 'bigint') return factNumber(value);
  return kind === 'slack' && typeof value === 'string' && /^0*$/.test(value) ? null : value;
}
