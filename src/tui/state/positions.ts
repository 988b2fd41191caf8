/** Cursors and scroll positions kept inside what there is to see. */

import type { Model } from '../view-models/model.js';
import { layoutOf, listLength, roomIn, type Layout } from './layout.js';
import { pageLines } from './pages.js';
import type { Cursor, ListId, PaneId, ScrollId, State } from './state.js';

/** The pane that keys speak to: the help page while it is open. */
export type Target = PaneId | 'help';

export function targetOf(state: State): Target {
  return state.help ? 'help' : state.focus[state.tab];
}

export function isScrollId(target: Target): target is ScrollId {
  return target === 'detail' || target === 'builds' || target === 'help';
}

/** Rows of a list or lines of a page. */
export function lengthOf(model: Model, state: State, target: Target): number {
  return isScrollId(target) ? pageLines(model, state, target).length : listLength(state, target);
}

/** Rows that the target has on the screen. */
export function roomOf(state: State, target: Target, layout = layoutOf(state)): number {
  return target === 'help' ? Math.max(1, state.size.rows - 3) : roomIn(layout, target);
}

/** The row under the cursor, or the first line of a page. */
export function positionOf(state: State, target: Target): number {
  return isScrollId(target) ? state.scroll[target] : state.cursors[target].at;
}

/** Moves there; `settle` brings it within bounds. */
export function moveTo(state: State, target: Target, position: number): State {
  if (isScrollId(target)) return { ...state, scroll: { ...state.scroll, [target]: position } };
  const cursor: Cursor = { ...state.cursors[target], at: position };
  return { ...state, cursors: { ...state.cursors, [target]: cursor } };
}

/** Brings all that is on the screen within bounds, with the cursor in sight. */
export function settle(model: Model, state: State): State {
  const layout = layoutOf(state);
  if (layout.isTooSmall) return state;
  let settled = state;
  for (const { pane } of layout.columns.flat())
    settled = isScrollId(pane)
      ? settleScroll(model, settled, pane, layout)
      : settleCursor(model, settled, pane, layout);
  return state.help ? settleScroll(model, settled, 'help', layout) : settled;
}

function settleScroll(model: Model, state: State, id: ScrollId, layout: Layout): State {
  const last = Math.max(0, lengthOf(model, state, id) - roomOf(state, id, layout));
  const top = Math.max(0, Math.min(state.scroll[id], last));
  return top === state.scroll[id] ? state : moveTo(state, id, top);
}

function settleCursor(model: Model, state: State, id: ListId, layout: Layout): State {
  const length = lengthOf(model, state, id);
  const room = roomOf(state, id, layout);
  const { at: wanted, top: before } = state.cursors[id];
  const at = Math.max(0, Math.min(wanted, length - 1));
  const highest = Math.max(0, length - room);
  const top = Math.max(0, Math.min(Math.max(at - room + 1, Math.min(before, at)), highest));
  if (at === wanted && top === before) return state;
  return { ...state, cursors: { ...state.cursors, [id]: { at, top } } };
}
