import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Facts, FactRow } from '../../src/core/facts.js';
import type { ArtifactReader } from '../../src/core/manifest.js';
import { layerRemarks } from '../../src/diff/layer-remarks.js';

function image(...layers: readonly (readonly [string, string, number])[]): ArtifactReader {
  const rows = layers.map(([name, digest, size]): FactRow => ({
    key: `layer ${name}`,
    values: [],
    offset: 0,
    part: { size, digest, format: null, skipped: null },
  }));
  const facts: Facts = {
    format: 'oci-image',
    version: 1,
    size: 0,
    key: null,
    facts: [],
    tables: [{ name: '', ordered: true, columns: [], rows }],
    content: null,
    problems: [],
  };
  return {
    artifact: { container: { name: 'image', sizeBytes: 0, digest: new Uint8Array(32) } },
    facts: () => Promise.resolve([facts]),
  } as unknown as ArtifactReader;
}

test('layers that the image before does not have are told with their sizes, the largest first', async () => {
  const before = image(['kernel', 'aa', 100], ['bash', 'bb', 10], ['1', 'cc', 5]);
  const after = image(['bash', 'dd', 11], ['kernel', 'aa', 100], ['rpmdb', 'ee', 30]);
  assert.deepEqual(await layerRemarks(before, after), [
    {
      kind: 'layers',
      layers: 3,
      sizeBytes: 141,
      downloadBytes: 41,
      changed: [
        { name: 'rpmdb', sizeBytes: 30 },
        { name: 'bash', sizeBytes: 11 },
      ],
    },
  ]);
});

test('nothing is said of equal layers, and of what is no image', async () => {
  const one = image(['kernel', 'aa', 100]);
  assert.deepEqual(await layerRemarks(one, one), []);
  const folder = { artifact: { container: null } } as unknown as ArtifactReader;
  assert.deepEqual(await layerRemarks(folder, one), []);
  const unread = { artifact: one.artifact } as unknown as ArtifactReader;
  assert.deepEqual(await layerRemarks(one, unread), []);
});
