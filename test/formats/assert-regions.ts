import assert from 'node:assert/strict';

import type { Region } from '../../src/formats/regions.js';

/** Regions follow one another from 0 to `size`, none empty, no name twice. */
export function assertRegions(size: number, regions: readonly Region[]): void {
  let at = 0;
  for (const { offset, length } of regions) {
    assert.equal(offset, at);
    assert.ok(length > 0);
    at += length;
  }
  assert.equal(at, size);
  assert.equal(new Set(regions.map(({ name }) => name)).size, regions.length);
}
