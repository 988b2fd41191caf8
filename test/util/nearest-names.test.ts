import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nearestNames } from '../../src/util/nearest-names.js';

const NAMES = ['machine-id', 'dbus-machine-id', 'mtime-clamp', 'man-cache', 'pyc-unowned'];

test('a mistyped name is met by the closest', () => {
  assert.equal(nearestNames('machin-id', NAMES)[0], 'machine-id');
  assert.equal(nearestNames('mtime-clmap', NAMES)[0], 'mtime-clamp');
});

test('a part of a name finds the whole', () => {
  assert.deepEqual(nearestNames('pyc', NAMES), ['pyc-unowned']);
});

test('what resembles nothing finds nothing', () => {
  assert.deepEqual(nearestNames('zzzzzz', NAMES), []);
});
