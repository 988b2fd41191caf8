/** A session of the terminal UI without a terminal: keys in, frames out. */

import { EventEmitter } from 'node:events';

import type { Report } from '../../src/core/report.js';
import { runDiffTui } from '../../src/tui/index.js';
import type { TerminalInput, TerminalOutput } from '../../src/tui/terminal/terminal.js';
import type { Environment } from '../../src/tui/theme.js';

export interface Session {
  readonly stdin: EventEmitter & { readonly rawModes: readonly boolean[] };
  readonly stdout: EventEmitter & { columns: number; rows: number };
  readonly abort: AbortController;
  /** How it ended. */
  readonly ended: Promise<void>;
  /** All that was written so far. */
  written(): string;
  /** Types, and waits for the frame. */
  type(keys: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** The screen as a terminal would show it, without styles. */
  screen(): readonly string[];
}

export function startSession(
  report: Report,
  size: readonly [columns: number, rows: number],
  env: Environment = { NO_COLOR: '1' },
): Session {
  const writes: string[] = [];
  const rawModes: boolean[] = [];
  const stdin = Object.assign(new EventEmitter(), {
    rawModes,
    isTTY: true as const,
    setRawMode: (mode: boolean) => rawModes.push(mode),
    setEncoding() {},
    resume() {},
    pause() {},
  });
  const stdout = Object.assign(new EventEmitter(), {
    columns: size[0],
    rows: size[1],
    write: (text: string) => writes.push(text) > 0,
  });
  const abort = new AbortController();
  const ended = runDiffTui(report, {
    stdin: stdin as unknown as TerminalInput,
    stdout: stdout as unknown as TerminalOutput,
    env,
    signal: abort.signal,
  });
  // Whoever wants to know how it ended awaits it; until then a failure is not unhandled.
  ended.catch(() => {});
  return {
    stdin,
    stdout,
    abort,
    ended,
    written: () => writes.join(''),
    screen: () => replay(writes.join(''), stdout.rows),
    async type(keys) {
      stdin.emit('data', keys);
      await settled();
    },
    async resize(columns, rows) {
      Object.assign(stdout, { columns, rows });
      stdout.emit('resize');
      await settled();
    },
  };
}

/** Longer than the wait for the rest of an escape sequence. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 45));
}

/** Understands what the frame writer sends: clear, position, erase a row. */
function replay(written: string, rows: number): readonly string[] {
  const screen = Array.from({ length: rows }, () => '');
  let row = 0;
  // eslint-disable-next-line no-control-regex
  for (const [, parameters, final, text] of written.matchAll(
    /\u001b\[([?0-9;]*)([A-Za-z])|([^\u001b]+)/g,
  )) {
    if (final === 'J') screen.splice(0, screen.length, ...Array.from({ length: rows }, () => ''));
    else if (final === 'H') row = Number((parameters || '1').split(';')[0]) - 1;
    else if (final === 'K') screen[row] = '';
    else if (text !== undefined) screen[row] = (screen[row] ?? '') + text;
  }
  return screen;
}
