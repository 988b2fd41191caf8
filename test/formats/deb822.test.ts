import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../src/core/errors.js';
import { readDeb822 } from '../../src/formats/deb822.js';

const read = (text: string): Record<string, string>[] =>
  [...readDeb822(Buffer.from(text, 'latin1'))].map((paragraph) => Object.fromEntries(paragraph));

test('Paragraphs are separated by empty lines, names are lower case, long values keep their lines', () => {
  assert.deepEqual(read('\n\nA: 1\nLong: first\n second\n .\n\tthird\n\n\n\nB:2\n# remark\nC:'), [
    { a: '1', long: 'first\n second\n .\n\tthird' },
    { b: '2', c: '' },
  ]);
  assert.deepEqual(read(''), []);
});

test('Lines without a name, values without a field and fields told twice are faults', () => {
  for (const text of [
    'nonsense\n',
    ' x\n',
    'A: 1\n\n x\n',
    'A: 1\nA: 2\n',
    ': x\n',
    'A: 1\nno colon\nB: 2\n',
  ])
    assert.throws(() => read(text), FormatError);
});

test('Any bytes are paragraphs or a fault', () => {
  const piece = fc.constantFrom('A: b', ' c', '\n', '\n\n', ':', '#', '\0', '\xff', 'Name:\t x ');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        read(pieces.join(''));
      } catch (error) {
        assert.ok(error instanceof FormatError);
      }
    }),
  );
});
