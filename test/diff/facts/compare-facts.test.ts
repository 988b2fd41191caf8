import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { FACT_KINDS, type Facts } from '../../../src/core/facts.js';
import type { FactsComparison } from '../../../src/diff/facts/compare-facts.js';
import { compareFacts } from '../../../src/diff/facts/compare-facts.js';
import {
  compare,
  fact,
  facts,
  part,
  row,
  sha256,
  table,
  text,
} from '../../helpers/fact-builders.js';

const places = ({ changes }: FactsComparison): string[] =>
  changes.map(({ piece, row: of, field, sort }) =>
    [...(of?.chain ?? piece.chain), field, sort === 'value' ? '' : `(${sort})`].join(' ').trim(),
  );

const COLUMNS = { mtime: 'time', mode: 'mode' } as const;
const archive = (...rows: ReturnType<typeof row>[]): Facts =>
  facts('tar', { tables: [table('', COLUMNS, rows)] });

test('every field of a header that differs is named, in its order, with offsets', async () => {
  const before = facts('gzip', {
    facts: [fact('MTIME', 'time', 1, 4), fact('XFL', 'codec', 2, 8)],
  });
  const after = facts('gzip', { facts: [fact('MTIME', 'time', 5, 4), fact('XFL', 'codec', 2, 8)] });
  const { changes } = await compare(before, after);
  assert.deepEqual(
    changes.map(({ field, before: a, after: b, offset }) => [field, a, b, offset]),
    [['MTIME', 1, 5, { before: 4, after: 4 }]],
  );
});

test('a field that came or went has null on the other side', async () => {
  const { changes } = await compare(facts('x'), facts('x', { facts: [fact('NAME', 'text', 'n')] }));
  assert.deepEqual(
    changes.map(({ field, before, after }) => [field, before, after]),
    [['NAME', null, 'n']],
  );
});

test('columns of members are named with the member', async () => {
  const found = await compare(
    archive(row('a', [1, '0644'], part('A')), row('b', [2, '0644'], part('B'))),
    archive(row('a', [1, '0644'], part('A')), row('b', [3, '0600'], part('B'))),
  );
  assert.deepEqual(places(found), ['b mtime', 'b mode']);
});

test('rows of a named table carry its name', async () => {
  const db = (value: string): Facts =>
    facts('db', { tables: [table('Packages', { v: 'version' }, [row('bash', [value])])] });
  assert.deepEqual(places(await compare(db('1'), db('2'))), ['Packages bash v']);
});

test('members that came and went are told, equal bytes under another name are a change of name', async () => {
  const found = await compare(
    archive(row('gone', [1, '0'], part('G')), row('old', [1, '0'], part('same'))),
    archive(row('come', [1, '0'], part('C')), row('new', [1, '0'], part('same'))),
  );
  assert.deepEqual(places(found), [
    'old name (name)',
    'gone member (member)',
    'come member (member)',
  ]);
});

test('names that differ in what mktemp drew belong together, and their bytes are compared', async () => {
  const found = await compare(
    archive(row('tmp.Ab3xYz01/x', [1, '0'], part('A'))),
    archive(row('tmp.Zz9qWe77/x', [1, '0'], part('B'))),
  );
  assert.deepEqual(places(found), ['tmp.Ab3xYz01/x name (name)', 'tmp.Ab3xYz01/x bytes (range)']);
});

test('another order of the same members is one change that says how each side is ordered', async () => {
  const rows = ['a', 'b', 'c'].map((key) => row(key, [1, '0'], part(key)));
  const { changes } = await compare(archive(...rows), archive(rows[2]!, rows[0]!, rows[1]!));
  assert.equal(changes.length, 1);
  assert.equal(changes[0]!.sort, 'order');
  assert.match(String(changes[0]!.before), /^sorted.* 1 is a$/);
  assert.match(String(changes[0]!.after), /^unsorted.* 1 is c$/);
});

test('the order of a table that is sorted here says nothing', async () => {
  const rows = ['a', 'b'].map((key) => row(key, [1]));
  const of = (list: typeof rows): Facts =>
    facts('db', { tables: [table('t', { v: 'number' }, list, false)] });
  const keyed = { digest: sha256('x'), facts: of(rows) };
  const none = () => Promise.resolve(null);
  const found = await compareFacts(
    keyed,
    { ...keyed, facts: of(rows.toReversed()) },
    { before: none, after: none },
  );
  assert.deepEqual(found.changes, []);
});

test('repeated keys are paired by equality first', async () => {
  const found = await compare(
    archive(row('x', [1, '0']), row('x', [2, '0']), row('x', [3, '0'])),
    archive(row('x', [2, '0']), row('x', [3, '0'])),
  );
  assert.deepEqual(places(found), ['x member (member)']);
  assert.equal(found.changes[0]!.after, null);
});

test('parts are descended into by their facts, and what has none is one opaque change with sizes', async () => {
  const os = (version: string): Facts =>
    facts('os-release', { facts: [fact('VERSION', 'version', version)] });
  const found = await compare(
    archive(
      row('etc/os-release', [1, '0'], part('1', 'os-release')),
      row('bin', [1, '0'], part('xx')),
    ),
    archive(
      row('etc/os-release', [1, '0'], part('2', 'os-release')),
      row('bin', [1, '0'], part('yyy')),
    ),
    { before: { '1': os('1') }, after: { '2': os('2') } },
  );
  assert.deepEqual(places(found), ['etc/os-release VERSION', 'bin bytes (range)']);
  assert.match(String(found.changes[1]!.before), /^2 bytes/);
});

test('a part that was skipped says why', async () => {
  const skipped = (bytes: string) => ({ ...part(bytes), skipped: 'nested too deeply' });
  const found = await compare(
    archive(row('a', [1, '0'], skipped('x'))),
    archive(row('a', [1, '0'], skipped('y'))),
  );
  assert.match(String(found.changes[0]!.after), /nested too deeply/);
});

test('bytes that differ without any fact that does are told as such, at every level', async () => {
  assert.deepEqual(places(await compare(facts('x'), facts('x'))), ['bytes (range)']);
  const found = await compare(
    archive(row('a', [1, '0'], part('1', 'x'))),
    archive(row('a', [1, '0'], part('2', 'x'))),
    { before: { '1': facts('x') }, after: { '2': facts('x') } },
  );
  assert.deepEqual(places(found), ['a bytes (range)']);
});

test('facts of unequal versions are not compared, and that is told', async () => {
  const found = await compare(
    facts('x', { facts: [fact('a', 'time', 1)] }),
    facts('x', { version: 2, facts: [fact('a', 'time', 2)] }),
  );
  assert.deepEqual(places(found), ['format (untold)']);
});

test('secrets of unequal keys are not compared, and that is told', async () => {
  const secret = (key: string, value: string): Facts =>
    facts('secret', { key, facts: [fact('content', 'secret', value)] });
  assert.deepEqual(places(await compare(secret('k', '1'), secret('k', '2'))), ['content']);
  assert.deepEqual(places(await compare(secret('k', '1'), secret('l', '2'))), ['content (untold)']);
});

test('facts that hold themselves end', async () => {
  const circle = archive(row('a', [1, '0'], part('1', 'tar')));
  const other = archive(row('a', [1, '0'], part('2', 'tar')));
  const found = await compare(circle, other, { before: { '1': circle }, after: { '2': other } });
  assert.equal(found.changes.length, 1);
});

test('archives that hold one archive many times, level by level, end', async () => {
  const level = (n: number, side: string): Facts =>
    archive(...['p', 'q', 'r', 's'].map((key) => row(key, [1, '0'], part(`${n}${side}`, 'tar'))));
  const known = (side: string) =>
    Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${n}${side}`, level(n + 1, side)]));
  const found = await compare(level(0, 'a'), level(0, 'b'), {
    before: known('a'),
    after: known('b'),
  });
  assert.ok(found.changes.length > 0 && found.changes.length < 5000);
});

test('a hundred thousand rows of which every fifth differs', async () => {
  const rows = (shift: number) =>
    Array.from({ length: 100_000 }, (_, i) =>
      row(`member/${i}`, [i % 5 === 0 ? shift : 1, '0644'], part('same')),
    );
  const { changes } = await compare(archive(...rows(7)), archive(...rows(8)));
  assert.equal(changes.length, 20_000);
});

const value = fc.oneof(fc.integer(), fc.string({ maxLength: 4 }), fc.constant(null));
const kind = fc.constantFrom(...FACT_KINDS);
const somePart = fc.option(
  fc.string({ maxLength: 2 }).map((bytes) => part(bytes)),
  { nil: null },
);
const someText = fc
  .array(fc.constantFrom('a', 'b', 'c d', 'time=1', 'x time=2'), { maxLength: 8 })
  .map((lines) => text(...lines));
const someFacts = fc
  .record({
    facts: fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), kind, value }), {
      maxLength: 4,
    }),
    rows: fc.array(fc.record({ key: fc.constantFrom('x', 'y', 'z'), value, part: somePart }), {
      maxLength: 6,
    }),
    content: fc.option(someText, { nil: null }),
  })
  .map(({ facts: list, rows, content }) =>
    facts('x', {
      facts: list.map((each) => ({ ...each, offset: null })),
      tables: [
        table(
          '',
          { v: 'number' },
          rows.map((each) => row(each.key, [each.value], each.part)),
        ),
      ],
      content,
    }),
  );

test('property: nothing differs from itself', async () => {
  await fc.assert(
    fc.asyncProperty(someFacts, async (one) => {
      const keyed = { digest: sha256('x'), facts: one };
      const none = () => Promise.resolve(null);
      const { changes } = await compareFacts(keyed, keyed, { before: none, after: none });
      assert.deepEqual(changes, []);
    }),
  );
});

test('property: unequal bytes are never passed over, and both directions find as much', async () => {
  await fc.assert(
    fc.asyncProperty(someFacts, someFacts, async (one, other) => {
      const [there, back] = [await compare(one, other), await compare(other, one)];
      assert.ok(there.changes.length > 0);
      const rowwise = ({ changes }: FactsComparison): number =>
        changes.filter(
          ({ piece, line, field }) =>
            piece.chain.length === 0 &&
            line === null &&
            !field.startsWith('line') &&
            field !== 'order',
        ).length;
      assert.equal(rowwise(there), rowwise(back));
    }),
  );
});

test('a hundred thousand rows and lines in reverse are an order', async () => {
  const count = 100_000;
  const keys = Array.from({ length: count }, (_, i) => String(i));
  const rows = (order: readonly string[]) =>
    facts('x', {
      tables: [
        table(
          '',
          { v: 'text' },
          order.map((key) => row(key, [key])),
        ),
      ],
    });
  const lines = (order: readonly string[]) =>
    facts('text', {
      content: {
        kind: 'text',
        lineEnds: '\\n',
        lines: order.map((key) => ({ digest: key, shape: key, tokens: null })),
      },
    });
  for (const of of [rows, lines]) {
    const { changes } = await compare(of(keys), of(keys.toReversed()));
    assert.deepEqual(
      changes.map(({ sort }) => sort),
      ['order'],
    );
  }
});
