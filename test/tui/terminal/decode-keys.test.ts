import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { decodeKeys, type Key } from '../../../src/tui/terminal/decode-keys.js';

const SEQUENCES: readonly (readonly [bytes: string, keys: readonly Key[]])[] = [
  ['j', ['j']],
  ['jjG', ['j', 'j', 'G']],
  ['\r', ['enter']],
  ['/foo\r', ['/', 'f', 'o', 'o', 'enter']],
  [' ', ['space']],
  ['\t', ['tab']],
  ['\u001b[Z', ['shift-tab']],
  ['\u007f', ['backspace']],
  ['\u0003', ['ctrl-c']],
  ['\u001b[A\u001b[B', ['up', 'down']],
  ['\u001bOA', ['up']],
  ['\u001b[1;5C', ['right']],
  ['\u001b[5~\u001b[6~', ['pageup', 'pagedown']],
  ['\u001b[H\u001b[4~', ['home', 'end']],
  ['é日', ['é', '日']],
  // Keys that mean nothing here and answers of the terminal
  ['\u001b[[A', []],
  ['\u001b[15~', []],
  ['\u001b[?62;1c', []],
];

test('what terminals send for keys is understood', () => {
  for (const [bytes, keys] of SEQUENCES)
    assert.deepEqual(decodeKeys(bytes), { keys, rest: '' }, JSON.stringify(bytes));
});

test('a sequence that arrives in pieces is the same keys', () => {
  for (const [bytes, keys] of SEQUENCES) {
    let pending = '';
    const seen: Key[] = [];
    for (const piece of bytes) {
      const decoded = decodeKeys(pending + piece);
      seen.push(...decoded.keys);
      pending = decoded.rest;
    }
    assert.deepEqual(seen, keys, JSON.stringify(bytes));
  }
});

test('a lone ESC waits, and is the Escape key once nothing follows', () => {
  assert.deepEqual(decodeKeys('\u001b'), { keys: [], rest: '\u001b' });
  assert.deepEqual(decodeKeys('\u001b', true), { keys: ['escape'], rest: '' });
  assert.deepEqual(decodeKeys('\u001bj'), { keys: ['escape', 'j'], rest: '' });
  assert.deepEqual(decodeKeys('\u001b\u001b[A'), { keys: ['escape', 'up'], rest: '' });
});

test('any input comes to an end, without controls among the keys', () => {
  const unit = fc.constantFrom('\u001b', '[', 'O', '1', ';', '~', 'A', '\u0000', '\u009b', 'x');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80 }), (bytes) => {
      const { keys, rest } = decodeKeys(bytes, true);
      assert.equal(rest, '');
      for (const key of keys) assert.doesNotMatch(key, /[\u0000-\u001f\u007f-\u009f]/);
    }),
  );
});
