import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'node:test';

import Database from 'better-sqlite3';
import fc from 'fast-check';

import type { Store } from '../../src/store/define.js';
import { openStore } from '../../src/store/index.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { startWriter } from './child-processes.js';
import { contentOf, file, keyed, save, wideTree } from './sample-build.js';

async function kept(store: Store, build: string, digest: string): Promise<string | null> {
  const bytes = await (await store.read(build)).artifacts[0]!.content!(Buffer.from(digest, 'hex'));
  return bytes === null ? null : Buffer.from(bytes).toString();
}

/** Rows and bytes of the table. */
function tableOf(location: string): { readonly rows: number; readonly bytes: number } {
  const database = new Database(location);
  const row = database
    .prepare('SELECT count(*) AS rows, coalesce(sum(length(body)), 0) AS bytes FROM content')
    .get();
  database.close();
  return row as { rows: number; bytes: number };
}

test('bytes are kept once for all builds, compressed, and read back as they were', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  const long = keyed('line of a log\n'.repeat(10_000));
  await save(store, 'one', { log: file(long.bytes.toString()), empty: file('') });
  await save(store, 'two', { 'var/log': file(long.bytes.toString()) });
  assert.equal(await kept(store, 'one', long.digest), null);
  await store.putContent([]);
  await store.putContent([long, keyed(''), long]);
  await store.putContent([long]);
  assert.equal(await kept(store, 'two', long.digest), long.bytes.toString());
  assert.equal(await kept(store, 'one', keyed('').digest), '');
  await store.close();
  const { rows, bytes } = tableOf(location);
  assert.equal(rows, 2);
  assert.ok(bytes < long.bytes.length / 20);
});

test('whatever the bytes are, they come back', async () => {
  const store = await openStore(':memory:', { mode: 'write' });
  await save(store, 'one', { a: file('a') });
  const artifact = (await store.read('one')).artifacts[0]!;
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
      const content = keyed(bytes);
      await store.putContent([content]);
      const back = await artifact.content!(Buffer.from(content.digest, 'hex'));
      assert.deepEqual(Buffer.from(back!), content.bytes);
    }),
    { numRuns: 100 },
  );
  await store.close();
});

test('bytes under the digest of others are refused, and nothing of the batch is kept', async () => {
  const store = await openStore(':memory:', { mode: 'write' });
  await save(store, 'one', { a: file('a') });
  const wrong = { digest: keyed('a').digest, bytes: Buffer.from('b') };
  await assert.rejects(store.putContent([keyed('c'), wrong]));
  assert.equal(await kept(store, 'one', keyed('a').digest), null);
  assert.equal(await kept(store, 'one', keyed('c').digest), null);
  await store.close();
});

test('bytes go with the last build that has them', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'one', { a: file('a'), b: file('b') });
  await save(store, 'two', { 'x/b': file('b'), c: file('c') });
  await store.putContent(['a', 'b', 'c'].map(keyed));
  await store.remove(['one']);
  assert.equal(await kept(store, 'two', keyed('a').digest), null);
  assert.equal(await kept(store, 'two', keyed('b').digest), 'b');
  await save(store, 'two', { b: file('b') }, { replace: true });
  assert.equal(await kept(store, 'two', keyed('c').digest), null);
  await store.remove(['two']);
  await store.close();
  assert.equal(tableOf(location).rows, 0);
});

test('an import takes the bytes of the builds it takes, and no others', async (t) => {
  const folder = tempFolder(t);
  const from = await openStore(join(folder, 'from.db'), { mode: 'write' });
  await save(from, 'one', { a: file('a'), b: file('b'), c: file('c') });
  await from.putContent(['a', 'b', 'of no build'].map(keyed));
  const location = join(folder, 'into.db');
  const into = await openStore(location, { mode: 'write' });
  await save(into, 'own', { a: file('a') });
  await into.putContent([keyed('a')]);
  await into.importFrom(from);
  assert.equal(await kept(into, 'one', keyed('b').digest), 'b');
  assert.equal(await kept(into, 'one', keyed('c').digest), null);
  await from.close();
  await into.close();
  assert.equal(tableOf(location).rows, 2);
});

test('bytes that are no longer those that were kept are damage, also for an import', async (t) => {
  const folder = tempFolder(t);
  const location = join(folder, 's.db');
  const content = keyed('text '.repeat(100));
  for (const change of [
    "UPDATE content SET body = x'07'",
    "UPDATE content SET body = x'0161'",
    "UPDATE content SET body = x'00' || substr(body, 2)",
    "UPDATE content SET body = x''",
    'UPDATE content SET size = 3',
  ]) {
    const store = await openStore(location, { mode: 'write' });
    await save(store, 'one', { a: file(content.bytes.toString()) }, { replace: true });
    await store.putContent([content]);
    const database = new Database(location);
    database.exec(change);
    database.close();
    await assert.rejects(kept(store, 'one', content.digest), { code: 'STORE_DAMAGED' }, change);
    const into = await openStore(':memory:', { mode: 'write' });
    await assert.rejects(into.importFrom(store), { code: 'STORE_DAMAGED' }, change);
    await into.close();
    await store.remove(['one']);
    await store.close();
  }
});

test('a kill while bytes are kept leaves whole ones', async (t) => {
  const folder = tempFolder(t);
  const location = join(folder, 's.db');
  const all = contentOf(60, 30);
  const counts: number[] = [];
  for (let round = 0; round < 8; round++) {
    const writer = startWriter(location, 'new', 'seed', ['content', 'replace']);
    await writer.said('committed');
    await sleep(round * 15);
    writer.process.kill('SIGKILL');
    await writer.ended;
    const store = await openStore(location, { mode: 'read' });
    let count = 0;
    for (const { digest, bytes } of all) {
      const text = await kept(store, 'new', digest);
      if (text === null) continue;
      assert.equal(text, bytes.toString());
      count++;
    }
    await store.close();
    counts.push(count);
    assert.equal(count % 100, 0);
    const database = new Database(location);
    assert.equal(database.pragma('integrity_check', { simple: true }), 'ok');
    database.exec('DELETE FROM content');
    database.close();
  }
  assert.deepEqual(readdirSync(folder), ['s.db']);
  t.diagnostic(`kept before the kill: ${counts.join(', ')}`);
});

test(
  'a full disk ends in STORE_WRITE and leaves what was kept before',
  { skip: needsRoot() || needs('mount', 'umount') },
  async (t) => {
    const mount = tempFolder(t);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', mount]);
    try {
      const location = join(mount, 's.db');
      const store = await openStore(location, { mode: 'write' });
      await save(store, 'one', { ...wideTree(2, 2), a: file('a') });
      await store.putContent([keyed('a')]);
      const before = readFileSync(location);
      const large = [keyed('small'), keyed(randomBytes(700_000))];
      await assert.rejects(store.putContent(large), { code: 'STORE_WRITE' });
      assert.deepEqual(readFileSync(location), before);
      assert.equal(await kept(store, 'one', keyed('a').digest), 'a');
      assert.equal(await kept(store, 'one', keyed('small').digest), null);
      await store.putContent([keyed('small')]);
      await store.close();
      assert.ok(statSync(location).size > 0);
      assert.deepEqual(readdirSync(mount), ['s.db']);
    } finally {
      execFileSync('umount', ['-l', mount]);
    }
  },
);
