import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countOf } from '../../../src/util/format.js';
import {
  humanDuration,
  humanTime,
  signedSize,
  symbolicMode,
} from '../../../src/tui/text/humanise.js';

test('a duration is told in its two largest units', () => {
  assert.equal(humanDuration(0n), '0 s');
  assert.equal(humanDuration(12n), '+12 ns');
  assert.equal(humanDuration(-306_000_000_000n), '-5 min 6 s');
  assert.equal(humanDuration(86_400_000_000_000n + 3_600_000_000_000n + 5n), '+1 d 1 h');
  assert.equal(humanDuration(1_500_000_000n), '+1 s');
});

test('a time keeps its fraction unless it is zero', () => {
  assert.equal(humanTime('2026-01-02T03:04:05.000000006Z'), '2026-01-02 03:04:05.000000006 UTC');
  assert.equal(humanTime('2026-01-02T03:04:05.000000000Z'), '2026-01-02 03:04:05 UTC');
  assert.equal(humanTime('2026-01-02T03:04:05Z'), '2026-01-02 03:04:05 UTC');
  assert.equal(humanTime('yesterday'), 'yesterday');
});

test('permission bits read as ls prints them', () => {
  assert.equal(symbolicMode(0o644), 'rw-r--r--');
  assert.equal(symbolicMode(0o4755), 'rwsr-xr-x');
  assert.equal(symbolicMode(0o2664), 'rw-rwSr--');
  assert.equal(symbolicMode(0o1777), 'rwxrwxrwt');
  assert.equal(symbolicMode(0o1000), '--------T');
});

test('sizes of differences carry their sign, and one is not many', () => {
  assert.equal(signedSize(55), '+55 B');
  assert.equal(signedSize(-1_200), '-1.2 KB');
  assert.equal(countOf(1, 'path'), '1 path');
  assert.equal(countOf(3_900, 'path'), '3,900 paths');
});
