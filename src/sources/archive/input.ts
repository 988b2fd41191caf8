/** The bytes of an archive: a file on this machine, or a stream. */

import { closeSync, createReadStream, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

import { AuditError, errnoOf } from '../../core/errors.js';
import { displayBytes } from '../../core/path.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { OpenContainer } from '../define.js';
import { hashedAccess } from './hashed-access.js';

export interface ArchiveInput {
  /** Absolute path, or `-`. */
  readonly location: string;
  /** Null for a stream. */
  readonly container: OpenContainer | null;
  /** All bytes in their order; a stream gives them once. `onRead` is told how many there were. */
  chunks(onRead: (bytes: number) => void, signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): void;
}

/** What a location is called that stands for standard input. */
export const STANDARD_INPUT = '-';
const CHUNK_BYTES = 1024 * 1024;

/** Throws `SOURCE_UNUSABLE`. */
export function openInput(location: string): ArchiveInput {
  return location === STANDARD_INPUT ? standardInput() : openFile(location);
}

function openFile(location: string): ArchiveInput {
  try {
    const fd = openSync(location, 'r');
    const stats = fstatSync(fd);
    if (stats.isDirectory()) {
      closeSync(fd);
      throw unusable(location, 'it is a directory', undefined);
    }
    // A pipe or a device has no size and no places.
    if (!stats.isFile()) return { ...streamOf(fd, location), close: () => closeSync(fd) };
    const hashed = hashedAccess(fileAccess(fd, stats.size));
    const { bytes } = hashed;
    return {
      location: displayBytes(realpathSync.native(location, 'buffer').toString('latin1')),
      container: { name: basename(location), bytes, digest: () => hashed.digest() },
      chunks: async function* (onRead, signal) {
        for (let offset = 0; offset < bytes.size;) {
          signal.throwIfAborted();
          const chunk = bytes.read(offset, CHUNK_BYTES);
          if (chunk.length === 0) return;
          offset += chunk.length;
          onRead(chunk.length);
          yield chunk;
        }
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    if (error instanceof AuditError) throw error;
    throw unusable(location, errnoOf(error) ?? 'an error', error);
  }
}

function standardInput(): ArchiveInput {
  return { ...streamOf(0, STANDARD_INPUT), close: () => {} };
}

function streamOf(fd: number, location: string): Omit<ArchiveInput, 'close'> {
  return {
    location,
    container: null,
    chunks: async function* (onRead, signal) {
      const stream = createReadStream('', {
        fd,
        autoClose: false,
        highWaterMark: CHUNK_BYTES,
        signal,
      });
      for await (const chunk of stream) {
        const bytes = chunk as Buffer;
        onRead(bytes.length);
        yield bytes;
      }
    },
  };
}

function fileAccess(fd: number, size: number): RandomAccess {
  return {
    size,
    read: (offset, length) => {
      const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
      const count = readSync(fd, buffer, 0, buffer.length, offset);
      return count === buffer.length ? buffer : buffer.subarray(0, count);
    },
  };
}

function unusable(location: string, found: string, cause: unknown): AuditError {
  return new AuditError('SOURCE_UNUSABLE', `cannot open ${location}: ${found}`, { cause });
}
