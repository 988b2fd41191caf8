import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { bufferAccess } from '../../src/core/random-access.js';
import {
  dissect,
  gapsBetween,
  layoutSize,
  structValues,
  toOffset,
} from '../../src/formats/byte-fields.js';
import type { Layout } from '../../src/formats/byte-fields.js';

const LAYOUT = {
  a: 'u8',
  b: 'u16',
  c: 'u32',
  d: 'u64',
  e: 's32',
  f: 's64',
  g: 'uuid',
  h: 'guid',
  i: 'text5',
  j: 'hex3',
} as const satisfies Layout;

test('two different structures never have the same values', () => {
  const size = layoutSize(LAYOUT);
  const bytes = fc.uint8Array({ minLength: size, maxLength: size });
  fc.assert(
    fc.property(
      bytes,
      fc.nat(size - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      (a, at, mask, little) => {
        const b = Uint8Array.from(a);
        b[at]! ^= mask;
        assert.notDeepEqual(structValues(LAYOUT, b, little), structValues(LAYOUT, a, little));
      },
    ),
  );
});

test('numbers follow the order of bytes, identifiers their own', () => {
  const bytes = Uint8Array.from({ length: layoutSize(LAYOUT) }, (_, i) => i);
  const { b, g, h } = structValues(LAYOUT, bytes, false);
  assert.deepEqual(
    [b, g, h],
    [0x0102, '1b1c1d1e-1f20-2122-2324-25262728292a', '2e2d2c2b-302f-3231-3334-35363738393a'],
  );
  assert.equal(structValues(LAYOUT, bytes, true).b, 0x0201);
});

test('gaps are what no range covers', () => {
  const range = fc.record({ offset: fc.nat(60), length: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(range), fc.nat(60), (ranges, size) => {
      const covered = (byte: number): boolean =>
        ranges.some(({ offset, length }) => byte >= offset && byte < offset + length);
      const gaps = gapsBetween(ranges, size);
      const inGap = (byte: number): boolean =>
        gaps.some(({ offset, length }) => byte >= offset && byte < offset + length);
      for (let byte = 0; byte < size; byte++) assert.equal(inGap(byte), !covered(byte));
    }),
  );
});

test('what does not fit is refused, and a part that fails is a problem', () => {
  const input = dissect('test', bufferAccess(new Uint8Array(10)));
  for (const [at, length] of [
    [0, 11],
    [-1, 2],
    [11, 0],
    [0, -1],
    [Infinity, 1],
    [NaN, 1],
  ] as const)
    assert.throws(() => input.bytes(at, length), FormatError);
  assert.equal(
    input.attempt(() => input.bytes(9, 2)),
    undefined,
  );
  assert.equal(input.account().problems.length, 1);
  assert.throws(() => input.attempt(() => assert.fail()), assert.AssertionError);
});

test('texts end at a NUL, over any reads', () => {
  const bytes = Buffer.from(`${'x'.repeat(1000)}\0y`, 'latin1');
  for (const input of [dissect('test', bytes), dissect('test', bufferAccess(bytes))]) {
    assert.equal(input.text(1).length, 999);
    assert.throws(() => input.text(1001), FormatError);
    assert.throws(() => input.text(5000), FormatError);
    assert.deepEqual(input.account().gaps, [
      { offset: 0, length: 1 },
      { offset: 1001, length: 1 },
    ]);
  }
});

test('reading the same bytes over and over ends', () => {
  const input = dissect('test', Buffer.alloc(100_000, 'x'));
  assert.throws(() => {
    for (;;) input.bytes(0, 90_000);
  }, FormatError);
  const texts = dissect('test', Buffer.concat([Buffer.alloc(100_000, 'x'), Buffer.alloc(1)]));
  assert.throws(() => {
    for (let at = 0; at < 100_000; at++) texts.text(at);
  }, FormatError);
});

test('a number beyond 2^53 fits nowhere', () => {
  assert.deepEqual([toOffset(2n ** 53n), toOffset(-1n), toOffset(5n)], [Infinity, Infinity, 5]);
});
