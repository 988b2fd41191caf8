import assert from 'node:assert/strict';
import test from 'node:test';

import type { BuildSummary } from '../../src/core/build.js';
import { planPrune } from '../../src/store/prune.js';

const build = (name: string, stream: string, keep = false): BuildSummary => ({
  name,
  stream,
  startedAt: '2026-01-01T00:00:00.000Z',
  keep,
  entryCount: 1,
  sizeBytes: 0,
  contentDigest: new Uint8Array(32),
  fullDigest: new Uint8Array(32),
  diagnosticCount: 0,
  editCount: 0,
  digests: '',
});

const BUILDS = [
  build('a1', 'a'),
  build('b1', 'b'),
  build('a2', 'a', true),
  build('a3', 'a'),
  build('a4', 'a'),
  build('b2', 'b'),
];

test('every stream keeps its newest builds, and builds marked to be kept do not count', () => {
  assert.deepEqual(planPrune(BUILDS, 2), ['a1']);
  assert.deepEqual(planPrune(BUILDS, 1), ['a1', 'b1', 'a3']);
  assert.deepEqual(planPrune(BUILDS, 3), []);
});

test('to keep none removes all but those marked', () => {
  assert.deepEqual(planPrune(BUILDS, 0), ['a1', 'b1', 'a3', 'a4', 'b2']);
  assert.deepEqual(planPrune([], 0), []);
});
