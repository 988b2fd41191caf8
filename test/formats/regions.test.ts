import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { partition } from '../../src/formats/regions.js';
import { assertRegions } from './assert-regions.js';

test('The earlier of two claims has the bytes, and a claim may fall into pieces', () => {
  const claims = [
    { kind: 'x', name: 'inner', offset: 4, length: 2 },
    { kind: 'x', name: 'outer', offset: 2, length: 6 },
    { kind: 'x', name: 'beyond', offset: 9, length: 100 },
  ] as const;
  assert.deepEqual(
    partition<'x' | 'gap'>(11, claims, 'gap').map(({ name, offset }) => [name, offset]),
    [
      ['gap', 0],
      ['outer', 2],
      ['inner', 4],
      ['outer#2', 6],
      ['gap#2', 8],
      ['beyond', 9],
    ],
  );
});

test('A name that looks like a second one of another name stays unique', () => {
  const claims = ['a', 'a#2', 'a'].map((name, offset) => ({ kind: 'x', name, offset, length: 1 }));
  assertRegions(3, partition(3, claims, 'gap'));
});

test('Regions cover a file once, and every byte belongs to its first claim', () => {
  const claim = fc.record({
    kind: fc.constant('x'),
    name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    offset: fc.nat(60),
    length: fc.nat(60),
  });
  fc.assert(
    fc.property(fc.nat(50), fc.array(claim, { maxLength: 8 }), (size, claims) => {
      const regions = partition(size, claims, 'gap');
      assertRegions(size, regions);
      for (let at = 0; at < size; at++) {
        const holds = (each: { offset: number; length: number }): boolean =>
          each.offset <= at && at < each.offset + each.length;
        const expected = claims.find(holds)?.name ?? 'gap';
        assert.equal(regions.find(holds)?.name.replace(/#\d+$/, ''), expected);
      }
    }),
  );
});

test('A hundred thousand claims on the same bytes are cheap', () => {
  const claims = Array.from({ length: 100_000 }, (_, i) => ({
    kind: 'x',
    name: 'a',
    offset: i % 1000,
    length: 4e9,
  }));
  assertRegions(1e9, partition(1e9, claims, 'gap'));
});
