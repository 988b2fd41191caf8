/** A normalising thread: takes jobs one by one and sends what came of each, null being the end. It writes nothing. */

import { parentPort } from 'node:worker_threads';

import { normalizeRunner, type NormalizeJob, type NormalizeOutcome } from './normalize-job.js';

const port = parentPort!;
const runner = normalizeRunner();

port.on('message', (job: NormalizeJob | null) => {
  if (job === null) {
    runner.close();
    port.close();
    return;
  }
  const outcome = withOwnBuffer(runner.run(job));
  const isChanged = outcome.kind === 'done' && outcome.result.kind === 'changed';
  port.postMessage(outcome, isChanged ? [outcome.result.bytes.buffer as ArrayBuffer] : []);
});

/** Bytes that are a part of a larger buffer get one of their own, which can change hands. */
function withOwnBuffer(outcome: NormalizeOutcome): NormalizeOutcome {
  if (outcome.kind !== 'done' || outcome.result.kind !== 'changed') return outcome;
  const { bytes } = outcome.result;
  const isWhole =
    bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  const own = isWhole ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
  return { ...outcome, result: { ...outcome.result, bytes: own } };
}
