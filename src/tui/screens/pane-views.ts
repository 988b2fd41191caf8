/** The two kinds of pane: a list with a cursor, a page that scrolls. */

import type { Line } from '../text/line.js';
import { formatCount } from '../../util/format.js';
import type { PaneBox } from '../state/layout.js';
import { chooserRoom } from '../state/choosing.js';
import { MARGIN, pageLines } from '../state/pages.js';
import type { ListId, ScrollId, State } from '../state/state.js';
import { artifactLine } from '../view-models/artifacts.js';
import { highlight } from '../view-models/highlight.js';
import type { Model } from '../view-models/model.js';
import type { PaneView } from './define.js';

/** Makes the rows that are in sight; `row` gets the number of the row and the width that it has. */
export function listView(
  state: State,
  box: PaneBox & { readonly pane: ListId },
  list: {
    readonly title: string;
    readonly length: number;
    readonly empty: string;
    readonly row: (index: number, width: number) => Line;
  },
): PaneView {
  const { at, top } = state.cursors[box.pane];
  const count = Math.max(0, Math.min(box.height - 1, list.length - top));
  return {
    title: list.title,
    note: list.length === 0 ? '' : `${formatCount(at + 1)} of ${formatCount(list.length)}`,
    rows: Array.from({ length: count }, (_, i) => list.row(top + i, box.width - MARGIN)),
    cursor: at - top,
    empty: list.empty,
  };
}

export function pageView(
  model: Model,
  state: State,
  page: { readonly id: ScrollId; readonly title: string; readonly room: number },
): PaneView {
  const lines = pageLines(model, state, page.id);
  const top = state.scroll[page.id];
  const rows = lines.slice(top, top + page.room);
  const isWhole = lines.length <= page.room;
  return {
    title: page.title,
    note: isWhole
      ? ''
      : `${formatCount(top + 1)}-${formatCount(top + rows.length)} of ${formatCount(lines.length)}`,
    rows: rows.map((line) => highlight(line, needleFor(state, page.id))),
    cursor: null,
    empty: '',
  };
}

/** The artifacts of the builds, as many as there is room for. */
export function chooserView(model: Model, state: State, at: number): PaneView {
  const { artifacts } = model;
  const room = chooserRoom(state);
  const top = Math.max(0, Math.min(at - room + 1, artifacts.length - room));
  return {
    title: 'Artifacts of the builds',
    note: `${formatCount(at + 1)} of ${formatCount(artifacts.length)}`,
    rows: artifacts.slice(top, top + room).map((_, i) => artifactLine(artifacts, top + i)),
    cursor: at - top,
    empty: '',
  };
}

/** The searched text, for the pane that it was searched in. */
export function needleFor(state: State, pane: string): string {
  const focused = state.help ? 'help' : state.focus[state.tab];
  return pane === focused ? state.search.needle : '';
}
