import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';

import Database from 'better-sqlite3';

import { openStore } from '../../src/store/index.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { startWriter } from './child-processes.js';
import { complete, file, readTree, save, wideTree } from './sample-build.js';

test('a kill at any moment leaves the builds that were there, or the new one as well', async (t) => {
  const folder = tempFolder(t);
  const location = join(folder, 's.db');
  const old = wideTree(40, 20);
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'old', old);
  await store.close();
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 24; round++) {
    const writer = startWriter(location, `new-${round}`, `${round}`);
    // Some during the puts, some around the commit, each a little later.
    await writer.said(round % 3 === 0 ? 'begun' : 'put');
    await sleep(round % 3 === 0 ? round * 3 : round * 2);
    writer.process.kill('SIGKILL');
    const lines = await writer.ended;
    const reopened = await openStore(location, { mode: 'read' });
    const names = (await reopened.builds()).map(({ name }) => name);
    assert.deepEqual(await readTree(reopened, 'old'), complete(old));
    const isThere = names.includes(`new-${round}`);
    if (lines.includes('done')) assert.ok(isThere);
    if (isThere)
      assert.deepEqual(
        await readTree(reopened, `new-${round}`),
        complete({ ...wideTree(60, 30), 'etc/seed': file(`${round}`) }),
      );
    await reopened.close();
    const database = new Database(location);
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
    database.close();
    outcomes.set(`${isThere}`, (outcomes.get(`${isThere}`) ?? 0) + 1);
    const again = await openStore(location, { mode: 'write' });
    if (isThere) await again.remove([`new-${round}`]);
    assert.equal((await again.builds()).length, 1);
    await again.close();
  }
  const last = await openStore(location, { mode: 'write' });
  await last.setKeep('old', true);
  await last.close();
  assert.deepEqual(readdirSync(folder), ['s.db']);
  t.diagnostic(`killed before and after the commit: ${JSON.stringify([...outcomes])}`);
});

test('a journal that a killed writer left is rolled back at the next opening', async (t) => {
  const folder = tempFolder(t);
  const location = join(folder, 's.db');
  const store = await openStore(location, { mode: 'write' });
  const old = wideTree(40, 20);
  await save(store, 'old', old);
  await store.close();
  const before = readFileSync(location);

  const copy = join(folder, 'hot', 's.db');
  mkdirSync(join(folder, 'hot'));
  leaveHotJournal(location, copy);
  assert.ok(existsSync(`${copy}-journal`));
  assert.notDeepEqual(readFileSync(copy), before);
  const reopened = await openStore(copy, { mode: 'read' });
  assert.deepEqual(await readTree(reopened, 'old'), complete(old));
  await reopened.close();
  assert.equal(existsSync(`${copy}-journal`), false);
  assert.deepEqual(readFileSync(copy), before);
});

test(
  'a full disk ends in STORE_WRITE and leaves the store as it was',
  { skip: needsRoot() || needs('mount', 'umount') },
  async (t) => {
    const mount = tempFolder(t);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', mount]);
    try {
      const location = join(mount, 's.db');
      const store = await openStore(location, { mode: 'write' });
      const small = wideTree(4, 4);
      await save(store, 'small', small);
      const before = readFileSync(location);
      await assert.rejects(save(store, 'large', wideTree(150, 40)), { code: 'STORE_WRITE' });
      assert.deepEqual(readFileSync(location), before);
      assert.deepEqual(readdirSync(mount), ['s.db']);
      assert.deepEqual(await readTree(store, 'small'), complete(small));
      await save(store, 'small-again', small);
      await store.close();

      const fresh = join(mount, 'fresh.db');
      const other = await openStore(fresh, { mode: 'write' });
      await assert.rejects(save(other, 'large', wideTree(150, 40)), { code: 'STORE_WRITE' });
      await other.close();
      assert.deepEqual(readdirSync(mount), ['s.db']);
    } finally {
      execFileSync('umount', ['-l', mount]);
    }
  },
);

test('a writer that is interrupted before its first commit leaves no file behind', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  const writer = await store.begin('one', { replace: false, stream: 'main' });
  await writer.abort();
  assert.equal(existsSync(location), false);
  assert.deepEqual(await store.builds(), []);
  await store.close();
});

test('what a kill leaves of a store that never had a build counts as no store', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const writer = startWriter(location, 'one', 'one', ['hold']);
  await writer.said('put');
  writer.process.kill('SIGKILL');
  await writer.ended;
  if (existsSync(location)) assert.equal(statSync(location).size, 0);
  await assert.rejects(openStore(location, { mode: 'read' }), { code: 'STORE_MISSING' });
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'one', { a: file('a') });
  await store.close();
});

/** Copies a store together with the journal of a transaction that has written to the file and not ended. */
function leaveHotJournal(location: string, copy: string): void {
  const database = new Database(location);
  database.pragma('cache_size = 1');
  database.pragma('cache_spill = 1');
  database.exec('BEGIN IMMEDIATE; UPDATE entry SET uid = uid + 1;');
  copyFileSync(location, copy);
  copyFileSync(`${location}-journal`, `${copy}-journal`);
  database.exec('ROLLBACK');
  database.close();
}
