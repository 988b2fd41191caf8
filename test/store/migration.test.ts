/** Stores of earlier versions: read as they are, and brought up to date by the first writer. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import Database from 'better-sqlite3';

import type { TreePath } from '../../src/core/path.js';
import type { Store } from '../../src/store/define.js';
import { openStore } from '../../src/store/index.js';
import { tempFolder } from '../helpers/temp-tree.js';
import { complete, file, keyed, readTree, save, wideTree, type Tree } from './sample-build.js';
import { VERSION_1_SQL } from './version-1.sql.js';

const APPLICATION_ID = 0x52417564;
const TREE: Tree = {
  ...wideTree(5, 4),
  'etc/odd\xff': file('odd', { xattrs: [{ name: 'user.x', value: '\0\xff' }] }),
};
/** Tables of the first version and their columns. */
const LATER = ['listings'];

/** A store as the first version wrote it: its tables, with the rows that are the same today. */
async function writeVersion1(folder: string): Promise<string> {
  const today = join(folder, 'today.db');
  const store = await openStore(today, { mode: 'write' });
  await save(store, 'one', TREE, {
    diagnostics: [{ code: 'unreadable', path: 'etc/x' as TreePath, detail: 'EACCES' }],
    description: {
      packages: [{ manager: 'rpm', name: 'p', version: '1', architecture: 'noarch' }],
    },
  });
  await store.close();
  const location = join(folder, 'version-1.db');
  const database = new Database(location);
  database.exec(`DROP TABLE IF EXISTS counter; ${VERSION_1_SQL}`);
  database.exec('DELETE FROM counter');
  database.prepare('ATTACH ? AS today').run(today);
  const tables = database
    .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'")
    .pluck()
    .all() as string[];
  for (const table of tables) {
    const columns = (database.pragma(`main.table_info(${table})`) as { name: string }[])
      .map(({ name }) => name)
      .filter((name) => !LATER.includes(name))
      .join(', ');
    const only = table === 'counter' ? " WHERE name <> 'listing'" : '';
    database.exec(
      `INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM today.${table}${only}`,
    );
  }
  database.exec('DETACH today');
  database.pragma(`application_id = ${APPLICATION_ID}`);
  database.pragma('user_version = 1');
  database.close();
  return location;
}

const versionOf = (location: string): unknown => {
  const database = new Database(location, { readonly: true });
  const version: unknown = database.pragma('user_version', { simple: true });
  database.close();
  return version;
};

const artifactOf = async (store: Store, name: string) => (await store.read(name)).artifacts[0]!;

test('a store of version 1 is read as it is, without what it cannot have', async (t) => {
  const location = await writeVersion1(tempFolder(t));
  const bytes = readFileSync(location);
  const store = await openStore(location, { mode: 'read' });
  assert.deepEqual(await readTree(store, 'one'), complete(TREE));
  const artifact = await artifactOf(store, 'one');
  const digest = keyed('content of 0/0').digest;
  assert.equal(await artifact.content!(Buffer.from(digest, 'hex')), null);
  assert.deepEqual(await artifact.facts!(Buffer.from(digest, 'hex')), []);
  assert.deepEqual(await artifact.packageListings!(), []);
  assert.equal(await store.hasFacts(digest, 'text', 1), false);
  await store.close();
  assert.deepEqual(readFileSync(location), bytes);
});

test('the first writer brings a store of version 1 up to date, and nothing in it changes', async (t) => {
  const location = await writeVersion1(tempFolder(t));
  const store = await openStore(location, { mode: 'write' });
  const before = (await store.read('one')).build;
  const content = keyed('content of 0/0');
  await store.putContent([content]);
  assert.equal(versionOf(location), 2);
  const key = { bytes: new Uint8Array(32).fill(7) };
  assert.deepEqual(Buffer.from((await store.secretKey(key.bytes)).bytes), Buffer.from(key.bytes));
  await store.close();

  const again = await openStore(location, { mode: 'write' });
  assert.deepEqual((await again.read('one')).build, before);
  assert.deepEqual(await readTree(again, 'one'), complete(TREE));
  const { digest, bytes } = content;
  const artifact = await artifactOf(again, 'one');
  assert.deepEqual(await artifact.content!(Buffer.from(digest, 'hex')), bytes);
  await save(again, 'two', { ...TREE, new: file('new') });
  await again.remove(['one']);
  assert.deepEqual(await readTree(again, 'two'), complete({ ...TREE, new: file('new') }));
  const left = await artifactOf(again, 'two');
  assert.deepEqual(await left.content!(Buffer.from(digest, 'hex')), bytes);
  await again.close();
});

test('builds of a store of version 1 are imported', async (t) => {
  const location = await writeVersion1(tempFolder(t));
  const from = await openStore(location, { mode: 'read' });
  const into = await openStore(':memory:', { mode: 'write' });
  assert.deepEqual((await into.importFrom(from)).imported, ['one']);
  assert.deepEqual(await readTree(into, 'one'), complete(TREE));
  await from.close();
  await into.close();
});
