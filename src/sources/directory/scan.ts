/**
 * Scans a directory tree. Begins on the main thread; a tree that is not done after some hundred entries goes on
 * in worker threads, one per core, that share their stacks of directories. The main thread hands what they send
 * to the sink, in no particular order.
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

import { captureWord, type CaptureSet } from '../../core/capture.js';
import { typeOfMode, type Entry, type Xattr } from '../../core/entry.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { comparePaths, joinPath, ROOT_PATH, type TreePath } from '../../core/path.js';
import { AT_FDCWD, errnoName, nativeCalls, newStat, O } from '../../fs/native.js';
import { mountPointsBelow, readMounts } from '../../fs/mounts.js';
import { portableCalls } from '../../fs/portable.js';
import { createContentHasher, type ContentHasher } from '../../util/hashing.js';
import type { ScanOptions, ScanResult, ScanSink } from '../define.js';
import { directoryCapture } from './capture.js';
import { createScanner, type ScannerInput } from './create-scanner.js';
import { readXattrs } from './read-xattrs.js';
import { loadStatCache, StatCacheWriter } from './stat-cache.js';
import {
  CONTROL,
  unpackBatch,
  type FromWorker,
  type ScannedDirectory,
  type ToWorker,
} from './wire.js';
import type { WorkerInput } from './worker.js';

/** Work done on the main thread before threads are worth their start-up of about 40 ms. */
const INLINE_ENTRIES = 2_000;
const INLINE_BYTES = 32 * 1024 * 1024;
/** A directory with more content is read in a thread: while the main thread reads, no signal reaches the program. */
const INLINE_DIRECTORY_BYTES = 16 * 1024 * 1024;

/** What a scan makes is short-lived: a small young generation costs nothing and saves tens of megabytes a thread. */
const WORKER_LIMITS = { maxYoungGenerationSizeMb: 6 } as const;

/** `root` is absolute and resolved, latin1 bytes. */
export async function scanDirectoryTree(
  root: string,
  options: ScanOptions,
  sink: ScanSink,
): Promise<ScanResult> {
  const calls = nativeCalls() ?? portableCalls;
  const rootFd = calls.openat(AT_FDCWD, root, O.RDONLY | O.DIRECTORY);
  if (rootFd < 0)
    throw new AuditError('SOURCE_UNUSABLE', `cannot open the root directory: ${root}`);
  try {
    const scan = new TreeScan(root, rootFd, options, sink, await createContentHasher());
    return await scan.run();
  } finally {
    calls.close(rootFd);
  }
}

class TreeScan {
  readonly #rootFd: number;
  readonly #options: ScanOptions;
  readonly #sink: ScanSink;
  readonly #hasher: ContentHasher;
  readonly #input: ScannerInput;
  readonly #cacheWriter: StatCacheWriter | null;
  readonly #mountPoints: TreePath[] = [];
  #capture: CaptureSet;
  #entries = 1;
  #bytes = 0;
  #cachedFiles = 0;

  constructor(
    root: string,
    rootFd: number,
    options: ScanOptions,
    sink: ScanSink,
    hasher: ContentHasher,
  ) {
    this.#rootFd = rootFd;
    this.#options = options;
    this.#sink = sink;
    this.#hasher = hasher;
    this.#capture = directoryCapture(options);
    const word = captureWord(this.#capture);
    const file = options.statCacheFile;
    this.#input = {
      rootFd,
      withSha256: options.digests.includes('sha256'),
      exclusions: options.exclusions,
      mountPoints: mountPointsBelow(readMounts(), root),
      cache: file === null ? null : (loadStatCache(file, word, hasher) ?? new SharedArrayBuffer(0)),
    };
    this.#cacheWriter =
      file === null ? null : StatCacheWriter.create(file, word, options.startedNs, hasher);
  }

  async run(): Promise<ScanResult> {
    try {
      const root = this.#rootEntry();
      const rest = this.#scanInline();
      if (rest.length > 0) await this.#scanInThreads(rest);
      this.#cacheWriter?.commit();
      this.#capture = { ...this.#capture, mountPoints: this.#mountPoints.toSorted(comparePaths) };
      return { root, capture: this.#capture, cachedFiles: this.#cachedFiles };
    } catch (error) {
      this.#cacheWriter?.abort();
      throw error;
    }
  }

  #rootEntry(): Entry {
    const calls = nativeCalls() ?? portableCalls;
    const stat = newStat();
    calls.statFd(this.#rootFd, stat);
    return {
      name: '',
      type: typeOfMode(stat.mode) ?? 'directory',
      coverage: 'full',
      mode: stat.mode & 0o7777,
      uid: stat.uid,
      gid: stat.gid,
      size: 0,
      mtimeNs: stat.mtimeNs,
      target: null,
      rdev: null,
      xattrs: this.#rootXattrs(),
      xxh64: null,
      sha256: null,
      link: null,
    };
  }

  #rootXattrs(): readonly Xattr[] {
    const calls = nativeCalls() ?? portableCalls;
    const names = calls.listXattrs(this.#rootFd);
    const xattrs = readXattrs(names, (name) => calls.getXattr(this.#rootFd, name));
    if (typeof xattrs !== 'number') return xattrs;
    const detail = `cannot read the xattrs of the root: ${errnoName(xattrs)}`;
    this.#sink.diagnostic({ code: 'unreadable', path: ROOT_PATH, detail });
    return [];
  }

  /** Scans until the tree is done or proves large; returns the directories that are left. */
  #scanInline(): TreePath[] {
    const scanner = createScanner(this.#input, this.#hasher, INLINE_DIRECTORY_BYTES);
    const stack: TreePath[] = [ROOT_PATH];
    const deferred: TreePath[] = [];
    while (this.#entries < INLINE_ENTRIES && this.#bytes < INLINE_BYTES) {
      const path = stack.pop();
      if (path === undefined) break;
      this.#stopIfAborted();
      const scan = scanner.scan(path);
      if (scan === null) {
        deferred.push(path);
        continue;
      }
      this.#mountPoints.push(...scan.mountPoints);
      for (const diagnostic of scan.diagnostics) this.#sink.diagnostic(diagnostic);
      for (const { name } of scan.directory.subdirectories) stack.push(joinPath(path, name));
      this.#take(scan.directory);
    }
    return [...stack, ...deferred];
  }

  #scanInThreads(paths: TreePath[]): Promise<void> {
    const count = Math.max(1, Math.min(availableParallelism(), 8));
    const shared = new SharedArrayBuffer(4 * (CONTROL.firstAcknowledged + count));
    const control = new Int32Array(shared);
    const workers: Worker[] = [];
    const ends: Promise<void>[] = [];
    const idle = new Set<number>();
    let queue = paths;
    let isOver = false;

    return new Promise<void>((resolve, reject) => {
      // Never by force: a thread that is terminated within a native call takes the whole process with it.
      const stop = (finish: () => void): void => {
        isOver = true;
        Atomics.store(control, CONTROL.stop, 1);
        this.#options.signal.removeEventListener('abort', onAbort);
        for (let i = 0; i < count; i++) Atomics.notify(control, CONTROL.firstAcknowledged + i);
        for (const worker of workers) worker.postMessage(null satisfies ToWorker);
        void Promise.all(ends).then(finish);
      };
      const onAbort = (): void => stop(() => reject(interrupted()));
      const fail = (error: unknown): void => stop(() => reject(error));
      this.#options.signal.addEventListener('abort', onAbort);

      const assign = (): void => {
        for (const index of idle) {
          if (queue.length === 0) break;
          const share = Math.ceil(queue.length / idle.size);
          const work: ToWorker = { kind: 'work', paths: queue.slice(0, share) };
          queue = queue.slice(share);
          idle.delete(index);
          Atomics.store(control, CONTROL.hungry, idle.size);
          workers[index]!.postMessage(work);
        }
        if (idle.size === count) stop(resolve);
      };
      const receive = (index: number, message: FromWorker): void => {
        if (message.kind === 'surplus') queue.push(...message.paths);
        if (message.kind === 'idle') idle.add(index);
        if (message.kind === 'batch') {
          for (const diagnostic of message.diagnostics) this.#sink.diagnostic(diagnostic);
          this.#mountPoints.push(...message.mountPoints);
          for (const directory of unpackBatch(message)) this.#take(directory);
          Atomics.add(control, CONTROL.firstAcknowledged + index, 1);
          Atomics.notify(control, CONTROL.firstAcknowledged + index);
          return;
        }
        Atomics.store(control, CONTROL.hungry, idle.size);
        assign();
      };
      for (let index = 0; index < count; index++) {
        const workerData: WorkerInput = { ...this.#input, index, control: shared };
        const worker = new Worker(new URL('./worker.js', import.meta.url), {
          workerData,
          // Flags of the caller (--input-type, --import) are not meant for this module.
          execArgv: [],
          resourceLimits: WORKER_LIMITS,
        });
        ends.push(new Promise((end) => void worker.once('exit', () => end())));
        worker.on('message', (message: FromWorker) => {
          if (isOver) return;
          try {
            receive(index, message);
          } catch (error) {
            fail(error);
          }
        });
        worker.on('error', fail);
        workers.push(worker);
        idle.add(index);
      }
      assign();
    });
  }

  #take(directory: ScannedDirectory): void {
    this.#entries += directory.count;
    this.#bytes += directory.bytesRead;
    this.#cachedFiles += directory.cachedFiles;
    this.#cacheWriter?.add(directory);
    this.#sink.directory(directory);
    this.#sink.progress({ entries: this.#entries, bytes: this.#bytes });
  }

  #stopIfAborted(): void {
    if (this.#options.signal.aborted) throw interrupted();
  }
}

function interrupted(): AuditError {
  return new AuditError(
    'INTERRUPTED',
    `interrupted (exit ${EXIT.interrupted}); nothing was recorded`,
  );
}
