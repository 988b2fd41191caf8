/** Hashes many content objects, each once: a few on the main thread, many in one thread per core. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { AuditError, EXIT } from '../../core/errors.js';
import { createContentHasher } from '../../util/hashing.js';
import { contentHasher, type ContentDigestOptions, type HashedContent } from './hash-content.js';
import type { OstreeWorkerAnswer, OstreeWorkerInput } from './ostree-worker.js';
import type { Repository } from './repository.js';

export interface HashObjectsRequest {
  readonly repository: Repository;
  readonly digests: ContentDigestOptions;
  readonly signal: AbortSignal;
  readonly found: (checksum: string, hashed: HashedContent) => void;
}

/** Fewer than this are done before a thread has started. */
const INLINE_OBJECTS = 300;
const BATCH = 48;
/** Batches that wait in a thread while it works. */
const AHEAD = 2;

export async function hashObjects(
  checksums: readonly string[],
  request: HashObjectsRequest,
): Promise<void> {
  const { repository, digests, signal, found } = request;
  if (checksums.length > INLINE_OBJECTS) return hashInThreads(checksums, request);
  const hash = contentHasher(repository, await createContentHasher(), digests);
  for (const checksum of checksums) {
    if (signal.aborted) throw interrupted();
    found(checksum, await hash(checksum));
  }
}

function hashInThreads(
  checksums: readonly string[],
  { repository, digests, signal, found }: HashObjectsRequest,
): Promise<void> {
  const control = new Int32Array(new SharedArrayBuffer(4));
  const workerData: OstreeWorkerInput = { repository, digests, control };
  const workers: Worker[] = [];
  const ends: Promise<void>[] = [];
  let isOver = false;
  let next = 0;
  let done = 0;
  return new Promise<void>((resolve, reject) => {
    // Never by force: a thread that is terminated within a native call takes the whole process with it.
    const stop = (finish: () => void): void => {
      isOver = true;
      signal.removeEventListener('abort', onAbort);
      Atomics.store(control, 0, 1);
      for (const worker of workers) worker.postMessage(null);
      void Promise.all(ends).then(finish);
    };
    const onAbort = (): void => stop(() => reject(interrupted()));
    const fail = (error: unknown): void => stop(() => reject(error));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);
    const start = (): void => {
      const worker = new Worker(new URL('./ostree-worker.js', import.meta.url), {
        workerData,
        execArgv: [],
      });
      const waiting: (readonly string[])[] = [];
      const assign = (): void => {
        const batch = checksums.slice(next, next + BATCH);
        if (batch.length === 0) return;
        next += batch.length;
        waiting.push(batch);
        worker.postMessage(batch);
      };
      ends.push(new Promise((end) => void worker.once('exit', () => end())));
      worker.on('message', ({ hashed }: OstreeWorkerAnswer) => {
        if (isOver) return;
        try {
          const batch = waiting.shift()!;
          for (const [i, checksum] of batch.entries()) found(checksum, hashed[i]!);
          done += batch.length;
        } catch (error) {
          return fail(error);
        }
        if (done === checksums.length) stop(resolve);
        else assign();
      });
      worker.on('error', fail);
      workers.push(worker);
      for (let i = 0; i < AHEAD; i++) assign();
    };
    const count = Math.min(availableParallelism(), 8, Math.ceil(checksums.length / BATCH));
    for (let i = 0; i < count; i++) start();
  });
}

export function interrupted(): AuditError {
  return new AuditError(
    'INTERRUPTED',
    `interrupted (exit ${EXIT.interrupted}); nothing was recorded`,
  );
}
