import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { bufferAccess } from '../../src/core/random-access.js';
import {
  LOGIN_RECORDS,
  loginFileKind,
  readLoginFile,
  type LoginFileKind,
} from '../../src/formats/utmp.js';
import { needs } from '../helpers/oracle.js';

const KINDS = Object.keys(LOGIN_RECORDS) as readonly LoginFileKind[];
const SIZES = { utmp: 384, lastlog: 292, faillog: 32, tallylog: 64 } as const;

for (const kind of KINDS) {
  const size = SIZES[kind];
  const tale = (bytes: Uint8Array): string =>
    JSON.stringify(readLoginFile(kind, bufferAccess(bytes)), (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );

  test(`records of ${kind} are read, and empty ones counted`, () => {
    const bytes = Buffer.alloc(3 * size + 5);
    bytes[size + 3] = 7;
    const found = readLoginFile(kind, bufferAccess(bytes));
    assert.deepEqual(
      [found.recordSize, found.records.map(({ index }) => index), found.emptyCount, found.rest],
      [size, [1], 2, '0000000000'],
    );
  });

  test(`each byte of ${kind} is told, and each cut`, () => {
    const bytes = Uint8Array.from({ length: 2 * size + 3 }, (_, i) => (i < size ? 0 : i % 251));
    const whole = tale(bytes);
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i]! ^= 0x41;
      assert.notEqual(tale(changed), whole, `byte ${i}`);
      assert.notEqual(tale(bytes.subarray(0, i)), whole, `cut to ${i}`);
    }
  });
}

test('any bytes are some records', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1000 }), fc.constantFrom(...KINDS), (bytes, kind) => {
      const { records, emptyCount, recordSize, rest } = readLoginFile(kind, bufferAccess(bytes));
      assert.equal((records.length + emptyCount) * recordSize + rest.length / 2, bytes.length);
    }),
  );
});

test('a file as large as a disk is read up to a bound', () => {
  const size = 2 ** 42;
  const file = { size, read: (_: number, length: number) => new Uint8Array(length) };
  const found = readLoginFile('lastlog', file, 1 << 20);
  assert.deepEqual([found.stoppedAt, found.records.length], [3591 * 292, 0]);
});

test('paths tell which file it is', () => {
  assert.deepEqual(
    [
      'var/log/wtmp',
      'var/log/btmp.1',
      'run/utmp',
      'var/log/lastlog',
      'etc/logrotate.d/wtmp.conf',
    ].map(loginFileKind),
    ['utmp', 'utmp', 'utmp', 'lastlog', null],
  );
});

test(
  'records that utmpdump makes of text are read as it tells them',
  { skip: needs('utmpdump') },
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'utmp-'));
    t.after(() => rmSync(root, { recursive: true, force: true }));
    const text =
      '[7] [04242] [ts/0] [alice   ] [pts/0       ] [host.example        ] [192.0.2.7      ] [2023-11-14T22:13:20,123456+00:00]\n';
    writeFileSync(join(root, 'text'), text);
    const bytes = execFileSync('utmpdump', ['-r', join(root, 'text')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    writeFileSync(join(root, 'wtmp'), bytes);
    const { records } = readLoginFile('utmp', bufferAccess(readFileSync(join(root, 'wtmp'))));
    const { type, pid, id, user, line, host, seconds, microseconds, address } = records[0]!.values;
    const trim = (value: string): string => value.trimEnd();
    assert.deepEqual(
      [
        type,
        pid,
        id,
        trim(user),
        trim(line),
        trim(host),
        seconds,
        microseconds,
        address.slice(0, 8),
      ],
      [7, 4242, 'ts/0', 'alice', 'pts/0', 'host.example', 1700000000, 123456, 'c0000207'],
    );
  },
);
