/** A scanning thread: takes directories, sends packed listings, shares its stack when another thread is hungry. */

import { parentPort, workerData } from 'node:worker_threads';

import type { Exclusion } from '../../core/capture.js';
import type { Diagnostic } from '../../core/diagnostic.js';
import { joinPath, type TreePath } from '../../core/path.js';
import { createContentHasher } from '../../util/hashing.js';
import { createScanner } from './create-scanner.js';
import {
  CONTROL,
  packBatch,
  type FromWorker,
  type ScannedDirectory,
  type ToWorker,
} from './wire.js';

export interface WorkerInput {
  readonly index: number;
  readonly control: SharedArrayBuffer;
  readonly rootFd: number;
  readonly withSha256: boolean;
  readonly exclusions: readonly Exclusion[];
  readonly mountPoints: readonly TreePath[];
  /** Loaded stat cache; null when none is in use, an empty buffer when there is none yet. */
  readonly cache: SharedArrayBuffer | null;
}

const BATCH_BYTES = 256 * 1024;
const BATCH_DIRECTORIES = 128;
/** Batches that may be under way before this thread waits for the main thread. */
const MAX_OUTSTANDING = 6;

const port = parentPort!;
const input = workerData as WorkerInput;
const control = new Int32Array(input.control);
const isStopped = (): boolean => Atomics.load(control, CONTROL.stop) === 1;
const scanner = createScanner(input, await createContentHasher(), Infinity, isStopped);
const stack: TreePath[] = [];
let directories: ScannedDirectory[] = [];
let diagnostics: Diagnostic[] = [];
let mountPoints: TreePath[] = [];
let batchBytes = 0;
let sent = 0;

port.on('message', (message: ToWorker) => {
  if (message === null) return port.close();
  for (const path of message.paths) stack.push(path);
  work();
});

function work(): void {
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    if (isStopped()) return;
    const scan = scanner.scan(path)!;
    directories.push(scan.directory);
    diagnostics.push(...scan.diagnostics);
    mountPoints.push(...scan.mountPoints);
    batchBytes += scan.directory.records.length + scan.directory.count * 8;
    for (const { name } of scan.directory.subdirectories) stack.push(joinPath(path, name));
    if (stack.length > 1 && Atomics.load(control, CONTROL.hungry) > 0) shareStack();
    if (batchBytes >= BATCH_BYTES || directories.length >= BATCH_DIRECTORIES) flush();
  }
  flush();
  send({ kind: 'idle' });
}

/** Gives away the older half: directories near the root, with more below them. */
function shareStack(): void {
  send({ kind: 'surplus', paths: stack.splice(0, stack.length >> 1) });
}

function flush(): void {
  if (directories.length === 0) return;
  const batch = packBatch(directories, diagnostics, mountPoints);
  directories = [];
  diagnostics = [];
  mountPoints = [];
  batchBytes = 0;
  port.postMessage(batch, [batch.buffer]);
  sent += 1;
  const slot = CONTROL.firstAcknowledged + input.index;
  for (
    let acknowledged = Atomics.load(control, slot);
    sent - acknowledged > MAX_OUTSTANDING;
    acknowledged = Atomics.load(control, slot)
  ) {
    if (isStopped()) return;
    Atomics.wait(control, slot, acknowledged, 1000);
  }
}

function send(message: FromWorker): void {
  port.postMessage(message);
}
