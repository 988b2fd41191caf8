/** The list of artifacts: opened and closed over whatever is shown, with a cursor of its own. */

import type { Command } from '../keymap.js';
import type { Model } from '../view-models/model.js';
import type { State } from './state.js';

export function openChooser(model: Model, state: State): State {
  if (model.artifacts.length === 0) return { ...state, message: 'the builds hold one tree' };
  return { ...state, help: false, chooser: model.own };
}

/** Rows of the list that are in sight: all of the screen but the status and a title. */
export function chooserRoom({ size }: State): number {
  return Math.max(1, size.rows - 3);
}

/** What a command does while the list is open. */
export function choose(model: Model, state: State, at: number, command: Command): State {
  const last = model.artifacts.length - 1;
  const target = MOVES[command]?.(at, last);
  if (target !== undefined) return { ...state, chooser: Math.max(0, Math.min(target, last)) };
  if (command === 'open' || command === 'right') return enter(model, state, at);
  if (CLOSING.has(command)) return { ...state, chooser: null };
  if (command === 'help')
    return { ...state, chooser: null, help: true, scroll: { ...state.scroll, help: 0 } };
  if (command === 'interrupt' || command === 'suspend' || command === 'redraw')
    return { ...state, leaving: command };
  return state;
}

const MOVES: Readonly<Partial<Record<Command, (at: number, last: number) => number>>> = {
  down: (at) => at + 1,
  up: (at) => at - 1,
  'page-down': (_, last) => last,
  'page-up': () => 0,
  first: () => 0,
  last: (_, last) => last,
};

const CLOSING: ReadonlySet<Command> = new Set(['artifacts', 'back', 'left', 'quit']);

function enter(model: Model, state: State, at: number): State {
  if (at === model.own) return { ...state, chooser: null };
  const { report, verdict } = model.artifacts[at]!;
  return report === null
    ? { ...state, message: `${verdict}: there is nothing to compare` }
    : { ...state, leaving: 'switch' };
}
