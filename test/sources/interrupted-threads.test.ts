/** A thread that is ended by force within a native call takes the process with it: threads of sources end by themselves. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { getActiveResourcesInfo } from 'node:process';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { openSource } from '../../src/app/open-location.js';
import { scanTree } from '../../src/app/scanned-tree.js';
import { AuditError } from '../../src/core/errors.js';
import { needs } from '../helpers/oracle.js';
import { tempFolder, tempTree } from '../helpers/temp-tree.js';
import { ostree } from './ostree/support.js';

/** More entries than are looked at before threads are started, some of them large enough to be read in many pieces. */
const FILES = Object.fromEntries([
  ...Array.from({ length: 6000 }, (_, i) => [`d${i % 60}/f${i}`, `content of ${i}`] as const),
  ...Array.from({ length: 4 }, (_, i) => [`large/f${i}`, Buffer.alloc(12e6, i)] as const),
]);

/** How a scan ends that is interrupted when its progress was told `after` times, or so many milliseconds later. */
async function interrupted(location: string, after: number, delay: number): Promise<unknown> {
  const controller = new AbortController();
  const source = openSource(location);
  let told = 0;
  try {
    await scanTree(source, {
      digests: ['xxh64', 'sha256'],
      exclusions: [],
      startedNs: 0n,
      signal: controller.signal,
      onProgress: () => {
        told += 1;
        if (told === after) setTimeout(() => controller.abort(), delay);
      },
    });
    return null;
  } catch (error) {
    return error;
  } finally {
    source.close();
  }
}

async function interruptOften(location: string, most: number): Promise<void> {
  let caught = 0;
  for (let round = 0; round < 16; round++) {
    const error = await interrupted(location, 1 + ((round * 7) % most), (round * 5) % 60);
    if (error === null) continue;
    assert.ok(error instanceof AuditError, inspect(error));
    assert.equal(error.code, 'INTERRUPTED');
    caught += 1;
  }
  assert.ok(caught > 0);
  // Whoever was interrupted has waited for its threads.
  assert.ok(!getActiveResourcesInfo().includes('MessagePort'));
}

test('A scan in threads can be interrupted at any time, again and again', async (t) => {
  await interruptOften(`dir:${tempTree(t, FILES)}`, 60);
});

test('A commit whose objects are hashed in threads too', { skip: needs('ostree') }, async (t) => {
  const root = tempTree(t, FILES);
  const repository = join(tempFolder(t), 'repo');
  ostree('init', `--repo=${repository}`, '--mode=bare-user-only');
  ostree('commit', `--repo=${repository}`, '--branch=main', `--tree=dir=${root}`);
  await interruptOften(`ostree:${repository}@main`, 8);
});
