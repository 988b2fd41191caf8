/** The texts that scroll: the detail of what is under the cursor, the builds, the help. Only the last of each is kept. */

import type { Line } from '../text/line.js';
import { buildLines } from '../view-models/builds.js';
import { changeDetail } from '../view-models/change-detail.js';
import { editDetail } from '../view-models/edits.js';
import { nodePath } from '../view-models/file-tree.js';
import { gapDetail } from '../view-models/gaps.js';
import { groupDetail } from '../view-models/group-detail.js';
import { helpLines } from '../view-models/help.js';
import { changeAt, findingOf, type Model } from '../view-models/model.js';
import { directoryDetail } from '../view-models/directory-detail.js';
import { changeOfRow } from './file-rows.js';
import { boxOf, layoutOf } from './layout.js';
import type { ScrollId, State } from './state.js';

/** What the detail is about. Equal words mean the same subject. */
export function detailSubject(state: State): string {
  const { tab, cursors } = state;
  if (tab !== 'changes') return `${tab} ${tab === 'builds' ? 0 : cursors[tab].at}`;
  if (state.subject === 'groups') return `group ${state.group}`;
  const row = state.files.rows[cursors.files.at] ?? -1;
  return state.files.kind === 'flat'
    ? `change ${row}`
    : `node ${row} of ${state.group} ${state.kinds} ${state.why.nature} ${state.why.cause} ${state.sort}`;
}

/** The lines of a page, at the width that it has on the screen. */
export function pageLines(model: Model, state: State, page: ScrollId): readonly Line[] {
  const { columns } = state.size;
  const width = Math.max(
    8,
    (page === 'help' ? columns : (boxOf(layoutOf(state), page)?.width ?? columns)) - MARGIN,
  );
  const key = `${page} ${width} ${page === 'detail' ? detailSubject(state) : ''}`;
  const known = pages.get(model);
  const page_ = known?.get(page);
  if (page_ !== undefined && page_.key === key) return page_.lines;
  const lines = makePage(model, state, page, width);
  if (known === undefined) pages.set(model, new Map([[page, { key, lines }]]));
  else known.set(page, { key, lines });
  return lines;
}

/** Columns left free on the left, where lists have the cursor, and one on the right. */
export const MARGIN = 3;

interface Page {
  readonly key: string;
  readonly lines: readonly Line[];
}

const pages = new WeakMap<Model, Map<ScrollId, Page>>();

function makePage(model: Model, state: State, page: ScrollId, width: number): readonly Line[] {
  switch (page) {
    case 'builds':
      return buildLines(model.report, width);
    case 'help':
      return helpLines(width);
    case 'detail':
      return makeDetail(model, state, width);
  }
}

function makeDetail(model: Model, state: State, width: number): readonly Line[] {
  const { tab, cursors, files } = state;
  switch (tab) {
    case 'builds':
      return [];
    case 'edits': {
      const edit = model.edits[cursors.edits.at];
      return edit === undefined ? [] : editDetail(edit, width);
    }
    case 'gaps': {
      const gap = model.gaps[cursors.gaps.at];
      return gap === undefined ? [] : gapDetail(gap, width);
    }
    case 'changes': {
      if (state.subject === 'groups') return groupDetail(model, state.group, width);
      const change = changeOfRow(files, cursors.files.at);
      if (change !== null)
        return changeDetail(changeAt(model, change), findingOf(model, change), width, model.glyphs);
      const node = files.rows[cursors.files.at];
      if (files.kind === 'flat' || node === undefined) return [];
      return directoryDetail(files.tree, node, nodePath(files.tree, node, model.pathOf), width);
    }
  }
}
