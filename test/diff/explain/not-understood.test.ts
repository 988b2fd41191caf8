import assert from 'node:assert/strict';
import test from 'node:test';

import type { FactProblem, FactKind } from '../../../src/core/facts.js';
import { isUnderstood, toldProblems } from '../../../src/diff/explain/not-understood.js';
import { compare, explain, fact, facts, part, row, table } from '../../helpers/fact-builders.js';

const DAMAGE: FactProblem = { offset: 8, detail: 'a cut member' };
const OTHER: FactProblem = { offset: 9, detail: 'a bad sum' };

/** A piece with a time that differs between `1` and `2`, and whatever else. */
const piece = (
  time: string,
  problems: readonly FactProblem[],
  more: readonly (readonly [FactKind, string])[] = [],
) =>
  facts('x', {
    facts: [
      fact('mtime', 'time', time),
      ...more.map(([kind, value], i) => fact(`f${i}`, kind, value)),
    ],
    problems,
  });

const CASES = [
  ['no problem at all', [], [], [], [], true],
  [
    'the same problem on both sides, and nothing beside it differs',
    [DAMAGE],
    [DAMAGE],
    [],
    [],
    true,
  ],
  ['one problem at two places', [DAMAGE], [{ ...DAMAGE, offset: 99 }], [], [], true],
  ['two problems in another order', [DAMAGE, OTHER], [OTHER, DAMAGE], [], [], true],
  ['a problem on one side', [DAMAGE], [], [], [], false],
  ['another problem on the other side', [DAMAGE], [OTHER], [], [], false],
  ['one more of the same', [DAMAGE], [DAMAGE, DAMAGE], [], [], false],
  [
    'bytes that differ beside the same problem',
    [DAMAGE],
    [DAMAGE],
    [['opaque', 'a']],
    [['opaque', 'b']],
    false,
  ],
  ['bytes that differ without a problem', [], [], [['opaque', 'a']], [['opaque', 'b']], true],
  ['compressed bytes that differ', [DAMAGE], [DAMAGE], [['stream', 'a']], [['stream', 'b']], false],
  ['padding that differs', [DAMAGE], [DAMAGE], [['slack', 'a']], [['slack', 'b']], false],
  ['a field that differs', [DAMAGE], [DAMAGE], [['owner', 'a']], [['owner', 'b']], true],
] as const satisfies readonly unknown[];

for (const [name, before, after, old, now, expected] of CASES)
  test(`${name}: ${expected ? '' : 'not '}understood`, async () => {
    const [a, b] = [piece('1', before, old), piece('2', after, now)];
    assert.equal(isUnderstood(await compare(a, b)), expected);
    if (!expected) assert.notEqual((await explain(a, b)).status, 'explained');
  });

test('a file is explained in part alone where a member of it was not understood on one side', async () => {
  const of = (bytes: string) =>
    facts('tar', { tables: [table('', { mtime: 'time' }, [row('a', [bytes], part(bytes, 'x'))])] });
  const known = (time: string, problems: readonly FactProblem[]) => ({
    [time]: piece(time, problems),
  });
  const status = async (problems: readonly FactProblem[]) =>
    (
      await explain(of('1'), of('2'), {
        before: known('1', [DAMAGE]),
        after: known('2', problems),
      })
    ).status;
  assert.equal(await status([DAMAGE]), 'explained');
  assert.equal(await status([]), 'partly');
});

test('bytes that differ in one member are not hidden by the problem of another', async () => {
  const of = (one: string, two: string) =>
    facts('tar', {
      tables: [table('', {}, [row('a', [], part(one, 'x')), row('b', [], part(two, 'x'))])],
    });
  const found = await compare(of('1', '3'), of('2', '4'), {
    before: { '1': piece('1', [DAMAGE]), '3': piece('3', [], [['opaque', 'a']]) },
    after: { '2': piece('2', [DAMAGE]), '4': piece('4', [], [['opaque', 'b']]) },
  });
  assert.ok(isUnderstood(found));
});

test('a problem of both sides is told once, with its place where that is one', async () => {
  const told = async (before: readonly FactProblem[], after: readonly FactProblem[]) =>
    toldProblems(await compare(piece('1', before), piece('2', after))).map(
      ({ side, offset, detail }) => [side, offset, detail],
    );
  assert.deepEqual(await told([DAMAGE], [DAMAGE]), [['both', 8, 'a cut member']]);
  assert.deepEqual(await told([DAMAGE], [{ ...DAMAGE, offset: 99 }]), [
    ['both', null, 'a cut member'],
  ]);
  assert.deepEqual(await told([DAMAGE], [OTHER]), [
    ['before', 8, 'a cut member'],
    ['after', 9, 'a bad sum'],
  ]);
});

test('of many problems the first few are told', async () => {
  const many = Array.from({ length: 500 }, (_, i) => ({ offset: i, detail: `problem ${i}` }));
  const told = toldProblems(await compare(piece('1', many), piece('2', [])));
  assert.ok(told.length > 0 && told.length <= 50);
  assert.equal(told[0]!.detail, 'problem 0');
});
