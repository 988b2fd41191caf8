import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { treePathFromBytes } from '../../../src/core/path.js';
import { safeBytes, safePath, safeText, withoutControls } from '../../../src/tui/text/safe.js';

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

test('no bytes of a name reach the terminal as a control or a change of direction', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      assert.doesNotMatch(safePath(treePathFromBytes(bytes)), CONTROL);
    }),
  );
});

test('no text of a build does either', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(safeText(text), CONTROL);
      assert.doesNotMatch(withoutControls(text), /[\u0000-\u001f\u007f-\u009f]/);
    }),
  );
});

test('different names look different', () => {
  assert.notEqual(safeBytes('a\nb'), safeBytes('a\\nb'));
  assert.equal(safeBytes('a\\b'), 'a\\\\b');
});

test('a message keeps the escapes that it came with', () => {
  assert.equal(safeText('reading /a\\x1bb failed'), 'reading /a\\x1bb failed');
});

test('flags and skin tones are written out, for terminals disagree on their width', () => {
  assert.equal(safeText('\u{1f1e9}\u{1f1ea}'), '\\u{1f1e9}\\u{1f1ea}');
});
