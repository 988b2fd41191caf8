import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import Database from 'better-sqlite3';

import type { Entry } from '../../src/core/entry.js';
import type { TreePath } from '../../src/core/path.js';
import type { TreeEntry, TreeRef } from '../../src/core/manifest.js';
import type { Store } from '../../src/store/define.js';
import { openStore } from '../../src/store/index.js';
import { tempFolder } from '../helpers/temp-tree.js';
import {
  complete,
  file,
  mapTree,
  readTree,
  save,
  SOME_TIME,
  wideTree,
  type Tree,
} from './sample-build.js';

/** A store whose rows can be counted. */
async function openCounted(
  t: TestContext,
): Promise<{ store: Store; rows: (table: string) => number; bytes: () => number }> {
  const location = join(tempFolder(t), 's.db');
  const store = await openStore(location, { mode: 'write' });
  t.after(() => store.close());
  const rows = (table: string): number => {
    const database = new Database(location, { readonly: true });
    try {
      return database.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
    } finally {
      database.close();
    }
  };
  return { store, rows, bytes: () => statSync(location).size };
}

const BASE = mapTree(wideTree(100, 30), (_path, entry) => entry);
const PATHS = Object.keys(BASE);

test('a build that is equal adds no rows but its own', async (t) => {
  const { store, rows, bytes } = await openCounted(t);
  await save(store, 'one', BASE);
  const before = [rows('tree'), rows('entry'), rows('stamp'), bytes()];
  await save(store, 'two', BASE);
  await save(store, 'other', BASE, { stream: 'other' });
  assert.deepEqual([rows('tree'), rows('entry'), rows('stamp'), bytes()], before);
  assert.equal(rows('stamp'), 0);
});

test('one changed file adds its row and those of the directories above it', async (t) => {
  const { store, rows } = await openCounted(t);
  await save(store, 'one', BASE);
  const [trees, entries] = [rows('tree'), rows('entry')];
  const path = 'usr/share/d3/dir-10/file-7';
  await save(store, 'two', { ...BASE, [path]: file('changed') });
  // usr, share, d3, dir-10 and the root listing, and the directory above the root.
  assert.equal(rows('tree') - trees, 6);
  assert.equal(rows('entry') - entries, 6);
  assert.equal(rows('stamp'), 0);
});

test('fifty scattered changes add a few kilobytes', async (t) => {
  const { store, bytes } = await openCounted(t);
  await save(store, 'one', BASE);
  const before = bytes();
  const files = PATHS.filter((path) => path.includes('file-'));
  const changed: Record<string, Entry> = { ...BASE };
  for (let i = 0; i < 50; i++) changed[files[(i * 59) % files.length]!] = file(`changed ${i}`);
  await save(store, 'two', changed);
  assert.ok(bytes() - before <= 40_000, `${bytes() - before} bytes`);
  assert.deepEqual(await readTree(store, 'two'), complete(changed));
});

test('when every time becomes the same one, one stamp says so', async (t) => {
  const { store, rows, bytes } = await openCounted(t);
  await save(store, 'one', BASE);
  const before = [rows('tree'), rows('entry'), bytes()];
  const touched = mapTree(BASE, (_path, entry) => ({ ...entry, mtimeNs: SOME_TIME + 5n }));
  await save(store, 'two', touched);
  assert.deepEqual([rows('tree'), rows('entry'), rows('stamp')], [before[0], before[1], 1]);
  assert.deepEqual(await readTree(store, 'two'), complete(touched));
  await save(store, 'three', touched);
  assert.equal(rows('stamp'), 1);
  assert.equal(bytes(), before[2]);
});

test('when every time becomes another one, times alone are added, once', async (t) => {
  const { store, rows, bytes } = await openCounted(t);
  await save(store, 'one', BASE);
  const [trees, entries, size] = [rows('tree'), rows('entry'), bytes()];
  let next = SOME_TIME;
  const copied = mapTree(BASE, (_path, entry) => ({ ...entry, mtimeNs: (next += 123_457n) }));
  await save(store, 'two', copied);
  assert.deepEqual([rows('tree'), rows('entry')], [trees, entries]);
  assert.ok(bytes() - size <= 8 * entries, `${bytes() - size} bytes for ${entries} entries`);
  const stamps = rows('stamp');
  await save(store, 'three', copied);
  assert.equal(rows('stamp'), stamps);
  // A change on top leaves the rows of the unchanged entries to be shared, whose times are not these.
  const path = 'usr/share/d3/dir-10/file-7';
  const changed = { ...copied, [path]: file('changed', { mtimeNs: next }) };
  await save(store, 'four', changed);
  assert.equal(rows('entry') - entries, 6);
  for (const [name, tree] of Object.entries({
    one: BASE,
    two: copied,
    three: copied,
    four: changed,
  }))
    assert.deepEqual(await readTree(store, name), complete(tree), name);
});

test('what is left out as equal is the same from both sides, and nothing else is left out', async (t) => {
  const { store } = await openCounted(t);
  const gone = 'usr/share/d1/dir-1/file-0';
  const { [gone]: _gone, ...less } = BASE;
  const builds: Record<string, Tree> = {
    base: BASE,
    changed: {
      ...less,
      'usr/share/d3/dir-10/file-7': file('changed'),
      'usr/share/d3/dir-10/new': file('new'),
    },
    touched: mapTree(BASE, (path, entry) =>
      path.endsWith('-3') ? { ...entry, mtimeNs: entry.mtimeNs + 1n } : entry,
    ),
    uniform: mapTree(BASE, (_path, entry) => ({ ...entry, mtimeNs: SOME_TIME })),
  };
  for (const [name, tree] of Object.entries(builds)) await save(store, name, tree);
  for (const a of Object.keys(builds))
    for (const b of Object.keys(builds)) {
      const [trimmed, whole] = [
        await differences(store, a, b, true),
        await differences(store, a, b, false),
      ];
      assert.deepEqual(trimmed.differing, whole.differing, `${a} ${b}`);
      assert.equal(trimmed.differing.length === 0, a === b);
      if (a === 'base' && b === 'changed') assert.ok(trimmed.read < 40, `${trimmed.read} read`);
    }
});

/** Paths that differ, by a merge of both sides as a diff does it, and how many entries that had to look at. */
async function differences(
  store: Store,
  a: string,
  b: string,
  isTrimmed: boolean,
): Promise<{ differing: string[]; read: number }> {
  const [before, after] = [
    (await store.read(a)).artifacts[0]!,
    (await store.read(b)).artifacts[0]!,
  ];
  const differing: string[] = [];
  let read = 0;
  const compare = async (path: string, x: TreeRef, y: TreeRef): Promise<void> => {
    if (x.identity === y.identity) return;
    const [old, now] = isTrimmed
      ? [await before.entriesUnlike!(x, y), await after.entriesUnlike!(y, x)]
      : [await before.entries(x), await after.entries(y)];
    read += old.length + now.length;
    const olds = new Map(old.map((entry) => [entry.entry.name, entry]));
    const news = new Map(now.map((entry) => [entry.entry.name, entry]));
    for (const name of new Set([...olds.keys(), ...news.keys()])) {
      const [p, q] = [olds.get(name), news.get(name)];
      if (!isSame(p, q)) differing.push(`${path}/${name}`);
      if (p?.child && q?.child) await compare(`${path}/${name}`, p.child, q.child);
    }
  };
  await compare('', before.root.child!, after.root.child!);
  return { differing: differing.toSorted(), read };
}

function isSame(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const key = ({ entry }: TreeEntry): string =>
    `${entry.mtimeNs} ${entry.sha256?.toString()} ${entry.mode}`;
  return key(a) === key(b);
}

test('the names of an inode are found wherever they are', async () => {
  const store = await openStore(':memory:', { mode: 'write' });
  const link = 'a\xff' as TreePath;
  await save(store, 'one', {
    'a\xff': file('x', { link }),
    'b/\xe9/a': file('x', { link }),
    'b/c': file('x', { link }),
    'other/a': file('x'),
    'p/1': file('y', { link: 'p/1' as TreePath }),
    'p/2': file('y', { link: 'p/1' as TreePath }),
  });
  const reader = (await store.read('one')).artifacts[0]!;
  assert.deepEqual(await reader.linkSet!(link), ['a\xff', 'b/c', 'b/\xe9/a']);
  assert.deepEqual(await reader.linkSet!('p/1' as TreePath), ['p/1', 'p/2']);
  assert.deepEqual(await reader.linkSet!('other/a' as TreePath), []);
});

test('a directory whose rows would be scattered is written anew in one piece', async (t) => {
  const { store, rows } = await openCounted(t);
  const names = Array.from({ length: 300 }, (_, i) => `d/file-${String(i).padStart(3, '0')}`);
  const tree: Tree = Object.fromEntries(names.map((name) => [name, file(name)]));
  await save(store, 'one', tree);
  const changeEvery = (n: number): Tree => ({
    ...tree,
    ...Object.fromEntries(names.filter((_, i) => i % n === 0).map((name) => [name, file(`${n}`)])),
  });
  const before = rows('entry');
  await save(store, 'few', changeEvery(10));
  assert.equal(rows('entry') - before, 30 + 2);
  await save(store, 'many', changeEvery(2));
  assert.equal(rows('entry') - before, 30 + 2 + 300 + 2);
  assert.deepEqual(await readTree(store, 'many'), complete(changeEvery(2)));
  assert.deepEqual(await readTree(store, 'few'), complete(changeEvery(10)));
});
