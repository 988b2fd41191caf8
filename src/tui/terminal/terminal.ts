/**
 * The terminal while the user interface has it: alternate screen, raw mode, hidden cursor, no line wrap. All of it
 * is undone exactly once, whatever ends the session: `restore`, the end of the process, or an uncaught error, whose
 * message then appears on the ordinary screen.
 */

import type { ReadStream, WriteStream } from 'node:tty';

import { decodeKeys, type Key } from './decode-keys.js';

const CSI = '\u001b[';
// Alternate screen with saved cursor (1049), cursor hidden (25), auto-wrap off (7).
const ENTER = `${CSI}?1049h${CSI}?25l${CSI}?7l${CSI}H${CSI}2J`;
const LEAVE = `${CSI}0m${CSI}?7h${CSI}?25h${CSI}?1049l`;
/** How long the rest of a sequence may take before a lone ESC counts as the Escape key. */
const ESCAPE_MILLISECONDS = 30;
const RESUME_MILLISECONDS = 50;

/** The part of a terminal's input that is used; `tty.ReadStream` has it. */
export type TerminalInput = Pick<
  ReadStream,
  'isTTY' | 'isRaw' | 'on' | 'off' | 'setEncoding' | 'setRawMode' | 'resume' | 'pause'
>;

/** The part of a terminal's output that is used; `tty.WriteStream` has it. */
export type TerminalOutput = Pick<WriteStream, 'columns' | 'rows' | 'on' | 'off' | 'write'>;

export interface TerminalHandlers {
  onKeys(keys: readonly Key[]): void;
  onResize(): void;
  /** The terminal went away, or its input ended. */
  onEnd(): void;
  /** SIGINT, SIGTERM or SIGHUP reached the process. */
  onSignal(signal: NodeJS.Signals): void;
}

export interface Terminal {
  /** Gives the terminal back as it was. May be called again. */
  restore(): void;
  /** Stops the process as Ctrl-Z does, with the terminal given back meanwhile. */
  suspend(): void;
}

export function openTerminal(
  stdin: TerminalInput,
  stdout: TerminalOutput,
  handlers: TerminalHandlers,
): Terminal {
  let isTaken = false;
  let isClosed = false;
  let pending = '';
  let timer: NodeJS.Timeout | undefined;

  const decode = (chunk: string, isComplete: boolean): void => {
    clearTimeout(timer);
    const { keys, rest } = decodeKeys(pending + chunk, isComplete);
    pending = rest;
    if (rest !== '') timer = setTimeout(() => decode('', true), ESCAPE_MILLISECONDS);
    if (keys.length > 0) handlers.onKeys(keys);
  };
  const onData = (chunk: string | Buffer): void => decode(String(chunk), false);
  const onEnd = (): void => handlers.onEnd();
  const onResize = (): void => handlers.onResize();
  const onSignal = (signal: NodeJS.Signals): void => handlers.onSignal(signal);

  const take = (): void => {
    isTaken = true;
    stdin.setRawMode(true);
    stdout.write(ENTER);
  };
  const giveBack = (): void => {
    if (!isTaken) return;
    isTaken = false;
    stdout.write(LEAVE);
    stdin.setRawMode(false);
  };
  // After a stop the shell has set the terminal to its own taste, so that all of it is set anew.
  const retake = (): void => {
    if (isClosed) return;
    if (isTaken) stdin.setRawMode(false);
    take();
    handlers.onResize();
  };

  stdin.setEncoding('utf8');
  stdin.on('data', onData);
  for (const event of ['end', 'close', 'error']) stdin.on(event, onEnd);
  stdout.on('resize', onResize);
  stdout.on('error', onEnd);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('SIGCONT', retake);
  process.once('exit', giveBack);
  process.on('uncaughtExceptionMonitor', giveBack);
  take();
  stdin.resume();

  return {
    restore() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      giveBack();
      stdin.off('data', onData);
      for (const event of ['end', 'close', 'error']) stdin.off(event, onEnd);
      stdin.pause();
      stdout.off('resize', onResize);
      // Later: the failure of a write to a terminal that is gone has not arrived yet, and a signal that is being
      // handled still has to find a listener, or ink's own (signal-exit) takes it for unhandled and kills the process.
      setImmediate(() => {
        stdout.off('error', onEnd);
        for (const signal of SIGNALS) process.off(signal, onSignal);
      });
      process.off('SIGCONT', retake);
      process.off('exit', giveBack);
      process.off('uncaughtExceptionMonitor', giveBack);
    },
    suspend() {
      giveBack();
      process.kill(0, 'SIGTSTP');
      // Without job control nothing stops, and no SIGCONT will come.
      setTimeout(retake, RESUME_MILLISECONDS);
    },
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
