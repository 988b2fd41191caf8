import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { unvis, visOctal } from '../../src/formats/vis.js';

test('every form of vis(3) stands for its byte', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['plain', 'plain'],
    ['\\134', '\\'],
    ['\\\\', '\\'],
    ['\\040\\s', '  '],
    ['\\n\\r\\b\\a\\v\\t\\f', '\n\r\b\x07\v\t\f'],
    ['\\0', '\0'],
    ['\\7x', '\x07x'],
    ['\\M-a', '\xe1'],
    ['\\M^?', '\xff'],
    ['\\M^A', '\x81'],
    ['\\^A\\^?', '\x01\x7f'],
    ['\\x41', 'A'],
    ['\\#\\=', '#='],
    ['a\\$b', 'ab'],
  ];
  for (const [escaped, plain] of forms) assert.equal(unvis(escaped), plain, escaped);
});

test('a backslash that escapes nothing is refused', () => {
  for (const text of ['\\', 'a\\', '\\q', '\\777', '\\M', '\\M-', '\\x', '\\xg1'])
    assert.throws(() => unvis(text), RangeError, text);
});

test('any bytes survive the octal form, which has no blank and no sign of mtree', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const latin1 = Buffer.from(bytes).toString('latin1');
      const escaped = visOctal(latin1);
      assert.match(escaped, /^[A-Za-z0-9._/+,:@%\\-]*$/);
      assert.equal(unvis(escaped), latin1);
    }),
  );
});
