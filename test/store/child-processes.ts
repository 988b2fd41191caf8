/** Starts `child-writer.ts` and follows what it prints. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface WriterProcess {
  readonly process: ChildProcess;
  /** Resolves when this line was printed; rejects when the process ends without it. */
  said(line: string): Promise<void>;
  /** All lines, once it has ended. */
  readonly ended: Promise<readonly string[]>;
}

const SCRIPT = fileURLToPath(new URL('child-writer.js', import.meta.url));

/** `prefix` is a command that runs the writer, such as `setpriv ...`. */
export function startWriter(
  location: string,
  name: string,
  seed: string,
  flags: readonly string[] = [],
  prefix: readonly string[] = [],
): WriterProcess {
  const command = [...prefix, process.execPath, SCRIPT, location, name, seed, ...flags];
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface(child.stdout!);
  reader.on('line', (line) => lines.push(line));
  const ended = once(reader, 'close').then(() => lines);
  return {
    process: child,
    said: async (wanted) => {
      while (!lines.includes(wanted)) {
        const next = await Promise.race([once(reader, 'line'), ended.then(() => null)]);
        if (next === null && !lines.includes(wanted))
          throw new Error(`the writer ended with: ${lines.join(', ')}`);
      }
    },
    ended,
  };
}
