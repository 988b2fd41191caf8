/** What regions promise whatever the file says. */

import assert from 'node:assert/strict';

import { elfRegions } from '../../src/formats/elf-regions.js';
import type { Elf } from '../../src/formats/elf.js';

/** Sorted, contiguous, none empty, the whole file, told apart by name and occurrence. */
export function assertPartition(elf: Elf): void {
  const seen = new Set<string>();
  let at = 0;
  for (const { offset, bytes, name, occurrence } of elfRegions(elf)) {
    assert.equal(offset, at);
    assert.ok(bytes > 0);
    at += bytes;
    assert.ok(!seen.has(`${name}\0${occurrence}`));
    seen.add(`${name}\0${occurrence}`);
  }
  assert.equal(at, elf.input.size);
}
