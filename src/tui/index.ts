/**
 * The terminal UI of `repro-audit diff`. Loaded on first use: ink and react take longer to load than a diff to run.
 *
 * Keys go through pure functions (`state/`) from one state to the next; ink lays each state out as a frame, and the
 * frame writer puts the rows that changed on the screen. See `docs/tui.md`.
 */

import { render } from 'ink';
import { createElement } from 'react';

import { AuditError } from '../core/errors.js';
import type { Report } from '../core/report.js';
import { App } from './components/app.js';
import { initialState, type Size, type State } from './state/state.js';
import { press, resize } from './state/update.js';
import { createFrameWriter } from './terminal/frame-writer.js';
import { inkOutput } from './terminal/ink-output.js';
import {
  openTerminal,
  type Terminal,
  type TerminalInput,
  type TerminalOutput,
} from './terminal/terminal.js';
import { createTheme, themeOptions, type Environment } from './theme.js';
import { createModel } from './view-models/model.js';

export interface TuiSurroundings {
  readonly stdin: TerminalInput;
  readonly stdout: TerminalOutput;
  /** NO_COLOR, TERM and the locale are looked at. */
  readonly env: Environment;
  /** Ends the session as Ctrl-C does. */
  readonly signal: AbortSignal;
}

/**
 * Shows a report until the user quits. Resolves on `q`, and when the terminal's input ends or the terminal goes away.
 * Rejects with `AuditError` `INTERRUPTED` on Ctrl-C, SIGINT, SIGTERM, SIGHUP and when `signal` aborts, and with
 * whatever is thrown while drawing. However it ends, the terminal has been given back before.
 * Throws `USAGE` when the input is no terminal.
 */
export async function runDiffTui(report: Report, surroundings: TuiSurroundings): Promise<void> {
  const { stdin, stdout, env, signal } = surroundings;
  if (stdin.isTTY !== true)
    throw new AuditError('USAGE', 'the interactive view needs a terminal as its input', {
      hint: 'choose a format, for example --format text',
    });
  if (signal.aborted) throw interrupted();
  const theme = createTheme(themeOptions(env));
  const model = createModel(report, theme.glyphs);
  let state = initialState(model, sizeOf(stdout));

  await new Promise<void>((resolve, reject) => {
    const writer = createFrameWriter((text) => stdout.write(text));
    let terminal: Terminal | null = null;
    let unmount = (): void => {};
    let rerender = (): void => {};
    let isOver = false;

    const finish = (error: unknown = null): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', onAbort);
      try {
        unmount();
      } finally {
        terminal?.restore();
      }
      if (error === null) resolve();
      else reject(error);
    };
    const onAbort = (): void => finish(interrupted());
    const show = (next: State): void => {
      state = next;
      rerender();
    };
    /** What goes wrong in a handler ends the session like any other failure, with the terminal given back. */
    const guarded =
      <A extends readonly unknown[]>(handler: (...args: A) => void) =>
      (...args: A): void => {
        if (isOver) return;
        try {
          handler(...args);
        } catch (error) {
          finish(error);
        }
      };

    signal.addEventListener('abort', onAbort);
    terminal = openTerminal(stdin, stdout, {
      onKeys: guarded((keys) => {
        let next = state;
        for (const key of keys) {
          next = press(model, next, key);
          if (next.leaving === 'quit') return finish();
          if (next.leaving === 'interrupt') return finish(interrupted());
          if (next.leaving === 'redraw') writer.invalidate();
          if (next.leaving === 'suspend') terminal?.suspend();
        }
        show(next);
      }),
      onResize: guarded(() => {
        writer.invalidate();
        show(resize(model, state, sizeOf(stdout)));
      }),
      onEnd: () => finish(),
      onSignal: () => finish(interrupted()),
    });
    guarded(() => {
      const output = inkOutput(
        () => state.size,
        (frame) => {
          if (!isOver) writer.show(frame);
        },
      );
      const draw = () => createElement(App, { model, state, theme });
      // `debug`: every frame whole, at once, and nothing else; the frame writer does the rest.
      const ink = render(draw(), {
        stdout: output,
        debug: true,
        exitOnCtrlC: false,
        patchConsole: false,
      });
      unmount = () => ink.unmount();
      rerender = () => ink.rerender(draw());
      // An error thrown while drawing arrives here.
      ink.waitUntilExit().then(() => finish(), finish);
    })();
  });
}

function sizeOf({ columns, rows }: TerminalOutput): Size {
  // A terminal that does not know its size says 0.
  return { columns: columns || 80, rows: rows || 24 };
}

function interrupted(): AuditError {
  return new AuditError('INTERRUPTED', 'interrupted');
}
