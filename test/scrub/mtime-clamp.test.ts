import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { AT_FDCWD, nativeCalls } from '../../src/fs/native.js';
import { readPycTimestamp } from '../../src/formats/pyc.js';
import { listTree } from '../helpers/list-tree.js';
import { needs } from '../helpers/oracle.js';
import { tempTree } from '../helpers/temp-tree.js';
import { EPOCH_NS, plan, scrub, type ScrubOptions } from './support.js';

const CLAMP = ['mtime-clamp'];
const SECOND = 1_000_000_000n;
const LATE = EPOCH_NS + 1000n * SECOND;

function touch(root: string, name: string, ns: bigint): void {
  assert.equal(nativeCalls()!.setMtimeAt(AT_FDCWD, name === '' ? root : join(root, name), ns), 0);
}

async function clamped(root: string, options: ScrubOptions = {}): Promise<readonly string[]> {
  const planned = await plan(root, { only: CLAMP, ...options });
  return planned.edits.map(({ edit }) => edit.path);
}

test('later times become SOURCE_DATE_EPOCH, earlier ones stay to the nanosecond', async (t) => {
  const root = tempTree(t, {
    'd/f': 'x',
    'd/l': { link: 'f' },
    'd/early': 'x',
    'd/negative': 'x',
    'd/exact': 'x',
    'd/just': 'x',
  });
  touch(root, 'd/early', 123_456_789n);
  touch(root, 'd/negative', -5n * SECOND - 7n);
  touch(root, 'd/exact', EPOCH_NS);
  touch(root, 'd/just', EPOCH_NS + 1n);
  touch(root, 'd/f', LATE);
  const { result } = await scrub(root, { only: CLAMP });
  assert.deepEqual(result.diagnostics, []);
  const tree = listTree(root);
  const times = ['', 'd', 'd/f', 'd/l', 'd/just', 'd/exact', 'd/early', 'd/negative'].map(
    (name) => tree.get(name)!.mtimeNs,
  );
  assert.deepEqual(times, [
    EPOCH_NS,
    EPOCH_NS,
    EPOCH_NS,
    EPOCH_NS,
    EPOCH_NS,
    EPOCH_NS,
    123_456_789n,
    -5n * SECOND - 7n,
  ]);
  assert.equal(result.applied.find(({ path }) => path === 'd/f')!.oldMtimeNs, LATE);
  assert.deepEqual(await clamped(root), []);
});

test('directories that other rules empty are clamped, what they remove is not planned twice', async (t) => {
  const root = tempTree(t, {
    'var/log/dpkg.log': 'x',
    'lib/__pycache__/m.pyc': 'x',
    'lib/m.py': '',
  });
  touch(root, 'lib/m.py', LATE);
  touch(root, 'var/log/dpkg.log', LATE);
  const { plan: planned, result } = await scrub(root);
  assert.deepEqual(result.diagnostics, []);
  assert.deepEqual(
    planned.edits.filter(({ edit }) => edit.kind === 'set-mtime').map(({ edit }) => edit.path),
    ['lib/m.py', 'lib', 'var/log', 'var', ''],
  );
  for (const [name, entry] of listTree(root)) assert.ok(entry.mtimeNs <= EPOCH_NS, name);
});

test('a file keeps the time that its package recorded; a directory does not', async (t) => {
  const root = tempTree(t, { 'd/same': 'x', 'd/other': 'x' });
  for (const name of ['d/same', 'd/other', 'd', '']) touch(root, name, LATE + 5n);
  const recorded = Number(LATE / SECOND);
  const ownership = {
    owned: ['d/same', 'd/other', 'd'],
    mtimes: { 'd/same': recorded, 'd/other': recorded - 1, d: recorded },
  };
  assert.deepEqual(await clamped(root, { ownership }), ['d/other', 'd', '']);
});

test('with layout ostree the root directory alone is clamped', async (t) => {
  const root = tempTree(t, { 'd/f': 'x' });
  assert.deepEqual(await clamped(root, { layout: 'ostree' }), ['']);
  assert.deepEqual((await clamped(root, { layout: 'bootc' })).length, 2);
});

test('names of one inode are clamped once', async (t) => {
  const root = tempTree(t, { 'a/f': 'x', 'b/x': 'x' });
  linkSync(join(root, 'a/f'), join(root, 'b/f'));
  touch(root, 'a/f', LATE);
  assert.deepEqual(await clamped(root), ['a/f', 'a', 'b', '']);
  await scrub(root, { only: CLAMP });
  const tree = listTree(root);
  assert.equal(tree.get('a/f')!.ino, tree.get('b/f')!.ino);
  assert.deepEqual(await clamped(root), []);
});

/** A compiled module of Python 3.11. */
function pyc(flags: number, mtime: number, size: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0a0d0da7, true);
  view.setUint32(4, flags, true);
  view.setUint32(8, mtime, true);
  view.setUint32(12, size, true);
  return bytes;
}

test('a source keeps the time that a compiled module which stays was made for', async (t) => {
  const seconds = Number(LATE / SECOND);
  const cases: readonly (readonly [string, string, Uint8Array, boolean])[] = [
    ['valid', '__pycache__/m.cpython-311.pyc', pyc(0, seconds, 3), true],
    ['optimised', '__pycache__/m.cpython-311.opt-2.pyc', pyc(0, seconds, 3), true],
    ['beside it', 'm.pyc', pyc(0, seconds, 3), true],
    ['of another time', '__pycache__/m.cpython-311.pyc', pyc(0, seconds - 1, 3), false],
    ['of another size', '__pycache__/m.cpython-311.pyc', pyc(0, seconds, 4), false],
    ['by hash', '__pycache__/m.cpython-311.pyc', pyc(3, seconds, 3), false],
    ['cut off', '__pycache__/m.cpython-311.pyc', pyc(0, seconds, 3).slice(0, 15), false],
    ['of another module', '__pycache__/mm.cpython-311.pyc', pyc(0, seconds, 3), false],
  ];
  for (const [what, name, bytes, stays] of cases) {
    const root = tempTree(t, { 'd/m.py': 'x=1', [`d/${name}`]: bytes });
    touch(root, 'd/m.py', LATE);
    assert.equal((await clamped(root)).includes('d/m.py'), !stays, what);
    // The module goes: nothing depends on the time any more.
    const both = await plan(root, { only: ['pyc-all', 'mtime-clamp'] });
    assert.ok(
      both.edits.some(({ edit }) => edit.kind === 'set-mtime' && edit.path === 'd/m.py'),
      what,
    );
  }
});

test(
  'Python finds its modules up to date after a clamp that leaves them',
  { skip: needs('python3') },
  async (t) => {
    const root = tempTree(t, { 'pkg/a.py': 'A = 1\n', 'pkg/B.py': 'B = 2\n' });
    for (const name of ['pkg/a.py', 'pkg/B.py']) touch(root, name, LATE + 999n);
    execFileSync('python3', ['-m', 'compileall', '-q', join(root, 'pkg')], {
      env: { PATH: process.env['PATH'] },
    });
    const ownership = {
      owned: readdirSync(join(root, 'pkg/__pycache__')).map((name) => `pkg/__pycache__/${name}`),
    };
    await scrub(root, { ownership });
    const probe = [
      'import os, sys, importlib.util as util',
      'from importlib._bootstrap_external import _classify_pyc, _validate_timestamp_pyc',
      'for source in sys.argv[1:]:',
      '    data = open(util.cache_from_source(source), "rb").read()',
      '    _classify_pyc(data, "m", {})',
      '    stat = os.stat(source)',
      '    _validate_timestamp_pyc(data, int(stat.st_mtime), stat.st_size, "m", {})',
      'print("valid")',
    ].join('\n');
    const sources = ['a.py', 'B.py'].map((name) => join(root, 'pkg', name));
    assert.equal(execFileSync('python3', ['-c', probe, ...sources]).toString(), 'valid\n');
  },
);

test('headers of all generations of Python are told apart, at every length', () => {
  const header = (magic: number, words: readonly number[]): Uint8Array => {
    const bytes = new Uint8Array(4 + 4 * words.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, magic, true);
    view.setUint16(2, 0x0a0d, true);
    words.forEach((word, i) => view.setUint32(4 + 4 * i, word, true));
    return bytes;
  };
  assert.deepEqual(readPycTimestamp(header(3495, [0, 7, 9])), { sourceMtime: 7, sourceSize: 9 });
  assert.deepEqual(readPycTimestamp(header(3379, [7, 9])), { sourceMtime: 7, sourceSize: 9 });
  assert.deepEqual(readPycTimestamp(header(62211, [7])), { sourceMtime: 7, sourceSize: null });
  assert.equal(readPycTimestamp(header(3495, [1, 7, 9])), null);
  assert.equal(readPycTimestamp(header(3000, [7, 9])), null);
  const whole = header(3495, [0, 7, 9]);
  for (let length = 0; length < whole.length; length++)
    assert.equal(readPycTimestamp(whole.slice(0, length)), null);
  assert.equal(readPycTimestamp(Uint8Array.from(whole, (byte, i) => (i === 2 ? 0 : byte))), null);
});
