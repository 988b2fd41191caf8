/** A thread that reads layers, one after the other. Its file has a name of its own: threads of the bundle lie in one folder. */

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

import type { DigestAlgorithm } from '../../core/capture.js';
import { errnoOf, FormatError } from '../../core/errors.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { chunkHashers } from '../archive/hash-content.js';
import { isKeptName } from '../archive/kept-files.js';
import { packBatch, weightOf, type LayerBatch, type LayerItem } from './layer-batch.js';
import { readLayer, storedBlob, type LayerNames } from './read-layer.js';

export interface LayerWorkerInput {
  readonly digests: readonly DigestAlgorithm[];
  /** One number for all threads: bytes that may still be kept. */
  readonly keptLeft: BigInt64Array;
}

export interface LayerJob {
  /** Its place among the jobs. */
  readonly index: number;
  readonly names: LayerNames;
  /** Where the blob lies. */
  readonly place: { readonly path: string; readonly offset: number; readonly size: number };
}

/** Batches that were taken give their weight back; null ends the thread. */
export type LayerOrder = LayerJob | { readonly taken: number } | null;

export interface LayerAnswer {
  readonly index: number;
  readonly batch: LayerBatch;
  readonly weight: number;
  /** Bytes of the blob that were read so far. */
  readonly bytes: number;
  readonly isLast: boolean;
}

/** What may wait to be taken, of one thread. */
const MOST_WAITING = 32 * 1024 * 1024;
const BATCH_WEIGHT = 512 * 1024;

const port = parentPort!;
const { digests, keptLeft } = workerData as LayerWorkerInput;
const hasher = await chunkHashers(digests);
const ending = new AbortController();
let waiting = 0;
let resume: (() => void) | null = null;

async function answer({ index, names, place }: LayerJob): Promise<void> {
  let items: LayerItem[] = [];
  let weight = 0;
  let bytes = 0;
  const send = (isLast: boolean): void => {
    const batch = packBatch(items);
    port.postMessage({ index, batch, weight, bytes, isLast } satisfies LayerAnswer);
    waiting += weight;
    [items, weight] = [[], 0];
  };
  const add = (item: LayerItem): void => {
    items.push(item);
    weight += weightOf(item);
  };
  const problem = (detail: string): void => add({ problem: detail });
  const sink = {
    problem,
    progress: (count: number) => void (bytes = count),
    member: (member: LayerItem): Promise<void> | undefined => {
      add(member);
      if (weight < BATCH_WEIGHT) return undefined;
      send(false);
      return waiting > MOST_WAITING ? room() : turn();
    },
  };
  const tools = { signal: ending.signal, hasher, wants };
  try {
    await withBlob(place, (access) => readLayer(names, storedBlob(access), tools, sink));
  } catch (error) {
    if (ending.signal.aborted) return;
    if (!(error instanceof FormatError) && errnoOf(error) === undefined) throw error;
    problem(`it cannot be read: ${errnoOf(error) ?? String(error)}`);
  }
  send(true);
  if (waiting > MOST_WAITING) await room();
}

function wants(path: string, size: number): boolean {
  if (!isKeptName(path) || Atomics.load(keptLeft, 0) < BigInt(size)) return false;
  Atomics.sub(keptLeft, 0, BigInt(size));
  return true;
}

/** Messages come in between. */
async function turn(): Promise<void> {
  await setImmediate();
}

function room(): Promise<void> {
  return new Promise((resolve) => (resume = resolve));
}

async function withBlob(
  { path, offset, size }: LayerJob['place'],
  action: (access: RandomAccess) => Promise<void>,
): Promise<void> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const file: RandomAccess = {
      size: fstatSync(fd).size,
      read: (at, length) => {
        const buffer = Buffer.allocUnsafeSlow(length);
        const count = readSync(fd, buffer, 0, length, at);
        return count === length ? buffer : buffer.subarray(0, count);
      },
    };
    await action(windowAccess(file, offset, size));
  } finally {
    closeSync(fd);
  }
}

let busy = Promise.resolve();
port.on('message', (order: LayerOrder) => {
  if (order === null) {
    ending.abort();
    resume?.();
    port.close();
  } else if ('taken' in order) {
    waiting -= order.taken;
    if (waiting <= MOST_WAITING) {
      resume?.();
      resume = null;
    }
  } else busy = busy.then(() => answer(order));
});
