/** Differences that other tools were seen to miss or to call something else; each has to be found and named here. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  lutimesSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';

import type { ExplainedChange } from '../../src/core/explanation.js';
import type { Report } from '../../src/core/report.js';
import { cpioArchive } from '../formats/build-cpio.js';
import { needs, needsRoot } from '../helpers/oracle.js';
import { MADE, recordedPair } from '../helpers/recorded-pair.js';
import { tempTree } from '../helpers/temp-tree.js';

type Flip = (root: string) => void;

/** Two trees of a few entries, of which one is changed. */
function flipped(t: TestContext, flip: Flip): Promise<Report> {
  const files = { file: 'one', other: 'one', third: 'one', link: { link: 'file' }, folder: null };
  const roots = { before: tempTree(t, files), after: tempTree(t, files) };
  const times = (root: string): void => {
    for (const name of ['folder', '.']) utimesSync(join(root, name), 1, 1);
    lutimesSync(join(root, 'link'), 1, 1);
  };
  for (const root of Object.values(roots)) {
    linkSync(join(root, 'file'), join(root, 'hard'));
    times(root);
  }
  const { atime, mtime } = { atime: 1577836800, mtime: 1577836800 };
  flip(roots.after);
  if (flip !== touch)
    for (const name of ['file', 'other']) utimesSync(join(roots.after, name), atime, mtime);
  times(roots.after);
  return recordedPair(t, roots);
}

const touch: Flip = (root) => utimesSync(join(root, 'other'), 1577836801, 1577836801);
const setfattr =
  (value: string): Flip =>
  (root) =>
    void execFileSync('setfattr', ['-n', 'user.test', '-v', value, join(root, 'other')]);

const FLIPS: readonly (readonly [string, Flip, string | false])[] = [
  ['content', (root) => writeFileSync(join(root, 'other'), 'two'), false],
  ['mode', (root) => chmodSync(join(root, 'other'), 0o4755), false],
  ['mtime', touch, false],
  ['uid', (root) => chownSync(join(root, 'other'), 1, 0), needsRoot()],
  ['gid', (root) => chownSync(join(root, 'other'), 0, 1), needsRoot()],
  ['xattr', setfattr('0x00ff00fe'), needs('setfattr')],
  [
    'target',
    (root) => {
      rmSync(join(root, 'link'));
      symlinkSync('other', join(root, 'link'));
    },
    false,
  ],
  [
    'type',
    (root) => {
      rmSync(join(root, 'link'));
      copyFileSync(join(root, 'file'), join(root, 'link'));
    },
    false,
  ],
  [
    'links',
    (root) => {
      rmSync(join(root, 'hard'));
      copyFileSync(join(root, 'file'), join(root, 'hard'));
      utimesSync(join(root, 'hard'), 1577836800, 1577836800);
    },
    false,
  ],
];

test('two trees that were made alike are the same', async (t) => {
  assert.equal((await flipped(t, () => {})).verdict, 'same');
});

for (const [attribute, flip, skip] of FLIPS)
  test(`${attribute}, flipped alone, is a difference`, { skip }, async (t) => {
    const { verdict, changes } = await flipped(t, flip);
    assert.equal(verdict, 'different');
    const found = new Set(
      changes.flatMap(({ attributes }) => attributes.map((each) => each.attribute)),
    );
    assert.ok(found.has(attribute as never), [...found].join());
  });

test(
  'a binary value of an xattr that changes is a difference',
  { skip: needs('setfattr') },
  async (t) => {
    const roots = { before: tempTree(t, { other: 'x' }), after: tempTree(t, { other: 'x' }) };
    setfattr('0x00ff00fe')(roots.before);
    setfattr('0x00ff00fd')(roots.after);
    for (const root of Object.values(roots)) utimesSync(root, 1, 1);
    const { changes } = await recordedPair(t, roots);
    assert.deepEqual(
      changes.map(({ path, attributes }) => [path, attributes.map(({ name }) => name)]),
      [['other', ['user.test']]],
    );
  },
);

test('a date is one wherever blocks begin and end', async (t) => {
  for (const at of [4090, 4096 - 19, 65_530, 262_140]) {
    const of = (side: 'before' | 'after'): Buffer => {
      const bytes = Buffer.alloc(300_000, 1);
      bytes.write(new Date(MADE[side] * 1000).toISOString().replace('.000', ''), at, 'latin1');
      return bytes;
    };
    const [change, ...others] = (await changesIn(t, 'f.bin', of)).map(told);
    assert.match(change!, /time\.text high$/, String(at));
    assert.deepEqual(others, [], String(at));
  }
});

test(
  'members in another order are an order, and nothing else',
  { skip: needs('tar', 'zip') },
  async (t) => {
    const archive =
      (program: string, ...args: readonly string[]) =>
      (side: 'before' | 'after'): Buffer => {
        const root = tempTree(t, { a: 'first', b: 'second', c: 'third' });
        const names = side === 'before' ? ['a', 'b', 'c'] : ['c', 'a', 'b'];
        execFileSync(program, [...args, ...names], { cwd: root });
        return readFileSync(join(root, args.at(-1)!));
      };
    const tar = await changesIn(t, 'x.tar', archive('tar', '-cf', 'x'));
    assert.deepEqual(tar.map(told), ['order order.member medium']);
    const zip = await changesIn(t, 'x.zip', archive('zip', '-qX', 'x.zip'));
    assert.deepEqual(zip.filter(({ follows }) => follows === null).map(told), [
      'order order.member medium',
    ]);
  },
);

test('segments and members behind padding are seen', async (t) => {
  const zeros = Buffer.alloc(512);
  const cpio = (name: string, mtime: number): Buffer =>
    cpioArchive('newc', [{ name, mtime, data: 'x' }], 512);
  const image = (side: 'before' | 'after'): Buffer =>
    Buffer.concat([
      cpio('early', 1),
      zeros,
      gzipSync(cpio('main', 1)),
      zeros,
      gzipSync(cpio('appended', MADE[side])),
    ]);
  const found = await changesIn(t, 'boot/initrd.img', image);
  assert.deepEqual(found.filter(({ follows }) => follows === null).map(told), [
    'appended mtime time.field high',
  ]);
  const gzip = (side: 'before' | 'after'): Buffer => {
    const second = gzipSync('second');
    second.writeUInt32LE(MADE[side], 4);
    return Buffer.concat([gzipSync('first'), zeros, second]);
  };
  assert.deepEqual((await changesIn(t, 'x.gz', gzip)).map(told), [
    'members 2 MTIME time.field high',
  ]);
});

async function changesIn(
  t: TestContext,
  path: string,
  bytes: (side: 'before' | 'after') => Uint8Array,
): Promise<readonly ExplainedChange[]> {
  const roots = {
    before: tempTree(t, { [path]: bytes('before') }),
    after: tempTree(t, { [path]: bytes('after') }),
  };
  const report = await recordedPair(t, roots);
  return report.changes.find((change) => change.path === path)!.explanation!.changes;
}

function told({ chain, field, cause, confidence }: ExplainedChange): string {
  return [...chain, field, cause, confidence].join(' ');
}
