import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import Database from 'better-sqlite3';

import { openStore } from '../../src/store/index.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { startWriter } from './child-processes.js';
import { complete, describe, file, put, readTree, save, wideTree } from './sample-build.js';

for (const [state, exists] of [
  ['exists', true],
  ['is new', false],
] as const)
  test(`four processes that write at once all succeed when the store ${state}`, async (t) => {
    const location = join(tempFolder(t), 's.db');
    const store = await openStore(location, { mode: 'write' });
    if (exists) await save(store, 'first', wideTree(60, 30));
    const writers = ['a', 'b', 'c', 'd'].map((name) => startWriter(location, name, name));
    for (const { ended } of writers) assert.deepEqual(await ended, ['begun', 'put', 'done']);
    assert.equal((await store.builds()).length, exists ? 5 : 4);
    for (const name of ['a', 'b', 'c', 'd'])
      assert.deepEqual(
        await readTree(store, name),
        complete({ ...wideTree(60, 30), 'etc/seed': file(name) }),
      );
    await store.close();
    assert.deepEqual(readdirSync(join(location, '..')), ['s.db']);
    assert.equal(new Database(location).pragma('integrity_check', { simple: true }), 'ok');
  });

test('a writer does not wait while it scans, and readers read while another writes', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'first', wideTree(60, 30));
  const slow = startWriter(location, 'slow', 'slow', ['hold']);
  await slow.said('put');
  const writer = await store.begin('quick', { replace: false, stream: 'main' });
  put(writer, { a: file('a') });
  assert.deepEqual(
    (await store.builds()).map(({ name }) => name),
    ['first'],
  );
  assert.equal(Object.keys(await readTree(store, 'first')).length, 1 + 2 + 7 + 60 + 1800);
  const committed = writer.commit(describe('quick', 'main'));
  slow.process.stdin!.write('\n');
  await slow.ended;
  await committed;
  assert.deepEqual(
    (await store.builds()).map(({ name }) => name),
    ['first', 'slow', 'quick'],
  );
  await store.close();
});

test(
  'recording begins even while a large build locks readers out',
  { timeout: 60_000 },
  async (t) => {
    const location = join(tempFolder(t), 's.db');
    const store = await openStore(location, { mode: 'write' });
    await save(store, 'first', { a: file('a') });
    await store.close();
    const other = new Database(location);
    other.exec('BEGIN EXCLUSIVE');
    const late = await openStore(location, { mode: 'write' });
    const writer = await late.begin('second', { replace: false, stream: 'main' });
    put(writer, { a: file('b') });
    const committed = writer.commit(describe('second', 'main'));
    other.exec('ROLLBACK');
    other.close();
    await committed;
    assert.equal((await late.builds()).length, 2);
    await late.close();
  },
);

test('the same name in two processes is recorded once', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const one = startWriter(location, 'same', 'one', ['hold']);
  await one.said('put');
  const two = startWriter(location, 'same', 'two', ['hold']);
  await two.said('put');
  one.process.stdin!.write('\n');
  assert.equal((await one.ended).at(-1), 'done');
  two.process.stdin!.write('\n');
  assert.equal((await two.ended).at(-1), 'BUILD_EXISTS');
  const store = await openStore(location, { mode: 'read' });
  assert.deepEqual((await readTree(store, 'same'))['etc/seed'], file('one'));
  await store.close();
});

test('a writer that waits too long is told so, and nothing is lost', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const slow = startWriter(location, 'slow', 'slow', ['hold']);
  await slow.said('put');
  const store = await openStore(location, { mode: 'write', waitMs: 60 });
  await assert.rejects(save(store, 'late', { a: file('a') }), { code: 'STORE_BUSY' });
  slow.process.stdin!.write('\n');
  assert.equal((await slow.ended).at(-1), 'done');
  await save(store, 'later', { a: file('a') });
  assert.equal((await store.builds()).length, 2);
  await store.close();
});

test('who gives up a new store takes the empty file with it, and whoever waits for it makes a new one', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const first = await openStore(location, { mode: 'write' });
  const second = await openStore(location, { mode: 'write' });
  const giving = await first.begin('given-up', { replace: false, stream: 'main' });
  put(giving, wideTree(3, 3));
  const waiting = await second.begin('kept', { replace: false, stream: 'main' });
  put(waiting, wideTree(3, 3));
  assert.equal(statSync(location).size, 0);
  await giving.abort();
  assert.equal(existsSync(location), false);
  await waiting.commit(describe('kept', 'main'));
  assert.deepEqual(
    (await first.builds()).map(({ name }) => name),
    ['kept'],
  );
  await first.close();
  await second.close();
});

test('an aborted build leaves the bytes of the store as they were', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'first', wideTree(5, 5));
  const before = statSync(location);
  const writer = await store.begin('second', { replace: false, stream: 'main' });
  put(writer, wideTree(9, 9));
  await writer.abort();
  await writer.abort();
  const after = statSync(location);
  assert.deepEqual([after.size, after.mtimeMs], [before.size, before.mtimeMs]);
  assert.deepEqual(readdirSync(join(location, '..')), ['s.db']);
  await assert.rejects(writer.commit(describe('second', 'main')));
  await store.close();
});
