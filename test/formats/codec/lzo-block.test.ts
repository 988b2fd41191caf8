import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { FormatError } from '../../../src/core/errors.js';
import { decodeLzoBlock } from '../../../src/formats/codec/lzo-block.js';

const END = [0x11, 0, 0];
const bytesOf = (text: string): number[] => [...Buffer.from(text, 'latin1')];
const decode = (bytes: readonly number[], most = 4096): string =>
  Buffer.from(decodeLzoBlock(Uint8Array.from(bytes), most, 0)).toString('latin1');

/** Blocks written by hand, one for each instruction, and what they stand for. */
const SAMPLES: readonly (readonly [string, readonly number[], string])[] = [
  ['an end alone', END, ''],
  ['literals in front', [17 + 5, ...bytesOf('abcde'), ...END], 'abcde'],
  ['a run of literals', [1, ...bytesOf('abcd'), ...END], 'abcd'],
  ['a long run', [0, 2, ...bytesOf('x'.repeat(20)), ...END], 'x'.repeat(20)],
  ['a very long run', [0, 0, 1, ...bytesOf('x'.repeat(274)), ...END], 'x'.repeat(274)],
  [
    'a match of 3 and 4',
    [17 + 4, ...bytesOf('abcd'), 0x40 | 0x0c, 0, 0x60 | 0x0c, 0, ...END],
    'abcdabcdabc',
  ],
  [
    'a match of 5 to 8',
    [17 + 4, ...bytesOf('abcd'), 0x80 | 0x0c, 0, 0xe0 | 0x0c, 0, ...END],
    'abcdabcdabcdabcda',
  ],
  ['a match of 2 behind literals', [17 + 2, ...bytesOf('ab'), 0x04, 0, ...END], 'abab'],
  [
    'a match with literals behind',
    [17 + 4, ...bytesOf('abcd'), 0x40 | 0x0c | 2, 0, ...bytesOf('xy'), ...END],
    'abcdabcxy',
  ],
  [
    'a match that overlaps itself',
    [17 + 1, ...bytesOf('a'), 0x20 | 9, 0, 0, ...END],
    'a'.repeat(12),
  ],
  ['a longer one', [17 + 1, ...bytesOf('a'), 0x20, 7, 0, 0, ...END], 'a'.repeat(1 + 2 + 31 + 7)],
];

for (const [title, bytes, content] of SAMPLES)
  test(`LZO: ${title}`, () => {
    assert.equal(decode(bytes), content);
  });

test('LZO: a match from far behind', () => {
  const head = 'head'.padEnd(16_384 + 2, '.');
  const count = head.length - 18;
  const zeros = Math.floor((count - 1) / 255);
  const bytes = [0, ...Array<number>(zeros).fill(0), count - 255 * zeros, ...bytesOf(head)];
  const [distance, length] = [head.length - 16_384, 4];
  const block = [...bytes, 0x10 | (length - 2), (distance << 2) & 0xff, distance >> 6, ...END];
  assert.equal(decode(block, 20_000), `${head}head`);
});

test('LZO: a match of 3 a little farther behind', () => {
  const head = 'head'.padEnd(2049, '.');
  const count = head.length - 18;
  const zeros = Math.floor((count - 1) / 255);
  const bytes = [0, ...Array<number>(zeros).fill(0), count - 255 * zeros, ...bytesOf(head)];
  assert.equal(decode([...bytes, 0, 0, ...END]), `${head}hea`);
});

test('LZO: more content than there is room for, and matches in front of it, are refused', () => {
  for (const [, bytes, content] of SAMPLES)
    if (content.length > 0) assert.throws(() => decode(bytes, content.length - 1), FormatError);
  assert.throws(() => decode([17 + 1, 97, 0x40 | 0x0c, 0, ...END]), FormatError);
});

test('LZO: cut and random blocks are decoded or refused', () => {
  for (const [, bytes] of SAMPLES)
    for (let length = 0; length < bytes.length; length++)
      assert.throws(() => decode(bytes.slice(0, length)), FormatError);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        assert.ok(decodeLzoBlock(bytes, 4096, 0).length <= 4096);
      } catch (error) {
        assert.ok(error instanceof FormatError);
      }
    }),
    { numRuns: 2000 },
  );
});
