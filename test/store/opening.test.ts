import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';

import { openStore } from '../../src/store/index.js';
import { SCHEMA_VERSION } from '../../src/store/sqlite/schema.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { file, save, wideTree } from './sample-build.js';

const MODES = ['read', 'write'] as const;

async function storeWithOneBuild(location: string): Promise<void> {
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'one', wideTree(40, 20));
  await store.close();
}

test('a store that does not exist cannot be read, and reading makes no file', async (t) => {
  const folder = tempFolder(t);
  for (const name of ['s.db', 'no/such/folder/s.db'])
    await assert.rejects(openStore(join(folder, name), { mode: 'read' }), {
      code: 'STORE_MISSING',
    });
  assert.deepEqual(readdirSync(folder), []);
});

test('a store that does not exist yet lists no builds and knows none', async (t) => {
  const folder = tempFolder(t);
  const store = await openStore(join(folder, 's.db'), { mode: 'write' });
  assert.deepEqual(await store.builds(), []);
  await assert.rejects(store.read('one'), { code: 'BUILD_UNKNOWN' });
  await assert.rejects(store.remove(['one']), { code: 'BUILD_UNKNOWN' });
  await assert.rejects(store.setKeep('one', true), { code: 'BUILD_UNKNOWN' });
  await store.close();
  assert.deepEqual(readdirSync(folder), []);
});

test('a folder that is missing cannot be written', async (t) => {
  const location = join(tempFolder(t), 'missing', 's.db');
  await assert.rejects(openStore(location, { mode: 'write' }), { code: 'STORE_WRITE' });
});

test('what is no store is refused and left alone', async (t) => {
  const folder = tempFolder(t);
  const text = join(folder, 'text');
  writeFileSync(text, 'This is not a database, however long it may be.\n'.repeat(100));
  const short = join(folder, 'short');
  writeFileSync(short, 'x');
  const other = join(folder, 'other.db');
  new Database(other).exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)').close();
  const unnamed = join(folder, 'unnamed.db');
  new Database(unnamed).exec('CREATE TABLE t (x); DROP TABLE t').close();
  const wal = join(folder, 'wal.db');
  new Database(wal).exec('PRAGMA journal_mode = wal; CREATE TABLE t (x)').close();
  const names = readdirSync(folder);
  for (const location of [text, short, other, unnamed, wal]) {
    const before = readFileSync(location);
    for (const mode of MODES)
      await assert.rejects(openStore(location, { mode }), { code: 'STORE_FOREIGN' }, location);
    assert.deepEqual(readFileSync(location), before);
  }
  for (const mode of MODES)
    await assert.rejects(openStore(folder, { mode }), { code: 'STORE_FOREIGN' });
  assert.deepEqual(readdirSync(folder), names);
});

test('a store of a newer version is refused', async (t) => {
  const location = join(tempFolder(t), 's.db');
  await storeWithOneBuild(location);
  const database = new Database(location);
  database.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  database.close();
  for (const mode of MODES)
    await assert.rejects(openStore(location, { mode }), { code: 'STORE_NEWER' });
});

test('damage is called damage, wherever it is', async (t) => {
  const folder = tempFolder(t);
  const whole = join(folder, 's.db');
  await storeWithOneBuild(whole);
  const bytes = readFileSync(whole);
  const damagedBy = {
    truncated: bytes.subarray(0, bytes.length / 2),
    'within the header': bytes.subarray(0, 80),
    'first bytes': Buffer.concat([Buffer.alloc(16), bytes.subarray(16)]),
    'schema page': Buffer.concat([
      bytes.subarray(0, 100),
      Buffer.alloc(3996, 0x41),
      bytes.subarray(4096),
    ]),
  };
  for (const [how, content] of Object.entries(damagedBy)) {
    const location = join(folder, 'damaged.db');
    writeFileSync(location, content);
    for (const mode of MODES)
      await assert.rejects(
        openStore(location, { mode }),
        { code: 'STORE_DAMAGED' },
        `${how}, ${mode}`,
      );
  }
  const location = join(folder, 'pages.db');
  writeFileSync(
    location,
    Buffer.concat([bytes.subarray(0, 8192), Buffer.alloc(bytes.length - 8192, 0x5a)]),
  );
  await assert.rejects(
    async () => {
      const store = await openStore(location, { mode: 'read' });
      await store.builds();
      await store.read('one');
    },
    { code: 'STORE_DAMAGED' },
  );
});

test('names that are no build names are refused before anything is made', async (t) => {
  const folder = tempFolder(t);
  const store = await openStore(join(folder, 's.db'), { mode: 'write' });
  for (const name of ['', 'a b', 'a/b', 'é', 'a\n', '@latest'])
    await assert.rejects(store.begin(name, { replace: false, stream: 's' }), {
      code: 'BUILD_NAME_INVALID',
    });
  assert.deepEqual(readdirSync(folder), []);
});

const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

test(
  'an unprivileged reader in a read-only folder reads, leaves no file, and cannot write',
  { skip: needsRoot() || needs('setpriv') },
  async (t) => {
    const folder = tempFolder(t);
    chmodSync(folder, 0o755);
    const location = join(folder, 's.db');
    await storeWithOneBuild(location);
    chmodSync(location, 0o444);
    chmodSync(folder, 0o555);
    const index = new URL('../../src/store/index.js', import.meta.url).href;
    const script = `
      import { openStore } from ${JSON.stringify(index)};
      const store = await openStore(process.argv[1], { mode: 'read' });
      const reader = (await store.read('one')).artifacts[0];
      console.log((await store.builds()).length, (await reader.entries(reader.root.child)).length);
      await openStore(process.argv[1], { mode: 'write' }).catch((error) => console.log(error.code));
      await openStore(process.argv[1] + '2', { mode: 'write' }).catch((error) => console.log(error.code));
    `;
    const [command, ...options] = AS_NOBODY;
    const probe = spawnSync(command!, [
      ...options,
      process.execPath,
      '-e',
      `require('fs').statSync(${JSON.stringify(fileURLToPath(index))})`,
    ]);
    if (probe.status !== 0) return t.skip('the compiled tests cannot be read by nobody');
    const output = execFileSync(
      command!,
      [...options, process.execPath, '--input-type=module', '-e', script, location],
      { encoding: 'utf8' },
    );
    assert.equal(output, '1 1\nSTORE_WRITE\nSTORE_WRITE\n');
    assert.deepEqual(readdirSync(folder), ['s.db']);
    chmodSync(folder, 0o755);
  },
);

test('a file that was empty before becomes a store', async (t) => {
  const location = join(tempFolder(t), 's.db');
  writeFileSync(location, '');
  await assert.rejects(openStore(location, { mode: 'read' }), { code: 'STORE_MISSING' });
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'one', { a: file('a') });
  assert.equal((await store.builds()).length, 1);
  await store.close();
});
