/** Archives of GNU cpio and bsdcpio, before and after: what is extracted is the same. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { cpio } from '../../../src/scrub/normalizers/cpio.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { extracted, makeTree, shell } from './archive-tree.js';

const WRITERS = [
  ...['newc', 'crc', 'odc', 'bin'].map((format) => ['cpio', format] as const),
  ...['newc', 'odc'].map((format) => ['bsdcpio', format] as const),
];
const READERS = ['cpio', 'bsdcpio'] as const;

for (const [program, format] of WRITERS)
  test(
    `What ${program} packed twice as ${format} becomes the same archive, and is extracted the same`,
    { skip: needs('cpio', 'bsdcpio') },
    (t) => {
      const folder = tempFolder(t);
      const [first, second] = [1, 9].map((seed) => {
        const tree = join(folder, `tree${seed}`);
        makeTree(tree, seed);
        shell(tree, `find . | LC_ALL=C sort | ${program} -o -H ${format} >../out.cpio 2>/dev/null`);
        return readFileSync(join(folder, 'out.cpio'));
      }) as [Buffer, Buffer];
      assert.notDeepEqual(first, second);
      const after = normalized(first);
      assert.deepEqual(normalized(second), after);
      for (const reader of READERS)
        assert.deepEqual(
          extraction(folder, `${reader}-after`, reader, after),
          extraction(folder, `${reader}-before`, reader, first),
          reader,
        );
    },
  );

function normalized(bytes: Uint8Array): Buffer {
  const input = { bytes, name: 'a.cpio', sourceDateEpoch: 1_600_000_000 };
  const result = cpio.normalize(input);
  if (result.kind !== 'changed') assert.fail(JSON.stringify(result));
  assert.equal(cpio.normalize({ ...input, bytes: result.bytes }).kind, 'normal');
  return Buffer.from(result.bytes);
}

function extraction(folder: string, name: string, reader: string, bytes: Uint8Array): unknown {
  const target = join(folder, name);
  mkdirSync(target);
  writeFileSync(join(folder, 'x.cpio'), bytes);
  shell(target, `${reader} -idm <../x.cpio 2>/dev/null`);
  return extracted(target);
}
