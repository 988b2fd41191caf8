/** Where a report goes: stdout, or a file that appears whole or not at all. */

import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';

import { AuditError, errnoOf } from '../core/errors.js';
import type { CommandContext } from './define.js';

/** Takes text; throws `OUTPUT_WRITE`. */
export interface Output {
  write(text: string): Promise<void>;
  finish(): Promise<void>;
  discard(): void;
}

export function openOutput(context: CommandContext, file: string | null): Output {
  return file === null || file === '-'
    ? streamOutput(context.stdout)
    : fileOutput(resolve(context.cwd, file));
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

function fileOutput(file: string): Output {
  const temporary = `${file}.${process.pid}.tmp`;
  const guarded = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new AuditError(
        'OUTPUT_WRITE',
        `cannot write ${file}: ${errnoOf(error) ?? 'unknown error'}`,
        { cause: error },
      );
    }
  };
  const fd = guarded(() => openSync(temporary, 'w'));
  return {
    write: async (text) => {
      guarded(() => {
        const bytes = Buffer.from(text, 'utf8');
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      });
    },
    finish: async () => {
      guarded(() => {
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
