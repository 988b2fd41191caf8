import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import {
  arrayElements,
  LOOSE,
  tupleMembers,
  writeArray,
  writeTuple,
  type Shape,
} from '../../src/formats/gvariant.js';
import { readVariant } from '../../src/formats/gvariant-value.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const whole = (bytes: Uint8Array): { start: number; end: number } => ({
  start: 0,
  end: bytes.length,
});
/** The type string behind a NUL, as a variant holds it. */
const typed = (bytes: Uint8Array, type: string): Buffer =>
  Buffer.concat([bytes, Buffer.from(`\0${type}`)]);

test('the examples of the specification are read (GVariant Specification 1.0, 2.7)', () => {
  const cases = [
    ['s', '68656c6c6f20776f726c6400', 'hello world'],
    ['ms', '68656c6c6f20776f726c640000', 'hello world'],
    ['ab', '0100000101', [true, false, false, true, true]],
    ['(si)', '666f6f00ffffffff04', ['foo', -1]],
    [
      'a(si)',
      '686900 00 feffffff 03 000000 62796500 ffffffff 04 0915',
      [
        ['hi', -2],
        ['bye', -1],
      ],
    ],
    ['as', '6900 63616e00 68617300 737472696e67733f00 02060a13', ['i', 'can', 'has', 'strings?']],
    [
      '((ys)as)',
      '6963616e00 68617300 737472696e67733f00 040d 05',
      [
        [0x69, 'can'],
        ['has', 'strings?'],
      ],
    ],
    ['{si}', '61206b657900 0000 02020000 06', ['a key', 514]],
    ['(yy)', '7080', [0x70, 0x80]],
    ['(iy)', '6000000070000000', [96, 0x70]],
    [
      'a(iy)',
      '600000007000000088020000f7000000',
      [
        [96, 0x70],
        [648, 0xf7],
      ],
    ],
    ['ai', '0400000002010000', [4, 258]],
  ] as const;
  for (const [type, bytes, expected] of cases) {
    const variant = typed(hex(bytes), type);
    assert.deepEqual(plain(readVariant(variant, whole(variant)).value), expected, type);
  }
});

function plain(value: ReturnType<typeof readVariant>['value']): unknown {
  switch (value.kind) {
    case 'list':
      return value.items.map((item) => plain(item));
    case 'maybe':
      return value.item === null ? null : plain(value.item);
    case 'variant':
      return plain(value.item);
    case 'bytes':
      return [...value.value];
    case 'number':
    case 'boolean':
    case 'string':
      return value.value;
  }
}

test('what is written is read again, with framing of one, two and four bytes', () => {
  for (const lengths of [[], [0], [3, 0, 9], [200, 54], [253], [254], [70_000, 3], [1, 65_530]]) {
    const elements = lengths.map((length) => new Uint8Array(length).fill(7));
    for (const alignment of [1, 2, 4, 8] as const) {
      const shape: Shape = { alignment, fixedSize: null };
      const bytes = writeArray(elements, shape);
      assert.deepEqual(
        arrayElements(bytes, whole(bytes), shape).map(({ start, end }) => end - start),
        lengths,
      );
    }
  }
  fc.assert(
    fc.property(fc.array(member, { minLength: 1, maxLength: 8 }), (members) => {
      const bytes = writeTuple(members);
      const spans = tupleMembers(
        bytes,
        whole(bytes),
        members.map(({ shape }) => shape),
      );
      assert.deepEqual(
        spans.map(({ start, end }) => Buffer.from(bytes.subarray(start, end))),
        members.map((each) => Buffer.from(each.bytes)),
      );
    }),
  );
});

const alignments = fc.constantFrom(1, 2, 4, 8);
const member = fc.oneof(
  fc.tuple(fc.uint8Array({ maxLength: 90 }), alignments).map(([bytes, alignment]) => ({
    bytes,
    shape: { alignment, fixedSize: null } as Shape,
  })),
  alignments.chain((alignment) =>
    fc
      .uint8Array({ minLength: alignment, maxLength: alignment })
      .map((bytes) => ({ bytes, shape: { alignment, fixedSize: alignment } as Shape })),
  ),
);

test('bytes of any kind are read or refused, never more', () => {
  const types = ['as', 'a{sv}', '(sayt)', 'mms', 'aai', 'v', '((y)(si))', 'aaaaas', '()'];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom(...types), (bytes, type) => {
      const variant = typed(bytes, type);
      try {
        readVariant(variant, whole(variant));
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test('types that are none, deep nesting and many values are refused', () => {
  const refused = ['', 'z', 'a', '(', '{s}', '{sss}', 'ss', 'a'.repeat(100) + 's', '('.repeat(1e5)];
  for (const type of refused) {
    const variant = typed(new Uint8Array(4), type);
    assert.throws(() => readVariant(variant, whole(variant)), FormatError, type.slice(0, 20));
  }
  const many = typed(new Uint8Array(1000), 'ab');
  assert.throws(() => readVariant(many, whole(many), { values: 100 }), FormatError);
  const padded = hex('68690001feffffff03');
  assert.throws(
    () => tupleMembers(padded, whole(padded), [LOOSE, { alignment: 4, fixedSize: 4 }]),
    FormatError,
  );
});
