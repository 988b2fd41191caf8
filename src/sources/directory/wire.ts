/** What workers and the main thread say to each other. Directories travel packed, many to a transferred buffer. */

import type { Diagnostic } from '../../core/diagnostic.js';
import type { PackedDirectory } from '../../core/packed-directory.js';
import type { TreePath } from '../../core/path.js';

/** A scanned directory: the packed form, and per entry what the stat cache compares. */
export interface ScannedDirectory extends PackedDirectory {
  /** Inode, size and ctime in nanoseconds of each entry; null unless the stat cache is in use. */
  readonly statKeys: BigInt64Array | null;
  /** Device of the directory, `major:minor`. */
  readonly device: string;
  readonly cachedFiles: number;
  readonly bytesRead: number;
}

/** The same with offsets into the buffer of the batch instead of views. */
interface DirectoryHeader extends Omit<ScannedDirectory, 'records' | 'mtimesNs' | 'statKeys'> {
  readonly recordsAt: number;
  readonly recordsEnd: number;
  readonly mtimesAt: number;
  readonly statKeysAt: number;
}

export interface Batch {
  readonly kind: 'batch';
  readonly buffer: ArrayBuffer;
  readonly directories: readonly DirectoryHeader[];
  readonly diagnostics: readonly Diagnostic[];
  readonly mountPoints: readonly TreePath[];
}

export type FromWorker =
  | Batch
  /** Directories that this worker has listed and leaves to others. */
  | { readonly kind: 'surplus'; readonly paths: readonly TreePath[] }
  | { readonly kind: 'idle' };

/** `null` ends the thread once it is done with what it has; with `CONTROL.stop` set that is at once. */
export type ToWorker = { readonly kind: 'work'; readonly paths: readonly TreePath[] } | null;

/** Words of the control array that all threads share. */
export const CONTROL = { hungry: 0, stop: 1, firstAcknowledged: 2 } as const;

export function packBatch(
  directories: readonly ScannedDirectory[],
  diagnostics: readonly Diagnostic[],
  mountPoints: readonly TreePath[],
): Batch {
  const total = directories.reduce(
    (sum, d) =>
      sum + align(d.records.length) + d.mtimesNs.byteLength + (d.statKeys?.byteLength ?? 0),
    0,
  );
  const bytes = new Uint8Array(total);
  let at = 0;
  const place = (part: Uint8Array): number => {
    const start = at;
    bytes.set(part, start);
    at = align(start + part.length);
    return start;
  };
  const headers = directories.map(({ records, mtimesNs, statKeys, ...rest }): DirectoryHeader => {
    const recordsAt = place(records);
    return {
      ...rest,
      recordsAt,
      recordsEnd: recordsAt + records.length,
      mtimesAt: place(bytesOf(mtimesNs)),
      statKeysAt: statKeys === null ? -1 : place(bytesOf(statKeys)),
    };
  });
  return { kind: 'batch', buffer: bytes.buffer, directories: headers, diagnostics, mountPoints };
}

/** Views into the buffer of the batch; nothing is copied. */
export function* unpackBatch(batch: Batch): Generator<ScannedDirectory> {
  for (const { recordsAt, recordsEnd, mtimesAt, statKeysAt, ...rest } of batch.directories) {
    yield {
      ...rest,
      records: new Uint8Array(batch.buffer, recordsAt, recordsEnd - recordsAt),
      mtimesNs: new BigInt64Array(batch.buffer, mtimesAt, rest.count),
      statKeys:
        statKeysAt < 0
          ? null
          : new BigInt64Array(batch.buffer, statKeysAt, rest.count * STAT_KEY_WORDS),
    };
  }
}

/** Inode, size, ctime. */
export const STAT_KEY_WORDS = 3;

function align(offset: number): number {
  return (offset + 7) & ~7;
}

function bytesOf(array: BigInt64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
