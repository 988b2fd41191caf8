import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import Database from 'better-sqlite3';

import type { Entry } from '../../src/core/entry.js';
import { openStore } from '../../src/store/index.js';
import { tempFolder } from '../helpers/temp-tree.js';
import {
  complete,
  describe,
  file,
  mapTree,
  put,
  readTree,
  save,
  wideTree,
} from './sample-build.js';

test('builds are listed oldest first, of one stream or of all', async () => {
  const store = await openStore(':memory:', { mode: 'write' });
  for (const [name, stream] of [
    ['b', 's'],
    ['a', 't'],
    ['c', 's'],
  ] as const)
    await save(store, name, { [name]: file(name) }, { stream });
  assert.deepEqual(
    (await store.builds()).map(({ name }) => name),
    ['b', 'a', 'c'],
  );
  assert.deepEqual(
    (await store.builds('s')).map(({ name }) => name),
    ['b', 'c'],
  );
  assert.deepEqual(await store.builds('none'), []);
});

test('a summary tells what a list of builds shows', async () => {
  const store = await openStore(':memory:', { mode: 'write' });
  const artifact = await save(
    store,
    'one',
    { 'a/b': file('abc') },
    {
      diagnostics: [{ code: 'vanished', path: null, detail: 'gone' }],
    },
  );
  assert.deepEqual(await store.builds(), [
    {
      name: 'one',
      stream: 'main',
      startedAt: describe('one', 'main').facts.startedAt,
      keep: false,
      entryCount: 3,
      sizeBytes: 3,
      contentDigest: artifact.contentDigest,
      fullDigest: artifact.fullDigest,
      diagnosticCount: 1,
      editCount: 0,
      digests: Buffer.from(artifact.fullDigest).toString('hex'),
    },
  ]);
});

test('a build is found by its name or its place in a stream', async () => {
  const store = await openStore(':memory:', { mode: 'write' });
  for (const [name, stream] of [
    ['b', 's'],
    ['a', 't'],
    ['c', 's'],
  ] as const)
    await save(store, name, { [name]: file(name) }, { stream });
  const recent = async (stream: string | null, back: number): Promise<string> =>
    (await store.resolve({ kind: 'recent', stream, back })).name;
  assert.equal((await store.resolve({ kind: 'name', name: 'a' })).name, 'a');
  assert.equal(await recent(null, 0), 'c');
  assert.equal(await recent(null, 2), 'b');
  assert.equal(await recent('s', 1), 'b');
  assert.equal(await recent('t', 0), 'a');
  for (const [stream, back] of [
    ['s', 2],
    ['none', 0],
    [null, 3],
  ] as const)
    await assert.rejects(recent(stream, back), { code: 'BUILD_UNKNOWN' });
  await assert.rejects(store.resolve({ kind: 'name', name: 'd' }), { code: 'BUILD_UNKNOWN' });
  await assert.rejects(store.read('d'), { code: 'BUILD_UNKNOWN' });
});

test('a name that is taken is refused at once and again at the end', async () => {
  const store = await openStore(':memory:', { mode: 'write' });
  const early = await store.begin('one', { replace: false, stream: 's' });
  await save(store, 'one', { a: file('a') });
  await assert.rejects(store.begin('one', { replace: false, stream: 's' }), {
    code: 'BUILD_EXISTS',
  });
  assert.throws(() => put(early, { b: file('b') }), { code: 'BUILD_EXISTS' });
  await early.abort();
  assert.deepEqual(await readTree(store, 'one'), complete({ a: file('a') }));
});

test('a replaced build is gone once the new one is there, and not before', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'one', { a: file('old'), gone: file('gone') });
  await save(store, 'two', { a: file('two') });
  const writer = await store.begin('one', { replace: true, stream: 'main' });
  put(writer, { a: file('new') });
  assert.ok('gone' in (await readTree(store, 'one')));
  await writer.abort();
  assert.ok('gone' in (await readTree(store, 'one')));
  await save(store, 'one', { a: file('new') }, { replace: true });
  await save(store, 'fresh', { a: file('new') }, { replace: true });
  assert.deepEqual(await readTree(store, 'one'), complete({ a: file('new') }));
  assert.deepEqual(
    (await store.builds()).map(({ name }) => name),
    ['two', 'one', 'fresh'],
  );
  const database = new Database(location, { readonly: true });
  assert.equal(database.prepare("SELECT count(*) FROM entry WHERE name = 'gone'").pluck().get(), 0);
  database.close();
  await store.close();
});

test('builds marked to be kept stay marked until they are not', async () => {
  const store = await openStore(':memory:', { mode: 'write' });
  await save(store, 'one', { a: file('a') });
  await store.setKeep('one', true);
  assert.equal((await store.read('one')).build.keep, true);
  await store.setKeep('one', false);
  assert.equal((await store.builds())[0]?.keep, false);
  await assert.rejects(store.setKeep('two', true), { code: 'BUILD_UNKNOWN' });
});

test('removal takes what only those builds use, gives bytes back, and leaves the others whole', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  const base = wideTree(60, 20);
  const label = (value: string): Entry['xattrs'] => [{ name: 'security.selinux', value }];
  const trees = {
    base,
    changed: { ...base, 'usr/share/d3/dir-10/file-7': file('changed', { xattrs: label('x') }) },
    touched: mapTree(base, (path, entry) => ({
      ...entry,
      mtimeNs: entry.mtimeNs + BigInt(path.length),
    })),
    other: mapTree(wideTree(70, 20), (_path, entry) => ({ ...entry, xattrs: label('y') })),
  };
  const packages = [{ manager: 'rpm', name: 'p', version: '1', architecture: 'noarch' }];
  for (const [name, tree] of Object.entries(trees))
    await save(store, name, tree, { description: name === 'other' ? { packages } : {} });
  await assert.rejects(store.remove(['other', 'none']), { code: 'BUILD_UNKNOWN' });
  assert.equal((await store.builds()).length, 4);

  const before = statSync(location).size;
  const freed = await store.remove(['other', 'touched']);
  assert.equal(freed, before - statSync(location).size);
  assert.ok(freed > before / 3, `${freed} of ${before}`);
  assert.deepEqual(
    (await store.builds()).map(({ name }) => name),
    ['base', 'changed'],
  );
  for (const name of ['base', 'changed'] as const)
    assert.deepEqual(await readTree(store, name), complete(trees[name]));

  await store.remove(['base', 'changed']);
  const database = new Database(location, { readonly: true });
  for (const table of [
    'tree',
    'entry',
    'stamp',
    'xattr_set',
    'xattr',
    'build',
    'artifact',
    'diagnostic',
    'edit',
    'package',
  ])
    assert.equal(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), 0, table);
  database.close();
  await save(store, 'again', base);
  assert.deepEqual(await readTree(store, 'again'), complete(base));
  await store.close();
});

test('whoever reads a build that is removed meanwhile is told so', async (t) => {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  await save(store, 'one', wideTree(20, 5));
  const reader = (await store.read('one')).artifacts[0]!;
  await store.remove(['one']);
  await save(store, 'two', wideTree(30, 5));
  await assert.rejects(reader.entries(reader.root.child!), { code: 'BUILD_UNKNOWN' });
  await store.close();
});
