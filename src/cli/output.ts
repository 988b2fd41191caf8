/** Where a report goes: stdout, a file that appears whole or not at all, or what a path leads to that is no file. */

import {
  closeSync,
  constants,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';

import { AuditError, errnoOf } from '../core/errors.js';
import type { CommandContext } from './define.js';

/** Takes text, or bytes that may be no UTF-8; throws `OUTPUT_WRITE`. */
export interface Output {
  write(text: string | Uint8Array): Promise<void>;
  finish(): Promise<void>;
  discard(): void;
}

export function openOutput(context: CommandContext, file: string | null): Output {
  if (file === null || file === '-') return streamOutput(context.stdout);
  const path = resolve(context.cwd, file);
  return isReplaceable(path) ? fileOutput(path) : deviceOutput(path);
}

/**
 * Whether a rename may put a new file in the place of `path`. Not for devices, pipes and descriptors: the rename
 * would put a plain file where /dev/full, a FIFO or the link /dev/stdout is.
 */
function isReplaceable(path: string): boolean {
  if (/^\/(?:dev|proc)\//.test(path)) return false;
  try {
    return statSync(path).isFile();
  } catch {
    return true;
  }
}

function streamOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: async (text) => {
      if (!stream.write(text)) await new Promise((resume) => stream.once('drain', resume));
    },
    finish: async () => {},
    discard: () => {},
  };
}

/** Writes as it comes. */
function deviceOutput(path: string): Output {
  const fd = guarded(path, () => openSync(path, constants.O_WRONLY | constants.O_APPEND));
  return {
    write: async (text) => guarded(path, () => writeAll(fd, text)),
    finish: async () => guarded(path, () => closeSync(fd)),
    discard: () => closeSync(fd),
  };
}

function fileOutput(path: string): Output {
  const file = throughLinks(path);
  const temporary = `${file}.${process.pid}.tmp`;
  const orRemove = <T>(action: () => T): T => {
    try {
      return guarded(path, action);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  };
  const fd = guarded(path, () => openSync(temporary, 'wx'));
  return {
    write: async (text) => orRemove(() => writeAll(fd, text)),
    finish: async () => {
      orRemove(() => {
        closeSync(fd);
        renameSync(temporary, file);
      });
    },
    discard: () => {
      closeSync(fd);
      rmSync(temporary, { force: true });
    },
  };
}

/** A link stays; the file that it leads to is replaced. */
function throughLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function writeAll(fd: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new AuditError(
      'OUTPUT_WRITE',
      `cannot write ${path}: ${errnoOf(error) ?? 'unknown error'}`,
      { cause: error },
    );
  }
}
