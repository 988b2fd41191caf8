import assert from 'node:assert/strict';
import test from 'node:test';

import { diffTrees } from '../../helpers/diff-trees.js';
import { fact, facts } from '../../helpers/fact-builders.js';
import type { Node } from '../../helpers/memory-tree.js';

const DAY = 24 * 3600;
const NOON = Date.parse('2026-01-10T12:00:00Z') / 1000;

/** A file with one field of a time, and its mtime; both in seconds. */
const made = (content: string, mtime: number): Node => ({
  content,
  mtimeNs: BigInt(Math.round(mtime * 1000)) * 1_000_000n,
});
const field = (time: number) => facts('x', { facts: [fact('made', 'time', time)] });

/** What the field of `f` is held against, where the files have these times; `others`: mtimes of further files on either side. */
async function against(
  times: readonly [number, number],
  mtimes: readonly [number, number],
  others: readonly (readonly [number, number])[] = [],
): Promise<string> {
  const tree = (side: 0 | 1) => ({
    '': made('', 0),
    f: made(side === 0 ? 'a' : 'b', mtimes[side]),
    ...Object.fromEntries(others.map((pair, i) => [`o${i}`, made('same', pair[side])])),
  });
  const report = await diffTrees(tree(0), tree(1), {
    before: { facts: { a: field(times[0]) } },
    after: { facts: { b: field(times[1]) } },
  });
  const change = report.changes.find(({ path }) => path === 'f')!.explanation!.changes[0]!;
  return `${change.confidence} ${change.witness!.against}`;
}

test('a time is that of the file itself, to the second', async () => {
  const mtimes = [NOON + 0.25, NOON + 60.75] as const;
  assert.equal(await against([NOON, NOON + 60], mtimes), 'high mtime of the file');
  assert.equal(await against([NOON - 1, NOON + 60], mtimes), 'medium class: time');
  assert.equal(await against([NOON + 60, NOON], mtimes), 'medium class: time');
});

test('a time lies among the mtimes that its own tree has and the other has not', async () => {
  const mtimes = [NOON + 50, NOON + 150] as const;
  const others = [[NOON, NOON + 100] as const];
  const times = [NOON + 20, NOON + 130] as const;
  assert.equal(await against(times, mtimes, others), 'high mtimes that one tree has');
  assert.equal(await against([NOON - 20, NOON + 130], mtimes, others), 'medium class: time');
});

test('where the two builds overlap, their mtimes show nothing', async () => {
  const mtimes = [NOON + 50, NOON + 150] as const;
  assert.equal(
    await against([NOON + 20, NOON + 130], mtimes, [[NOON, NOON + 40]]),
    'medium class: time',
  );
});

test('mtimes of long before the build, and those that both sides have, show nothing', async () => {
  const mtimes = [NOON + 50, NOON + 150] as const;
  const times = [NOON + 20, NOON + 130] as const;
  const old = [NOON - 9 * DAY, NOON - 8 * DAY] as const;
  assert.equal(await against(times, mtimes, [old]), 'medium class: time');
  assert.equal(
    await against(times, mtimes, [old, [NOON, NOON + 100]]),
    'high mtimes that one tree has',
  );
  assert.equal(await against(times, mtimes, [[NOON, NOON]]), 'medium class: time');
});

test('a serial number is a time where it is that of the file, in 32 bits', async () => {
  const at = [NOON + 0.25, NOON + 60.75] as const;
  const serial = (seconds: number, part: number): number => (seconds % 4096) * 2 ** 20 + part;
  const cause = async (numbers: readonly [number, number]) => {
    const of = (value: number) => facts('vfat', { facts: [fact('BS_VolID', 'random', value)] });
    const report = await diffTrees(
      { f: made('a', at[0]) },
      { f: made('b', at[1]) },
      { before: { facts: { a: of(numbers[0]) } }, after: { facts: { b: of(numbers[1]) } } },
    );
    return report.changes.find(({ path }) => path === 'f')!.explanation!.changes[0]!.cause;
  };
  assert.equal(await cause([serial(NOON, 12), serial(NOON + 58, 999_999)]), 'time.field');
  assert.equal(await cause([serial(NOON, 12), serial(NOON + 30, 999_999)]), 'rand.hex');
  assert.equal(await cause([serial(NOON, 12), serial(NOON + 58, 1_000_001)]), 'rand.hex');
});
