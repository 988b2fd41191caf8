import assert from 'node:assert/strict';
import { test } from 'node:test';

import { lookInto, proveEveryByte, proveTruncation } from './prove.js';

const SIZE = 1200;
const RELEASE_AT = 64 * 11;
const FILES_AT = [56 * 14, 56 * 15] as const;
const NAME_AT = 1000;

/** A cache with a release, two package files that are linked, and names behind them. */
function buildCache(change: (bytes: Buffer) => void = () => undefined): Buffer {
  const bytes = Buffer.alloc(SIZE);
  bytes.writeUInt32LE(0x98fe76dc, 0);
  bytes[4] = 16;
  bytes.writeUInt16LE(680, 8);
  Buffer.of(28, 44, 64, 56, 88, 24, 20, 16, 24, 24, 24).copy(bytes, 10);
  bytes.writeUInt32LE(15, 60);
  bytes.writeUInt32LE(11, 64);
  bytes.writeUInt32LE(0x1234, 676);
  record(RELEASE_AT, 32, 'lists/InRelease', NAME_AT);
  record(FILES_AT[1], 24, 'lib/status', NAME_AT + 64);
  bytes.writeUInt32LE(14, FILES_AT[1] + 44);
  record(FILES_AT[0], 24, 'lists/Packages', NAME_AT + 128);
  change(bytes);
  return bytes;

  function record(at: number, sizeAt: number, name: string, nameAt: number): void {
    bytes.writeUInt32LE(nameAt, at);
    bytes.writeBigUInt64LE(5000n, at + sizeAt);
    bytes.writeBigInt64LE(1_795_000_000n, at + sizeAt + 8);
    bytes.writeUInt16LE(name.length, nameAt - 2);
    bytes.write(name, nameAt, 'latin1');
  }
}

test('files that the cache was made of are told with name, size and time, the newest first', async () => {
  const { format, facts, problems } = await lookInto('pkgcache.bin', buildCache());
  assert.equal(format, 'apt-cache');
  assert.deepEqual(problems, []);
  const [releases, packages] = facts.at(-1)!.facts.tables;
  assert.deepEqual(
    [releases, packages].map((table) => table!.rows.map(({ key }) => key)),
    [['lists/InRelease'], ['lib/status', 'lists/Packages']],
  );
  for (const { columns, rows } of [releases!, packages!]) {
    const mtime = columns.findIndex(({ kind }) => kind === 'time');
    assert.equal(columns[mtime]!.name, 'mtime');
    for (const { values } of rows) assert.equal(values[mtime], 1_795_000_000);
  }
});

test('every byte is in some fact, and no part gives the facts of the whole', async () => {
  await proveEveryByte('pkgcache.bin', buildCache());
  await proveTruncation('pkgcache.bin', buildCache());
});

test('a list without an end, and records and names beyond the end, are problems', async () => {
  const damages: readonly ((bytes: Buffer) => void)[] = [
    (bytes) => bytes.writeUInt32LE(15, FILES_AT[0] + 44),
    (bytes) => bytes.writeUInt32LE(0xffffffff, 64),
    (bytes) => bytes.writeUInt16LE(4000, NAME_AT - 2),
  ];
  for (const damage of damages) {
    const { format, problems } = await lookInto('pkgcache.bin', buildCache(damage));
    assert.equal(format, 'apt-cache');
    assert.equal(problems.length, 1);
  }
});

test('structures of other sizes are left to the blocks', async () => {
  const { format, problems } = await lookInto(
    'pkgcache.bin',
    buildCache((bytes) => (bytes[12] = 72)),
  );
  assert.equal(format, 'blocks');
  assert.deepEqual(problems, []);
});
