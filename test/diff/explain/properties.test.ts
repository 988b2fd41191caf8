import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { FACT_KINDS, type Facts } from '../../../src/core/facts.js';
import {
  compare,
  explain,
  facts,
  part,
  recorded,
  row,
  table,
  text,
} from '../../helpers/fact-builders.js';

const value = fc.oneof(
  fc.constantFrom(
    'builder-3',
    'builder-7',
    '2026-01-10',
    '2026-02-10T11:00:00Z',
    '/tmp/x/y',
    'd',
    '',
  ),
  fc.constantFrom(1_768_042_800, 1_770_721_200, 0, 5),
  fc.string({ maxLength: 6 }),
  fc.constant(null),
);
const kind = fc.constantFrom(...FACT_KINDS);
const header = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  kind,
  value,
  offset: fc.constant(null),
});
const rows = fc.array(
  fc.record({
    key: fc.constantFrom('x', 'y', 'tmp.Ab3xYz01'),
    values: fc.array(value, { minLength: 2, maxLength: 2 }),
    bytes: fc.constantFrom('', '1', '2'),
  }),
  { maxLength: 5 },
);
const content = fc.option(
  fc.array(fc.constantFrom('a', 'b', 'c d', 'time=2026-01-10 z', 'time=2026-02-10 z'), {
    maxLength: 6,
  }),
  { nil: null },
);
const piece = (
  format: string,
  kinds: readonly (typeof FACT_KINDS)[number][],
): fc.Arbitrary<Facts> =>
  fc.record({ facts: fc.array(header, { maxLength: 3 }), rows, content }).map((of) =>
    facts(format, {
      facts: of.facts,
      tables: [
        table(
          '',
          { p: kinds[0]!, q: kinds[1]! },
          of.rows.map(({ key, values, bytes }) =>
            row(key, values, bytes === '' ? null : part(bytes, 'inner')),
          ),
        ),
      ],
      content: of.content === null ? null : text(...of.content),
    }),
  );
const pair = fc.tuple(kind, kind).chain((kinds) =>
  fc.record({
    before: piece('outer', kinds),
    after: piece('outer', kinds),
    inner: fc.tuple(piece('inner', kinds), piece('inner', kinds)),
  }),
);

const builds = recorded({ hostName: 'builder-3' }, { hostName: 'builder-7' });

test('property: every difference is counted once, is a root or follows from something, and no claim is without a witness', async () => {
  await fc.assert(
    fc.asyncProperty(pair, async ({ before, after, inner: [one, two] }) => {
      const parts = { '1': one, '2': two };
      const known = { before: parts, after: parts };
      const { changes } = await compare(before, after, known);
      const explanation = await explain(before, after, { ...known, builds });
      assert.equal(
        explanation.counts.reduce((sum, { count }) => sum + count, 0),
        changes.length,
      );
      assert.ok(
        explanation.counts.some(({ consequence }) => !consequence),
        'something is the root',
      );
      for (const change of explanation.changes) {
        assert.equal(change.cause === 'unknown', change.confidence === null);
        assert.equal(change.witness === null, change.cause === 'unknown');
        assert.equal(change.follows !== null, change.cause === 'hash.derived');
        if (change.confidence === 'high' && change.follows === null)
          assert.ok(change.before !== null && change.after !== null);
      }
      const isSure = explanation.counts.every(
        ({ consequence, confidence }) =>
          consequence || confidence === 'high' || confidence === 'medium',
      );
      assert.equal(explanation.status === 'explained', isSure);
    }),
    { numRuns: 400 },
  );
});

test('property: the other way round there are as many roots of each field', async () => {
  const fields = async (before: Facts, after: Facts) =>
    (await compare(before, after)).changes
      .filter(
        ({ line, field, sort }) => line === null && !field.startsWith('line') && sort !== 'name',
      )
      .map(({ field }) => field)
      .toSorted();
  await fc.assert(
    fc.asyncProperty(pair, async ({ before, after }) => {
      assert.deepEqual(await fields(before, after), await fields(after, before));
    }),
  );
});
