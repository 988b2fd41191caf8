import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { directory } from '../../../src/sources/directory/index.js';
import { erofs } from '../../../src/sources/erofs/index.js';
import { needs } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import { carriedBy, manifestOf, run } from '../contract.js';
import { noise } from './varied-tree.js';

/** A stretch of a content: bytes of chance, or one that repeats. */
const stretch = fc.record({
  length: fc.oneof(fc.nat(300), fc.nat(20_000), fc.constantFrom(4095, 4096, 4097)),
  period: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 })),
});
const content = fc.array(stretch, { maxLength: 6 });
const name = fc
  .string({
    minLength: 1,
    maxLength: 24,
    unit: fc.constantFrom('a', 'b', '.', '\n', 'ä', '-', ' '),
  })
  .filter((text) => text !== '.' && text !== '..');
const item = fc.oneof(
  fc.record({ kind: fc.constant('file' as const), content, copies: fc.nat(2) }),
  fc.record({ kind: fc.constant('link' as const), target: name }),
);
const tree = fc.dictionary(
  fc.constantFrom('', 'x', 'x/y', 'z', 'x/y/w'),
  fc.dictionary(name, item, { maxKeys: 12 }),
  { maxKeys: 4 },
);
const way = fc.constantFrom(
  [],
  ['-Enoinline_data'],
  ['--chunksize=8192'],
  ['-zlz4'],
  ['-zlz4hc', '-C32768'],
  ['-zlz4hc', '-Eztailpacking'],
  ['-zlz4hc', '-C65536', '-Eztailpacking'],
  ['-zlz4', '-Elegacy-compress'],
  // Later than erofs-utils 1.5; images of those without it are tested all the same.
  ['-zlz4hc', '-C32768', '-Eall-fragments,dedupe'],
  ['-zlz4', '-Efragments'],
);

test(
  'random trees through mkfs.erofs are what they were',
  { skip: needs('mkfs.erofs') },
  async (t) => {
    const folder = tempFolder(t);
    const [root, image] = [join(folder, 'root'), join(folder, 'a.img')];
    await fc.assert(
      fc.asyncProperty(tree, way, async (folders, options) => {
        rmSync(root, { recursive: true, force: true });
        for (const [path, items] of Object.entries(folders)) {
          mkdirSync(join(root, 'sub', path), { recursive: true });
          for (const [itemName, each] of Object.entries(items)) {
            const place = join(root, 'sub', path, `${itemName}_`);
            if (each.kind === 'link') symlinkSync(each.target, place);
            else {
              writeFileSync(place, bytesOf(each.content));
              for (let i = 0; i < each.copies; i++) linkSync(place, `${place}${i}`);
            }
          }
        }
        mkdirSync(root, { recursive: true });
        const made = spawnSync('mkfs.erofs', ['--quiet', ...options, image, root]);
        if (made.status !== 0) run('mkfs.erofs', '--quiet', image, root);
        const expected = await manifestOf(directory.open(root));
        const actual = await manifestOf(erofs.open(image));
        const captures = [expected.capture, actual.capture];
        assert.deepEqual(actual.diagnostics, []);
        assert.deepEqual(carriedBy(actual, captures), carriedBy(expected, captures));
      }),
      { numRuns: 40 },
    );
  },
);

function bytesOf(
  stretches: readonly { readonly length: number; readonly period: number }[],
): Buffer {
  return Buffer.concat(
    stretches.map(({ length, period }, i) =>
      period === 0 ? noise(length, i + length) : Buffer.alloc(length, noise(period, period)),
    ),
  );
}
