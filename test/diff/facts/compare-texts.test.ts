import assert from 'node:assert/strict';
import test from 'node:test';

import type { Facts } from '../../../src/core/facts.js';
import type { FactsComparison } from '../../../src/diff/facts/compare-facts.js';
import { compare, facts, text } from '../../helpers/fact-builders.js';

const places = ({ changes }: FactsComparison): string[] =>
  changes.map(({ piece, row: of, field, sort }) =>
    [...(of?.chain ?? piece.chain), field, sort === 'value' ? '' : `(${sort})`].join(' ').trim(),
  );

test('of a text the words that differ are told with their line', async () => {
  const found = await compare(
    facts('text', { content: text('one', 'built time=2026-01-02 here', 'three') }),
    facts('text', { content: text('one', 'built time=2026-02-02 here', 'three') }),
  );
  assert.deepEqual(
    found.changes.map(({ field, kind, before, after }) => [field, kind, before, after]),
    [['line 2', 'time', '2026-01-02', '2026-02-02']],
  );
});

test('lines in another order are one change', async () => {
  const found = await compare(
    facts('text', { content: text('a', 'b', 'c', 'd') }),
    facts('text', { content: text('d', 'b', 'c', 'a') }),
  );
  assert.deepEqual(places(found), ['order (order)']);
});

test('lines that came and went are told one by one', async () => {
  const found = await compare(
    facts('text', { content: text('a b c', 'x') }),
    facts('text', { content: text('x', 'd e', 'f') }),
  );
  assert.deepEqual(places(found), ['line 1 (line)', 'line 2 (line)', 'line 3 (line)']);
});

test('lines of another shape are paired where most of their words agree', async () => {
  const found = await compare(
    facts('text', { content: text('made on builder-3 for all') }),
    facts('text', { content: text('made on builder-7 for all') }),
  );
  assert.deepEqual(places(found), ['line 1']);
});

/** Of 4096 bytes each: `A` or, with another shape, `A/B`. */
function blocks(
  list: string,
  ...tokens: readonly (readonly [offset: number, value: string])[]
): Facts {
  const all = list.split(' ').map((word) => word.split('/'));
  return facts('blocks', {
    size: 4096 * all.length,
    content: {
      kind: 'blocks',
      rank: 0,
      blocks: all.map(([digest, shape]) => ({
        length: 4096,
        rank: 0,
        digest: digest!,
        shape: shape ?? digest!,
      })),
      tokens: tokens.map(([offset, value]) => ({
        kind: 'time',
        value,
        offset,
        length: 4,
        encoding: 'u32le',
      })),
    },
  });
}

const ranges = async (before: Facts, after: Facts) =>
  (await compare(before, after)).changes.map(
    ({ field, before: old, after: now, sort }) => `${field} ${old} ${now} ${sort}`,
  );

test('blocks that differ are merged to ranges, and values in them are told by offset', async () => {
  const found = await ranges(blocks('a b/B c d', [4100, '1']), blocks('a x/B y z', [4100, '2']));
  assert.deepEqual(found, [
    'bytes 4100-4103 1 2 value',
    'bytes 8192-16383 8192 bytes 8192 bytes range',
  ]);
});

test('what was inserted or removed is told by its place, and nothing behind it', async () => {
  const whole = blocks('a b c d');
  assert.deepEqual(await ranges(whole, blocks('a x b c d')), [
    'bytes 4096-8191 null 4096 bytes range',
  ]);
  assert.deepEqual(await ranges(whole, blocks('a b d')), [
    'bytes 8192-12287 4096 bytes null range',
  ]);
  assert.deepEqual(await ranges(whole, blocks('x y b c d')), [
    'bytes 0-4095 4096 bytes 8192 bytes range',
  ]);
  assert.deepEqual(await ranges(blocks('a b/B c', [4100, '1']), blocks('x a y/B c', [8196, '2'])), [
    'bytes 0-4095 null 4096 bytes range',
    'bytes 4100-4103 1 2 value',
  ]);
});

test('a value that only one side has is told where nothing else shows that a block differs', async () => {
  assert.deepEqual(await ranges(blocks('b/B', [0, '1'], [8, '5']), blocks('c/B', [0, '2'])), [
    'bytes 0-3 1 2 value',
    'bytes 8-11 5 null value',
  ]);
  // In blocks of another shape it may be chance.
  assert.deepEqual(await ranges(blocks('b', [8, '5']), blocks('c')), [
    'bytes 0-4095 4096 bytes 4096 bytes range',
  ]);
});

test('lines whose shapes differ though no word that stays in them does differ between the words too', async () => {
  const line = (shape: string, time: string) =>
    facts('text', {
      content: {
        kind: 'text',
        lineEnds: '\\n',
        lines: [
          {
            digest: `${shape}${time}`,
            shape,
            tokens: [
              { kind: 'time', value: time },
              { kind: 'opaque', value: '01234567' },
            ],
          },
        ],
      },
    });
  const fields = ({ changes }: Awaited<ReturnType<typeof compare>>) =>
    changes.map(({ field, kind }) => `${field} ${kind}`);
  assert.deepEqual(fields(await compare(line('s', '2026-01-01'), line('s', '2026-01-02'))), [
    'line 1 time',
  ]);
  assert.deepEqual(fields(await compare(line('s', '2026-01-01'), line('t', '2026-01-02'))), [
    'line 1 time',
    'line 1 opaque',
  ]);
});
