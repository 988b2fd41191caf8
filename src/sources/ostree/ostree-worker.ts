/** A thread that hashes content objects. Its file has a name of its own, because all threads of the bundle lie in one folder. */

import { parentPort, workerData } from 'node:worker_threads';

import { createContentHasher } from '../../util/hashing.js';
import { contentHasher, type ContentDigestOptions, type HashedContent } from './hash-content.js';
import type { Repository } from './repository.js';

export interface OstreeWorkerInput {
  readonly repository: Repository;
  readonly digests: ContentDigestOptions;
  /** One word that all threads share: not 0 once nobody waits for an answer any more. */
  readonly control: Int32Array;
}

/** Answers a list of checksums with what they are, in the same order. */
export interface OstreeWorkerAnswer {
  readonly hashed: readonly HashedContent[];
}

const { repository, digests, control } = workerData as OstreeWorkerInput;
const isStopped = (): boolean => Atomics.load(control, 0) !== 0;
const hash = contentHasher(repository, await createContentHasher(), digests, isStopped);

async function answer(checksums: readonly string[]): Promise<void> {
  const hashed: HashedContent[] = [];
  for (const checksum of checksums) {
    if (isStopped()) return;
    hashed.push(await hash(checksum));
  }
  parentPort!.postMessage({ hashed } satisfies OstreeWorkerAnswer);
}

// One list after the other: large objects are waited for. Null is the end.
let busy = Promise.resolve();
parentPort!.on('message', (checksums: readonly string[] | null) => {
  busy = busy.then(() => (checksums === null ? parentPort!.close() : answer(checksums)));
});
