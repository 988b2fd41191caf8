/**
 * Layers read by several threads at a time, and handed on in their order: the lowest first, each from its first member to
 * its last. What is read ahead is bounded, so that a thread waits when the layers below take longer.
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import type { DigestAlgorithm } from '../../core/capture.js';
import { unpackBatch, type LayerItem } from './layer-batch.js';
import type { LayerAnswer, LayerJob, LayerOrder, LayerWorkerInput } from './layer-worker.js';

export interface LayerThreadsRequest {
  readonly digests: readonly DigestAlgorithm[];
  /** Bytes of files that may be kept. */
  readonly keptBytes: number;
  readonly signal: AbortSignal;
  readonly item: (index: number, item: LayerItem) => void;
  /** Bytes of blobs that were read, of all layers. */
  readonly progress: (bytes: number) => void;
}

const MOST_THREADS = 8;

/** Throws the reason of the signal. */
export function readInThreads(
  jobs: readonly LayerJob[],
  request: LayerThreadsRequest,
): Promise<void> {
  const { digests, keptBytes, signal } = request;
  const keptLeft = new BigInt64Array(new SharedArrayBuffer(8));
  keptLeft[0] = BigInt(keptBytes);
  const workerData: LayerWorkerInput = { digests, keptLeft };
  const threads: Thread[] = [];
  /** Answers for layers whose turn has not come, by their place among the jobs. */
  const ahead = new Map<number, { readonly answer: LayerAnswer; readonly thread: Thread }[]>();
  const bytesOf = new Map<number, number>();
  let bytes = 0;
  let next = 0;
  let current = 0;
  return new Promise<void>((resolve, reject) => {
    let isOver = false;
    const stop = (finish: () => void): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', onAbort);
      void Promise.all(threads.map((thread) => thread.end())).then(finish);
    };
    const fail = (error: unknown): void => stop(() => reject(error as Error));
    const onAbort = (): void => fail(signal.reason);
    const take = (thread: Thread, answer: LayerAnswer): void => {
      for (const item of unpackBatch(answer.batch)) request.item(current, item);
      thread.order({ taken: answer.weight });
      if (answer.isLast) current += 1;
    };
    const takeReady = (): void => {
      for (let ready = ahead.get(current); ready !== undefined; ready = ahead.get(current)) {
        ahead.delete(current);
        for (const { thread, answer } of ready) take(thread, answer);
      }
    };
    const assign = (thread: Thread): void => {
      const job = jobs[next++];
      if (job !== undefined) thread.order(job);
    };
    const heard = (thread: Thread, answer: LayerAnswer): void => {
      if (isOver) return;
      const { index } = answer;
      bytes += answer.bytes - (bytesOf.get(index) ?? 0);
      bytesOf.set(index, answer.bytes);
      request.progress(bytes);
      const before = ahead.get(index);
      if (before === undefined) ahead.set(index, [{ answer, thread }]);
      else before.push({ answer, thread });
      takeReady();
      if (answer.isLast) assign(thread);
      if (current === jobs.length) stop(resolve);
    };
    if (signal.aborted) return fail(signal.reason);
    signal.addEventListener('abort', onAbort);
    const count = Math.min(availableParallelism(), MOST_THREADS, jobs.length);
    for (let i = 0; i < count; i++) {
      const thread = startThread(workerData, fail, (answer) => {
        try {
          heard(thread, answer);
        } catch (error) {
          fail(error);
        }
      });
      threads.push(thread);
      assign(thread);
    }
  });
}

interface Thread {
  order(order: LayerOrder): void;
  /** Never by force: a thread that is terminated within a native call takes the whole process with it. */
  end(): Promise<void>;
}

function startThread(
  workerData: LayerWorkerInput,
  fail: (error: unknown) => void,
  onAnswer: (answer: LayerAnswer) => void,
): Thread {
  const worker = new Worker(new URL('./layer-worker.js', import.meta.url), {
    workerData,
    // Flags of the caller (--input-type, --import) are not meant for this module.
    execArgv: [],
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', fail);
  worker.on('message', onAnswer);
  return {
    order: (order) => worker.postMessage(order),
    end: async () => {
      worker.postMessage(null);
      await ended;
    },
  };
}
