/** Which panes stand where, by size of the terminal. Rows and columns count from 0; the last two rows are the status. */

import type { ListId, PaneId, Size, State, TabId } from './state.js';

export interface PaneBox {
  readonly pane: PaneId;
  readonly width: number;
  /** Rows, the title among them. */
  readonly height: number;
}

export interface Layout {
  readonly isTooSmall: boolean;
  /** Rows of the head above the tabs: 0 to 5. */
  readonly headHeight: number;
  readonly bodyHeight: number;
  /** Columns from left to right, a rule between them; panes of each from top to bottom. */
  readonly columns: readonly (readonly PaneBox[])[];
}

export const SMALLEST: Size = { columns: 40, rows: 10 };

/** From this width on groups, files and detail stand side by side. */
const THREE_COLUMNS = 150;
/** From this width on a list and its detail do. */
const TWO_COLUMNS = 110;
/** Below this height of the body one pane has it all. */
const STACKED_ROWS = 12;
/** Above its detail a list takes what it needs, within these bounds: rows with the title, share of the body. */
const SMALLEST_LIST = 6;
const LIST_SHARE = 0.6;

/** 64 digits with the sign before and the margin around. */
const DIGEST_WIDTH = 73;

const STATUS_ROWS = 2;
const TAB_ROWS = 1;

export const PANES = {
  changes: ['groups', 'files', 'detail'],
  builds: ['builds'],
  edits: ['edits', 'detail'],
  gaps: ['gaps', 'detail'],
} as const satisfies Record<TabId, readonly PaneId[]>;

export function layoutOf(state: State): Layout {
  const { size } = state;
  const isTooSmall = size.columns < SMALLEST.columns || size.rows < SMALLEST.rows;
  const headHeight = size.rows >= 22 ? 5 : size.rows >= 15 ? 2 : 1;
  const bodyHeight = Math.max(1, size.rows - headHeight - TAB_ROWS - STATUS_ROWS);
  return { isTooSmall, headHeight, bodyHeight, columns: columnsOf(state, bodyHeight) };
}

/** Rows of a list, shown or not. */
export function listLength(state: State, list: ListId): number {
  switch (list) {
    case 'groups':
      return state.groups.length;
    case 'files':
      return state.files.rows.length;
    case 'edits':
    case 'gaps':
      return state.counts[list];
  }
}

/** The box of a pane, or null when it is not on the screen. */
export function boxOf(layout: Layout, pane: PaneId): PaneBox | null {
  return layout.columns.flat().find((box) => box.pane === pane) ?? null;
}

/** Rows of a pane below its title. */
export function roomIn(layout: Layout, pane: PaneId): number {
  return Math.max(1, (boxOf(layout, pane)?.height ?? 2) - 1);
}

function columnsOf(state: State, height: number): Layout['columns'] {
  const { tab, subject } = state;
  const width = state.size.columns;
  const focus = state.focus[tab];
  if (tab === 'builds') return [[{ pane: 'builds', width, height }]];
  const lists: readonly ListId[] = tab === 'changes' ? ['groups', 'files'] : [tab];
  if (width >= THREE_COLUMNS) return sideBySide([...lists, 'detail'], width, height);
  // The list that was looked at last stays beside the detail.
  const list = tab === 'changes' ? subject : tab;
  if (width >= TWO_COLUMNS) return sideBySide([list, 'detail'], width, height);
  if (height < STACKED_ROWS || focus === 'detail') return [[{ pane: focus, width, height }]];
  const upper = Math.max(
    SMALLEST_LIST,
    Math.min(listLength(state, list) + 1, Math.ceil(height * LIST_SHARE)),
  );
  return [
    [
      { pane: list, width, height: upper },
      { pane: 'detail', width, height: height - upper },
    ],
  ];
}

/** Groups need least; the detail is to have a SHA-256 in one line where it can. */
function sideBySide(panes: readonly PaneId[], width: number, height: number): Layout['columns'] {
  const room = width - (panes.length - 1);
  const detail = Math.max(
    Math.floor(room / panes.length),
    Math.min(DIGEST_WIDTH, Math.floor(room * 0.42)),
  );
  const list = Math.floor((room - detail) * (panes.length === 3 ? 0.45 : 1));
  const widths = panes.length === 3 ? [list, room - detail - list, detail] : [list, detail];
  return panes.map((pane, i) => [{ pane, height, width: widths[i]! }]);
}

export function isListBox(box: PaneBox): box is PaneBox & { readonly pane: ListId } {
  return box.pane !== 'detail' && box.pane !== 'builds';
}
