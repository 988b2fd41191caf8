import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { CaptureSet } from '../../src/core/capture.js';
import { changedFiles } from '../../src/diff/index.js';
import { memoryReader, type MemoryReader, type Tree } from '../helpers/memory-tree.js';

const TREE: Tree = {
  'a/same': { content: 's' },
  'a/other': { content: '1' },
  'b/deep/late': { content: 'l', mtimeNs: 1n },
  'c/gone': { content: 'g' },
};
const LATER: Tree = {
  'a/same': { content: 's' },
  'a/other': { content: '2' },
  'b/deep/late': { content: 'l', mtimeNs: 2n },
  'c/come': { content: 'c' },
};

async function changed(before: MemoryReader, after: MemoryReader): Promise<readonly string[]> {
  return (await changedFiles(before, after)).map(({ path }) => path);
}

test('files with other contents are found, and those that came, went or changed their times are not', async () => {
  assert.deepEqual(await changed(memoryReader(TREE), memoryReader(LATER)), ['a/other']);
});

test('directories whose contents are equal are not visited, whatever their times', async () => {
  const [before, after] = [memoryReader(TREE), memoryReader(LATER)];
  await changed(before, after);
  // The root, a and c; not b, in which only a time differs.
  assert.deepEqual([before.listings.count, after.listings.count], [3, 3]);
});

test('sides that recorded different things are compared by the digest that both have', async () => {
  const only: Partial<CaptureSet> = { digests: ['xxh64'] };
  const found = await changed(memoryReader(TREE), memoryReader(LATER, { capture: only }));
  assert.deepEqual(found, ['a/other']);
});
