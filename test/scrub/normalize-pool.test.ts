import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { normalizeFiles } from '../../src/app/normalize.js';
import { scrubRules } from '../../src/scrub/index.js';
import type { NormalizeJob } from '../../src/scrub/normalize-job.js';
import { normalizePool, type Task, type Worked } from '../../src/scrub/normalize-pool.js';
import { planScrub, type WorkProgress } from '../../src/scrub/plan.js';
import { gzipMember } from '../formats/build-gzip.js';
import { tempTree } from '../helpers/temp-tree.js';
import { NONCE, ownershipOf, path, plannedDigest } from './support.js';

const VARIES = gzipMember('x'.repeat(10_000), { mtime: 1_700_000_000 });
const NAMES = Array.from({ length: 150 }, (_, i) => `d${i % 7}/f${i}.gz`);
/** Of each kind of outcome some. */
const FILES = Object.fromEntries(
  NAMES.map((name, i) => {
    const kinds = [VARIES, gzipMember('x'), 'no gzip', VARIES.subarray(0, -1), gzipMember(`${i}`)];
    return [name, kinds[i % kinds.length]!];
  }),
);

function jobFor(root: string, name: string): NormalizeJob {
  return {
    root,
    path: path(name),
    sizeBytes: 10_000,
    among: null,
    only: null,
    sourceDateEpoch: null,
  };
}

function tasksFor(root: string, names: readonly string[]): readonly Task<string>[] {
  return names.map((item) => ({ item, job: jobFor(root, item) }));
}

async function outcomes(
  threads: number | null,
  tasks: readonly Task<string>[],
): Promise<readonly Worked<string>[]> {
  const pool = normalizePool(threads);
  const all: Worked<string>[] = [];
  try {
    for await (const worked of pool.run(tasks)) all.push(worked);
  } finally {
    await pool.close();
  }
  return all.map(plain);
}

/** A Buffer and a Uint8Array of the same bytes are not deeply equal. */
function plain({ item, outcome }: Worked<string>): Worked<string> {
  if (outcome?.kind !== 'done' || outcome.result.kind !== 'changed') return { item, outcome };
  const bytes = new Uint8Array(outcome.result.bytes);
  return { item, outcome: { ...outcome, result: { ...outcome.result, bytes } } };
}

test('outcomes come in the order of the tasks, the same from any number of threads', async (t) => {
  const root = tempTree(t, FILES);
  const tasks: readonly Task<string>[] = [
    ...tasksFor(root, NAMES),
    { item: 'nothing to read', job: null },
    ...tasksFor(root, ['missing.gz', 'd0']),
  ];
  const here = await outcomes(0, tasks);
  assert.deepEqual(
    here.map(({ item }) => item),
    tasks.map(({ item }) => item),
  );
  assert.deepEqual(
    new Set(here.map(({ outcome }) => outcome?.kind)),
    new Set(['done', 'other', undefined, 'gone']),
  );
  for (const threads of [1, 3, null]) assert.deepEqual(await outcomes(threads, tasks), here);
});

test('one file larger than what may be read ahead goes alone', async (t) => {
  const root = tempTree(t, FILES);
  const large = tasksFor(root, NAMES.slice(0, 6)).map(({ item, job }): Task<string> => ({
    item,
    job: { ...job!, sizeBytes: 2 ** 30 },
  }));
  assert.deepEqual(await outcomes(2, large), await outcomes(0, large));
});

test('who takes no more ends the work, and a root that is not there is an error in a thread too', async (t) => {
  const root = tempTree(t, FILES);
  for (const threads of [0, 2]) {
    const pool = normalizePool(threads);
    for await (const { item } of pool.run(tasksFor(root, NAMES))) {
      assert.equal(item, NAMES[0]);
      break;
    }
    await pool.close();
    await assert.rejects(outcomes(threads, tasksFor(join(root, 'nowhere'), NAMES.slice(0, 3))));
  }
});

test('a plan is the same with any number of threads, and tells how far it is', async (t) => {
  const root = tempTree(t, FILES);
  const planned = async (threads: number) => {
    const progress: WorkProgress[] = [];
    const { edits, diagnostics } = await planScrub({
      root,
      rules: scrubRules.filter(({ id }) => id.startsWith('normalize-')),
      layout: 'plain',
      sourceDateEpoch: 1_600_000_000,
      ownership: ownershipOf({ owned: [NAMES[0]!] }),
      threads,
      onProgress: (one) => progress.push(one),
    });
    const texts = edits.map((one) => [one.edit.path, plannedDigest(one.edit)]);
    return { texts, diagnostics, progress };
  };
  const here = await planned(0);
  assert.ok(here.texts.length > 20 && here.diagnostics.length > 20);
  assert.ok(here.texts.every(([name]) => name !== NAMES[0]));
  const total = NAMES.length - 1;
  assert.deepEqual(
    here.progress.map(({ what, files }) => `${what} ${files}`),
    Array.from({ length: total }, (_, i) => `normalize-gzip ${i + 1}`),
  );
  assert.ok(here.progress.every(({ totalFiles }) => totalFiles === total));
  for (const threads of [1, 3]) assert.deepEqual(await planned(threads), here);
});

test('files are normalised to the same bytes with any number of threads', async (t) => {
  const run = async (threads: number) => {
    const cwd = tempTree(t, FILES);
    const progress: number[] = [];
    const files = await normalizeFiles({
      files: NAMES,
      cwd,
      only: null,
      skip: [],
      follow: false,
      sourceDateEpoch: null,
      check: false,
      nonce: NONCE,
      signal: new AbortController().signal,
      threads,
      onProgress: ({ files: done }) => progress.push(done),
    });
    assert.deepEqual(
      progress,
      Array.from(NAMES, (_, i) => i + 1),
    );
    return { files, bytes: NAMES.map((name) => readFileSync(join(cwd, name), 'hex')) };
  };
  const here = await run(0);
  for (const threads of [1, 3]) assert.deepEqual(await run(threads), here);
});
