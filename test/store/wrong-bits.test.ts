import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import test from 'node:test';

import Database from 'better-sqlite3';

import { treePathFromText } from '../../src/core/path.js';
import { openStore } from '../../src/store/index.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { describe, file, put } from './sample-build.js';

const BASH = { manager: 'dpkg', name: 'bash', version: '5.2', architecture: 'amd64' };
const TEXT = 'a';
const DIGEST = createHash('sha256').update(TEXT).digest();

/** Everything there is beside the tree is read. */
async function readAll(location: string): Promise<void> {
  const store = await openStore(location, { mode: 'read' });
  try {
    const { artifacts } = await store.read('one');
    await artifacts[0]!.facts!(DIGEST);
    await artifacts[0]!.content!(DIGEST);
    await artifacts[0]!.packageListings!();
    await store.secretKey(Buffer.alloc(32));
  } finally {
    await store.close();
  }
}

test('a wrong bit in facts, kept bytes, packages, their files or the key is damage, not a difference', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  const writer = await store.begin('one', { replace: false, stream: 'main' });
  put(writer, { [TEXT]: file(TEXT) });
  writer.putListings([{ package: BASH, paths: [treePathFromText('usr/bin/bash')] }]);
  await writer.commit({ ...describe('one', 'main'), packages: [BASH] });
  await store.secretKey(Buffer.alloc(32, 7));
  const facts = {
    format: 'x',
    version: 1,
    size: 1,
    key: null,
    facts: [{ name: 'n', kind: 'number', value: 5, offset: 0 }] as const,
    tables: [],
    content: null,
    problems: [],
  };
  await store.putFacts([{ digest: DIGEST.toString('hex'), facts }]);
  await store.putContent([{ digest: DIGEST.toString('hex'), bytes: Buffer.from(TEXT) }]);
  await store.close();
  await readAll(location);
  for (const [table, column] of [
    ['fact', 'body'],
    ['fact', 'version'],
    ['content', 'body'],
    ['package', 'version'],
    ['listing', 'paths'],
    ['listing', 'package'],
    ['secret_key', 'key'],
  ] as const) {
    const { was, length } = query(location, (database) => {
      const value = database.prepare(`SELECT ${column} FROM ${table}`).pluck().get();
      return { was: value, length: Buffer.isBuffer(value) ? value.length : 1 };
    });
    const set = (value: unknown): void =>
      query(location, (database) => {
        database.prepare(`UPDATE ${table} SET ${column} = ?`).run(value);
      });
    for (let at = 0; at < length; at++) {
      set(flipped(was, at));
      const where = `${table}.${column}, byte ${at}`;
      await assert.rejects(readAll(location), { code: 'STORE_DAMAGED' }, where);
    }
    set(was);
  }
  await readAll(location);
});

function query<T>(location: string, action: (database: Database.Database) => T): T {
  const database = new Database(location);
  try {
    return action(database);
  } finally {
    database.close();
  }
}

function flipped(value: unknown, at: number): unknown {
  if (typeof value === 'number') return value ^ 2;
  const bytes = Buffer.from(value as string);
  bytes[at]! ^= 1;
  return typeof value === 'string' ? bytes.toString() : bytes;
}
