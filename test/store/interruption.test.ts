import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import Database from 'better-sqlite3';

import { openStore } from '../../src/store/index.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { startWriter } from './child-processes.js';
import { file, save, wideTree } from './sample-build.js';

/** Aborts when the loop turns for the nth time. */
function abortAt(turns: number): AbortSignal {
  const controller = new AbortController();
  const step = (left: number): void => {
    if (left <= 0) controller.abort();
    else setImmediate(() => step(left - 1));
  };
  step(turns);
  return controller.signal;
}

async function someBuilds(location: string): Promise<void> {
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'one', wideTree(40, 3));
  await save(store, 'two', { ...wideTree(60, 4), a: file('a') });
  await store.close();
}

function assertSound(location: string): void {
  const database = new Database(location, { readonly: true });
  assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
  database.close();
}

test('an import that is interrupted takes nothing, and leaves no file where there was none', async (t) => {
  const folder = tempFolder(t);
  await someBuilds(join(folder, 'from.db'));
  const from = await openStore(join(folder, 'from.db'), { mode: 'read' });
  let last = false;
  for (let turns = 0; !last; turns++) {
    assert.ok(turns < 1000);
    const location = join(folder, 'to.db');
    const store = await openStore(location, { mode: 'write', signal: abortAt(turns) });
    const code = await store.importFrom(from).then(
      () => null,
      (error: { code: string }) => error.code,
    );
    await store.close();
    last = code === null;
    assert.ok(last || code === 'INTERRUPTED', `${code}`);
    assert.deepEqual(readdirSync(folder).toSorted(), last ? ['from.db', 'to.db'] : ['from.db']);
  }
  await from.close();
  assertSound(join(folder, 'to.db'));
});

test('a removal that is interrupted removes nothing', async (t) => {
  const location = join(tempFolder(t), 's.db');
  await someBuilds(location);
  const before = readFileSync(location);
  const store = await openStore(location, { mode: 'write', signal: abortAt(1) });
  await assert.rejects(store.remove(['one']), { code: 'INTERRUPTED' });
  await store.close();
  assert.deepEqual(readFileSync(location), before);
  assertSound(location);
});

test('who waits for another writer can be interrupted', async (t) => {
  const location = join(tempFolder(t), 's.db');
  await someBuilds(location);
  const other = startWriter(location, 'three', 'x', ['hold']);
  await other.said('put');
  const signal = AbortSignal.timeout(100);
  const store = await openStore(location, { mode: 'write', signal });
  await assert.rejects(store.setKeep('one', true), { code: 'INTERRUPTED' });
  await store.close();
  other.process.kill('SIGKILL');
  await other.ended;
  assert.ok(existsSync(location));
});
