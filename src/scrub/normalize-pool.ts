/**
 * Many normalising jobs, in threads where there is enough to do. What comes of them comes in the order of the jobs and is
 * the same with any number of threads; everything is written by who takes it, on the main thread.
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { normalizeRunner, type NormalizeJob, type NormalizeOutcome } from './normalize-job.js';

/** A thing and the work on it; null: nothing has to be read for it. */
export interface Task<T> {
  readonly item: T;
  readonly job: NormalizeJob | null;
}

export interface Worked<T> {
  readonly item: T;
  /** Null where there was no job. */
  readonly outcome: NormalizeOutcome | null;
}

export interface NormalizePool {
  /** Outcomes in the order of the tasks. Only so much is done ahead of who takes them that memory stays bounded. */
  run<T>(tasks: readonly Task<T>[]): AsyncGenerator<Worked<T>>;
  close(): Promise<void>;
}

/** `threads`: at most so many, 0 for the main thread alone, null for as many as the machine runs at once. */
export function normalizePool(threads: number | null): NormalizePool {
  const most = threads ?? threadsOfMachine();
  const lanes: Lane[] = [];
  const runner = normalizeRunner();
  return {
    run: async function* <T>(tasks: readonly Task<T>[]): AsyncGenerator<Worked<T>> {
      const wanted = threads ?? threadsWorthStarting(tasks, most);
      while (lanes.length < wanted) lanes.push(startLane());
      yield* lanes.length === 0 ? runHere(runner, tasks) : runInLanes(lanes, tasks);
    },
    close: async () => {
      runner.close();
      await Promise.all(lanes.splice(0).map((lane) => lane.stop()));
    },
  };
}

const MAX_THREADS = 8;
/** A file costs its bytes and, for opening and looking at it, as much as so many more. */
const FILE_COST_BYTES = 16_384;
/** Some 300 ms of work: starting a thread costs 40, and its code is slow at first once more. */
const THREAD_COST_BYTES = 32 * 1024 * 1024;
/** Bytes of files that are read and not yet taken; one larger file goes alone. */
const MAX_AHEAD_BYTES = 128 * 1024 * 1024;
const MAX_AHEAD_JOBS = 32;

/** One alone would only wait for the main thread, and the main thread for it. */
function threadsOfMachine(): number {
  const count = Math.min(availableParallelism(), MAX_THREADS);
  return count < 2 ? 0 : count;
}

function threadsWorthStarting(tasks: readonly Task<unknown>[], most: number): number {
  const costs = tasks.flatMap(({ job }) => (job === null ? [] : [costOf(job)]));
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const worth = Math.min(most, costs.length, Math.floor(total / THREAD_COST_BYTES));
  return worth < 2 ? 0 : worth;
}

function costOf({ sizeBytes }: NormalizeJob): number {
  return sizeBytes + FILE_COST_BYTES;
}

async function* runHere<T>(
  runner: ReturnType<typeof normalizeRunner>,
  tasks: readonly Task<T>[],
): AsyncGenerator<Worked<T>> {
  for (const { item, job } of tasks) {
    // Signals reach the program between two files only.
    if (job !== null) await new Promise(setImmediate);
    yield { item, outcome: job === null ? null : runner.run(job) };
  }
}

interface Ahead<T> {
  readonly item: T;
  readonly cost: number;
  readonly outcome: Promise<NormalizeOutcome | null>;
}

async function* runInLanes<T>(
  lanes: readonly Lane[],
  tasks: readonly Task<T>[],
): AsyncGenerator<Worked<T>> {
  const ahead: Ahead<T>[] = [];
  let bytesAhead = 0;
  let next = 0;
  for (;;) {
    for (let task = tasks[next]; task !== undefined; task = tasks[next]) {
      const cost = task.job === null ? 0 : costOf(task.job);
      const isFull =
        ahead.length >= MAX_AHEAD_JOBS * lanes.length || bytesAhead + cost > MAX_AHEAD_BYTES;
      if (isFull && ahead.length > 0) break;
      ahead.push({ item: task.item, cost, outcome: begin(lanes, task.job) });
      bytesAhead += cost;
      next += 1;
    }
    const first = ahead.shift();
    if (first === undefined) return;
    const outcome = await first.outcome;
    bytesAhead -= first.cost;
    yield { item: first.item, outcome };
  }
}

/** Goes to the thread with the least before it. */
function begin(lanes: readonly Lane[], job: NormalizeJob | null): Promise<NormalizeOutcome | null> {
  if (job === null) return Promise.resolve(null);
  const lane = lanes.reduce((least, one) => (one.waiting() < least.waiting() ? one : least));
  const outcome = lane.run(job);
  // Whoever stops taking leaves promises behind; a failure is told to who waits for it.
  outcome.catch(() => {});
  return outcome;
}

interface Lane {
  run(job: NormalizeJob): Promise<NormalizeOutcome>;
  /** Cost of the jobs that it has and is not done with. */
  waiting(): number;
  stop(): Promise<void>;
}

function startLane(): Lane {
  const worker = new Worker(new URL('./normalize-worker.js', import.meta.url), {
    // Flags of the caller (--input-type, --import) are not meant for this module.
    execArgv: [],
    // Files are opened by native calls, of which Node knows nothing when it closes them.
    trackUnmanagedFds: false,
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const queue: {
    readonly cost: number;
    readonly resolve: (outcome: NormalizeOutcome) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  let failure: { readonly error: unknown } | null = null;
  worker.on('message', (outcome: NormalizeOutcome) => queue.shift()!.resolve(outcome));
  const fail = (error: unknown): void => {
    failure ??= { error };
    for (const { reject } of queue.splice(0)) reject(error);
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a normalising thread ended')));
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure.error as Error);
        queue.push({ cost: costOf(job), resolve, reject });
        worker.postMessage(job);
      }),
    waiting: () => queue.reduce((sum, { cost }) => sum + cost, 0),
    // Never by force: a thread that is terminated within a native call takes the whole process with it.
    stop: async () => {
      worker.postMessage(null);
      await ended;
    },
  };
}
