import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { FactKind } from '../../../src/core/facts.js';
import { lookInto, proveEveryByte, proveTruncation } from '../prove.js';

const META = {
  buildid: '41.20240101.dev.0',
  images: {
    ostree: {
      path: 'fcos-ostree.ociarchive',
      sha256: 'a'.repeat(64),
      size: 12,
      'skip-compression': true,
    },
  },
  name: 'fedora-coreos',
  'coreos-assembler.build-timestamp': '2024-01-01T00:01:00Z',
  'coreos-assembler.config-gitrev': 'd59c4b8c03b5d2a1ee7a3cd4a35e2b36b1e0d7a2',
  'coreos-assembler.delayed-meta-merge': false,
  'ostree-commit': 'b'.repeat(64),
  'ostree-n-content-written': 3,
  'ostree-timestamp': '2024-01-01T00:00:00+00:00',
  'rpm-ostree-inputhash': 'c'.repeat(64),
  'a/b~c': ['x', {}],
  'registry-token': 'hunter2',
};
const bytes = (value: unknown, indent?: number): Buffer =>
  Buffer.from(JSON.stringify(value, null, indent));

test('fields are told by JSON pointer, with the kind that the schema gives them', async () => {
  const { format, problems, facts } = await lookInto('x86_64/meta.json', bytes(META, 4));
  assert.equal(format, 'cosa-meta');
  assert.deepEqual(problems, []);
  const [table] = facts[0]!.facts.tables;
  const told = new Map(
    table!.rows.map(({ key, values }): [string, [FactKind, unknown]] => {
      const at = values.findIndex((value) => value !== null);
      return [key, [table!.columns[at]!.kind, values[at]]];
    }),
  );
  assert.deepEqual(told.get('/buildid'), ['version', '41.20240101.dev.0']);
  assert.deepEqual(told.get('/images/ostree/sha256'), ['digest', 'a'.repeat(64)]);
  assert.deepEqual(told.get('/images/ostree/size'), ['size', '12']);
  assert.deepEqual(told.get('/coreos-assembler.build-timestamp'), ['time', '1704067260']);
  assert.deepEqual(told.get('/rpm-ostree-inputhash'), ['text', 'c'.repeat(64)]);
  assert.deepEqual(told.get('/ostree-n-content-written'), ['size', '3']);
  assert.equal(told.get('/registry-token')![0], 'secret');
  assert.ok(told.has('/a~1b~0c/[]'));
  assert.doesNotMatch(JSON.stringify(facts), /hunter2/);
});

test('every byte of it is in some fact, whatever is cut off is told', async () => {
  await proveEveryByte('meta.json', bytes(META));
  await proveTruncation('meta.json', bytes(META));
});

test('a meta.json of somebody else is JSON', async () => {
  assert.equal((await lookInto('meta.json', bytes({ title: 'x' }))).format, 'json');
  assert.equal((await lookInto('other.json', bytes(META))).format, 'json');
});
