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
import type { Glyphs } from './text/glyphs.js';
import { artifactRows, type ArtifactRow } from './view-models/artifacts.js';
import { createModel, type Model } from './view-models/model.js';

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
  const artifacts = new Artifacts(report, theme.glyphs);
  let model = artifacts.model(0);
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
          if (next.leaving === 'switch') {
            const chosen = next.chooser!;
            artifacts.leave(model.own, next);
            model = artifacts.model(chosen);
            next = artifacts.enter(chosen, next.size);
          }
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

/** A model and a place for each artifact, made when it is first looked at. */
class Artifacts {
  readonly #report: Report;
  readonly #glyphs: Glyphs;
  readonly #rows: readonly ArtifactRow[];
  readonly #models = new Map<number, Model>();
  readonly #left = new Map<number, State>();

  constructor(report: Report, glyphs: Glyphs) {
    this.#report = report;
    this.#glyphs = glyphs;
    this.#rows = artifactRows(report);
  }

  model(own: number): Model {
    const known = this.#models.get(own);
    if (known !== undefined) return known;
    const report = this.#rows[own]?.report ?? this.#report;
    const model = createModel(report, this.#glyphs, { artifacts: this.#rows, own });
    this.#models.set(own, model);
    return model;
  }

  leave(own: number, state: State): void {
    this.#left.set(own, { ...state, chooser: null, leaving: null });
  }

  /** Where the user was in it, at the size that the terminal has now. */
  enter(own: number, size: Size): State {
    const model = this.model(own);
    const known = this.#left.get(own);
    return known === undefined ? initialState(model, size) : resize(model, known, size);
  }
}

function sizeOf({ columns, rows }: TerminalOutput): Size {
  // A terminal that does not know its size says 0.
  return { columns: columns || 80, rows: rows || 24 };
}

function interrupted(): AuditError {
  return new AuditError('INTERRUPTED', 'interrupted');
}
