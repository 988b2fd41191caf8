import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import Database from 'better-sqlite3';

import { openStore } from '../../src/store/index.js';
import { tempFolder } from '../helpers/temp-tree.js';
import {
  complete,
  describe,
  file,
  mapTree,
  readTree,
  save,
  wideTree,
  type SaveOptions,
  type Tree,
} from './sample-build.js';
import type { TreePath } from '../../src/core/path.js';

const BASE: Tree = {
  ...wideTree(10, 6),
  'bin/a': file('linked', { link: 'bin/a' as TreePath }),
  'bin/b': file('linked', { link: 'bin/a' as TreePath }),
  'etc/\xff': file('odd', { xattrs: [{ name: 'user.x', value: '\0\xff' }] }),
};
const TOUCHED = mapTree(BASE, (path, entry) => ({
  ...entry,
  mtimeNs: entry.mtimeNs + BigInt(path.length),
}));

const startedAt = (time: string): SaveOptions => ({
  description: { facts: { ...describe('', '').facts, startedAt: time } },
});

test('builds of another store are taken over whole, once', async (t) => {
  const folder = tempFolder(t);
  const from = await openStore(join(folder, 'from.db'), { mode: 'write' });
  await save(from, 'one', BASE, {
    diagnostics: [{ code: 'unreadable', path: 'etc/x' as TreePath, detail: 'EACCES' }],
    description: {
      packages: [{ manager: 'rpm', name: 'p', version: '1', architecture: 'noarch' }],
    },
  });
  await save(from, 'two', TOUCHED);
  await save(from, 'three', { ...TOUCHED, new: file('new') });
  await from.setKeep('two', true);

  const location = join(folder, 'into.db');
  const into = await openStore(location, { mode: 'write' });
  await save(into, 'own', { a: file('a') });
  assert.deepEqual(await into.importFrom(from), { imported: ['one', 'two', 'three'], skipped: [] });
  for (const name of ['one', 'two', 'three']) {
    assert.deepEqual(await readTree(into, name), await readTree(from, name));
    assert.deepEqual((await into.read(name)).build, (await from.read(name)).build);
  }
  const size = statSync(location);
  assert.deepEqual(await into.importFrom(from), { imported: [], skipped: ['one', 'two', 'three'] });
  assert.equal(statSync(location).mtimeMs, size.mtimeMs);
  await save(from, 'four', BASE);
  assert.deepEqual((await into.importFrom(from)).imported, ['four']);
  await from.close();
  await into.close();
});

test('an import of a clashing name writes nothing at all', async (t) => {
  const folder = tempFolder(t);
  const from = await openStore(join(folder, 'from.db'), { mode: 'write' });
  await save(from, 'free', BASE);
  await save(from, 'taken', BASE);
  const into = await openStore(join(folder, 'into.db'), { mode: 'write' });
  await save(into, 'taken', { ...BASE, more: file('more') });
  await assert.rejects(into.importFrom(from), { code: 'BUILD_EXISTS' });
  assert.deepEqual(
    (await into.builds()).map(({ name }) => name),
    ['taken'],
  );
  await from.close();
  await into.close();
});

test('an import into a store that does not exist makes it', async (t) => {
  const folder = tempFolder(t);
  const from = await openStore(':memory:', { mode: 'write' });
  const into = await openStore(join(folder, 'into.db'), { mode: 'write' });
  assert.deepEqual(await into.importFrom(from), { imported: [], skipped: [] });
  assert.equal(existsSync(into.location), false);
  await save(from, 'one', BASE);
  await into.importFrom(from);
  assert.deepEqual(await readTree(into, 'one'), complete(BASE));
  await into.close();
});

test('imported builds take their place by the time they were started', async () => {
  const from = await openStore(':memory:', { mode: 'write' });
  const into = await openStore(':memory:', { mode: 'write' });
  await save(into, 'monday', BASE, startedAt('2026-01-05T00:00:00.000Z'));
  await save(into, 'wednesday', BASE, startedAt('2026-01-07T00:00:00.000Z'));
  await save(from, 'sunday', BASE, startedAt('2026-01-04T00:00:00.000Z'));
  await save(from, 'tuesday', BASE, startedAt('2026-01-06T00:00:00.000Z'));
  await save(from, 'thursday', BASE, startedAt('2026-01-08T00:00:00.000Z'));
  await into.importFrom(from);
  assert.deepEqual(
    (await into.builds()).map(({ name }) => name),
    ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday'],
  );
});

test('a build whose digests do not fit its entries is not taken over', async (t) => {
  const folder = tempFolder(t);
  const from = await openStore(join(folder, 'from.db'), { mode: 'write' });
  await save(from, 'one', BASE);
  const database = new Database(from.location);
  database.exec("UPDATE entry SET mode = mode | 2048 WHERE name = 'a'");
  database.close();
  const into = await openStore(join(folder, 'into.db'), { mode: 'write' });
  await assert.rejects(into.importFrom(from), { code: 'STORE_DAMAGED' });
  assert.deepEqual(await into.builds(), []);
  assert.equal(existsSync(into.location), false);
  await from.close();
  await into.close();
});
