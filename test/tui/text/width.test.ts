import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { lineText, span } from '../../../src/tui/text/line.js';
import {
  displayWidth,
  fitLine,
  lineWidthOf,
  padEnd,
  padStart,
  truncateEnd,
  truncateMiddle,
  wrapText,
} from '../../../src/tui/text/width.js';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: fc.constantFrom('a', ' ', '日', 'é', 'e\u0301', '\u{1f44d}'), maxLength: 60 }),
);

test('wide characters take two cells and combining ones none', () => {
  assert.equal(displayWidth('日本'), 4);
  assert.equal(displayWidth('e\u0301'), 1);
  assert.equal(padEnd('日', 4), '日  ');
  assert.equal(padStart('日', 4), '  日');
});

test('a cut name keeps its end, which tells more than its middle', () => {
  assert.equal(truncateMiddle('/usr/share/fonts/cache-7', 12, '…'), '/us…/cache-7');
  assert.equal(truncateEnd('abcdef', 4, '…'), 'abc…');
  assert.equal(truncateEnd('abc', 3, '…'), 'abc');
});

test('a wide character is never cut in half', () => {
  assert.equal(truncateEnd('日本語', 4, '…'), '日…');
  assert.deepEqual(wrapText('日本語', 3), ['日', '本', '語']);
});

test('text is wrapped at spaces where there are some', () => {
  assert.deepEqual(wrapText('remove them from the image', 12), [
    'remove them',
    'from the',
    'image',
  ]);
  assert.deepEqual(wrapText('a'.repeat(7), 3), ['aaa', 'aaa', 'a']);
  assert.deepEqual(wrapText('', 3), ['']);
});

test('whatever is cut or wrapped fits, and wrapping loses nothing but spaces', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (words, width) => {
      assert.ok(displayWidth(truncateEnd(words, width, '…')) <= width);
      assert.ok(displayWidth(truncateMiddle(words, width, '…')) <= width);
      const wrapped = wrapText(words, width);
      for (const line of wrapped) assert.ok(displayWidth(line) <= width, JSON.stringify(line));
      assert.equal(wrapped.join('').replaceAll(' ', ''), words.replaceAll(' ', ''));
    }),
  );
});

test('a line of several spans fits as a whole', () => {
  const line = [span('ab', 'muted'), span('日本', 'strong'), span('cd')];
  assert.equal(lineText(fitLine(line, 8, '…')), 'ab日本cd');
  assert.equal(lineText(fitLine(line, 6, '…')), 'ab日…');
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      (parts, width) => {
        assert.ok(
          lineWidthOf(
            fitLine(
              parts.map((part) => span(part)),
              width,
              '…',
            ),
          ) <= width,
        );
      },
    ),
  );
});

test('a very long value is wrapped in a time that grows with its length alone', () => {
  assert.equal(wrapText('x'.repeat(1_000_000), 100).length, 10_000);
});
