import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { needs, needsRoot } from '../../helpers/oracle.js';
import { tempFolder } from '../../helpers/temp-tree.js';
import {
  asCommitted,
  contentOf,
  ostree,
  scanned,
  shownChecksum,
  writeSample,
  type Sample,
} from './support.js';

const names = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.constantFrom('a', 'a-b', 'a.b', 'B', 'é', '日本', 'x'.repeat(255)),
  )
  .filter((name) => !/[\0/\ud800-\udfff]/.test(name) && !/^\.{1,2}$/.test(name))
  .filter((name) => Buffer.byteLength(name) <= 255);
const ids = fc.constantFrom(0, 1, 1000, 65_534);
const xattrs = fc.dictionary(
  fc.stringMatching(/^user\.[a-z._]{1,30}$/),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  { maxKeys: 4 },
);
const attributes = { uid: ids, gid: ids, xattrs };

const { tree } = fc.letrec<{ tree: Sample; node: Sample }>((tie) => ({
  tree: fc.record({
    ...attributes,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    children: fc.dictionary(names, tie('node'), { maxKeys: 6, noNullPrototype: true }),
  }),
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.record({
      ...attributes,
      mode: fc.integer({ min: 0, max: 0o7777 }),
      content: fc.uint8Array({ maxLength: 400 }),
    }),
    fc.record({ uid: ids, gid: ids, link: names }),
    tie('tree'),
  ),
}));

test(
  'a random tree has the checksums that ostree gives it, and comes back from every mode',
  { skip: needs('ostree') || needsRoot() },
  async (t) => {
    const base = tempFolder(t);
    await fc.assert(
      fc.asyncProperty(
        tree,
        fc.constantFrom('archive', 'bare', 'bare-user'),
        async (sample, mode) => {
          const folder = mkdtempSync(join(base, 'case-'));
          try {
            const [root, repository] = [join(folder, 'tree'), join(folder, 'repo')];
            writeSample(root, sample);
            ostree(`--repo=${repository}`, 'init', `--mode=${mode}`);
            const commit = [
              `--repo=${repository}`,
              'commit',
              `--tree=dir=${root}`,
              '--fsync=false',
            ];
            ostree(...commit, '-b', 'plain');
            ostree(...commit, '-b', 'canonical', '--canonical-permissions');
            assert.equal(await contentOf(`dir:${root}`), shownChecksum(repository, 'plain'));
            assert.equal(
              await contentOf(`dir:${root}`, true),
              shownChecksum(repository, 'canonical'),
            );
            assert.equal(
              await contentOf(`ostree:${repository}@canonical`),
              shownChecksum(repository, 'canonical'),
            );
            const [live, back] = [
              await scanned(`dir:${root}`),
              await scanned(`ostree:${repository}@plain`),
            ];
            assert.deepEqual(back.diagnostics, []);
            assert.deepEqual(
              [...back.entries],
              [...live.entries].map(([path, entry]) => [path, asCommitted(entry)]),
            );
          } finally {
            rmSync(folder, { recursive: true, force: true });
          }
        },
      ),
      { numRuns: 12 },
    );
  },
);
