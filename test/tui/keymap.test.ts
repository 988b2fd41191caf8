import assert from 'node:assert/strict';
import { test } from 'node:test';

import { commandOf, hintsFor, KEYMAP, keyName, scopesOf } from '../../src/tui/keymap.js';
import { lineText } from '../../src/tui/text/line.js';
import { helpLines } from '../../src/tui/view-models/help.js';

const CHANGES = { tab: 'changes', help: false, search: { isTyping: false } };

test('no key means two things at once', () => {
  for (const scopes of [['everywhere', 'changes'], ['search']] as const) {
    const keys = KEYMAP.filter(({ scope }) =>
      (scopes as readonly string[]).includes(scope),
    ).flatMap(({ keys: own }) => own);
    assert.deepEqual(keys, [...new Set(keys)]);
  }
});

test('the help page tells every key', () => {
  const page = helpLines(100).map(lineText).join('\n');
  for (const { keys } of KEYMAP)
    for (const key of keys) assert.ok(page.includes(keyName(key)), keyName(key));
});

test('letters filter where there is something to filter, and are letters while searching', () => {
  assert.equal(commandOf('a', scopesOf(CHANGES)), 'show-added');
  assert.equal(commandOf('a', scopesOf({ ...CHANGES, tab: 'builds' })), null);
  assert.equal(commandOf('a', scopesOf({ ...CHANGES, help: true })), null);
  assert.equal(commandOf('q', scopesOf({ ...CHANGES, search: { isTyping: true } })), null);
});

test('Escape never quits, and Ctrl-C always works', () => {
  for (const scope of ['everywhere', 'changes', 'search'] as const) {
    assert.notEqual(commandOf('escape', [scope]), 'quit');
    if (scope !== 'changes') assert.equal(commandOf('ctrl-c', [scope]), 'interrupt');
  }
});

test('every hint belongs to a key that counts there', () => {
  for (const { scope } of hintsFor(scopesOf(CHANGES))) assert.notEqual(scope, 'search');
});
