/** A directory scanner from plain data, the same in every thread. */

import { constants as osConstants } from 'node:os';
import { geteuid } from 'node:process';

import type { Exclusion } from '../../core/capture.js';
import type { TreePath } from '../../core/path.js';
import { opener } from '../../fs/beneath.js';
import { nativeCalls } from '../../fs/native.js';
import { portableCalls, type ScanCalls } from '../../fs/portable.js';
import { compileGlob } from '../../util/glob.js';
import type { ContentHasher } from '../../util/hashing.js';
import { DirectoryScanner } from './scan-directory.js';
import { StatCacheReader } from './stat-cache.js';

export interface ScannerInput {
  readonly rootFd: number;
  readonly withSha256: boolean;
  readonly exclusions: readonly Exclusion[];
  readonly mountPoints: readonly TreePath[];
  readonly cache: SharedArrayBuffer | null;
}

/** Once `isStopped`, what was begun ends soon and means nothing: every look at an entry and every read fails. */
export function createScanner(
  input: ScannerInput,
  hasher: ContentHasher,
  mostBytes: number,
  isStopped: (() => boolean) | null = null,
): DirectoryScanner {
  const native = nativeCalls();
  const calls = stoppable(native ?? portableCalls, isStopped);
  const uid = geteuid?.() ?? 0;
  const globs = input.exclusions.map(({ pattern }) => compileGlob(pattern));
  const cache =
    input.cache === null || input.cache.byteLength === 0 ? null : new StatCacheReader(input.cache);
  return new DirectoryScanner({
    open: opener(calls, input.rootFd),
    calls,
    hasher,
    withSha256: input.withSha256,
    withXattrs: native !== null,
    ownUid: uid === 0 ? null : uid,
    isExcluded: globs.length === 0 ? () => false : (path) => globs.some((matches) => matches(path)),
    mountPoints: new Set(input.mountPoints),
    mostBytes,
    cached: input.cache === null ? null : (path) => cache?.find(path) ?? null,
  });
}

function stoppable(calls: ScanCalls, isStopped: (() => boolean) | null): ScanCalls {
  if (isStopped === null) return calls;
  return {
    ...calls,
    read: (...args) => (isStopped() ? INTERRUPTED : calls.read(...args)),
    statAt: (...args) => (isStopped() ? INTERRUPTED : calls.statAt(...args)),
  };
}

const INTERRUPTED = -osConstants.errno.EINTR;
