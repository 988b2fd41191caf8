/** Bytes of open files: hashing, writing, copying. */

import { createHash } from 'node:crypto';
import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';

import type { Beneath } from '../../fs/beneath.js';
import type { TreePath } from '../../core/path.js';
import { newStat, O } from '../../fs/native.js';
import { seenOf, type Seen } from '../walk.js';
import { LeftAlone, must } from './left-alone.js';
import { driftOf } from './ledger.js';
import type { OpenDirectory } from './directories.js';

const BLOCK = 256 * 1024;

/** Opens a regular file in an open directory and makes sure that it is the one that was planned for. */
export function openPlanned(
  beneath: Beneath,
  directory: OpenDirectory,
  name: string,
  expected: Seen,
): number {
  const flags = O.RDONLY | O.NOFOLLOW | O.NONBLOCK;
  const fd = must(beneath.calls.openat(directory.fd, name, flags), 'opening it');
  const stat = newStat();
  beneath.calls.statFd(fd, stat);
  const drift = driftOf(expected, seenOf(expected.path as TreePath, stat));
  if (drift === null) return fd;
  beneath.calls.close(fd);
  throw new LeftAlone(`${drift} since it was planned`);
}

/** SHA-256 from the beginning of the file. */
export function digestOf(fd: number): Uint8Array {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(BLOCK);
  for (let position = 0; ;) {
    const length = readSync(fd, block, 0, BLOCK, position);
    if (length === 0) return new Uint8Array(hash.digest());
    hash.update(block.subarray(0, length));
    position += length;
  }
}

/** The whole file, which has so many bytes; fewer or more when it changes meanwhile. */
export function readAll(fd: number, sizeBytes: number): Uint8Array {
  // One more than expected, to see that there is no more.
  const bytes = Buffer.allocUnsafeSlow(sizeBytes + 1);
  let filled = 0;
  while (filled < bytes.length) {
    const length = readSync(fd, bytes, filled, bytes.length - filled, filled);
    if (length === 0) break;
    filled += length;
  }
  return bytes.subarray(0, filled);
}

export function writeAll(fd: number, content: Uint8Array): void {
  for (let at = 0; at < content.length;) at += writeSync(fd, content, at, content.length - at);
}

/** Copies the content; blocks of zeros become holes where the source has holes. */
export function copyContent(from: number, to: number): void {
  const { size, blocks } = fstatSync(from);
  const isSparse = blocks * 512 < size;
  const block = Buffer.allocUnsafe(BLOCK);
  const zeros = Buffer.alloc(BLOCK);
  let position = 0;
  for (;;) {
    const length = readSync(from, block, 0, BLOCK, position);
    if (length === 0) break;
    const hole = isSparse && block.compare(zeros, 0, length, 0, length) === 0;
    for (let at = 0; !hole && at < length;)
      at += writeSync(to, block, at, length - at, position + at);
    position += length;
  }
  ftruncateSync(to, position);
}
