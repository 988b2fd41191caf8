/** Going from match to match in the pane that has the focus. */

import { lineText } from '../text/line.js';
import { editRow } from '../view-models/edits.js';
import { reveal } from '../view-models/expansion.js';
import { gapRow } from '../view-models/gaps.js';
import { groupTitle } from '../view-models/group-list.js';
import type { Model } from '../view-models/model.js';
import { findMatches, matchIndex } from '../view-models/search.js';
import { reopen } from './file-rows.js';
import { pageLines } from './pages.js';
import { lengthOf, moveTo, positionOf, targetOf } from './positions.js';
import type { State } from './state.js';

/**
 * The state at the nearest match, around the end if need be; null when there is none. `offset` 0 begins at the
 * cursor, 1 after it, -1 before it and goes backwards.
 */
export function goToMatch(model: Model, state: State, offset: 0 | 1 | -1): State | null {
  const target = targetOf(state);
  if (state.search.needle === '') return null;
  if (target === 'files' && state.files.kind === 'tree') return goToNode(model, state, offset);
  const from = positionOf(state, target) + offset;
  const row = nearest(lengthOf(model, state, target), from, offset, matcherOf(model, state));
  return row < 0 ? null : moveTo(state, target, row);
}

/** How many rows match, and the how manieth the cursor is on; 0 when it is on none. */
export function countMatches(
  model: Model,
  state: State,
): { readonly total: number; readonly at: number } {
  const target = targetOf(state);
  const isMatch = matcherOf(model, state);
  const position = positionOf(state, target);
  const length = lengthOf(model, state, target);
  let total = 0;
  let at = 0;
  for (let row = 0; row < length; row++) {
    if (!isMatch(row)) continue;
    total++;
    if (row === position) at = total;
  }
  return { total, at };
}

/** Whether a row of the focused pane matches. In a tree, directories do not: what is in them does. */
function matcherOf(model: Model, state: State): (row: number) => boolean {
  const { needle } = state.search;
  const has = (text: string): boolean => matchIndex(text, needle) >= 0;
  const target = targetOf(state);
  switch (target) {
    case 'groups':
      return (row) => has(groupTitle(model, state.groups[row]!));
    case 'files': {
      const { files } = state;
      const matches = findMatches(model.report.changes, needle);
      if (files.kind === 'flat') return (row) => matches[files.rows[row]!] === 1;
      return (row) => {
        const change = files.tree.change[files.rows[row]!]!;
        return change >= 0 && matches[change] === 1;
      };
    }
    case 'edits':
      return (row) => has(lineText(editRow(model.edits[row]!, WIDE, model.glyphs)));
    case 'gaps':
      return (row) => has(lineText(gapRow(model.gaps[row]!, WIDE, model.glyphs)));
    case 'detail':
    case 'builds':
    case 'help': {
      const lines = pageLines(model, state, target);
      return (row) => has(lineText(lines[row]!));
    }
  }
}

/** Collapsed directories are searched too, and opened where a match is inside. */
function goToNode(model: Model, state: State, offset: 0 | 1 | -1): State | null {
  const { files } = state;
  if (files.kind === 'flat') return null;
  const { tree } = files;
  const matches = findMatches(model.report.changes, state.search.needle);
  const from = (files.rows[state.cursors.files.at] ?? 0) + offset;
  const node = nearest(tree.count, from, offset, (candidate) => {
    const change = tree.change[candidate]!;
    return change >= 0 && matches[change] === 1;
  });
  if (node < 0) return null;
  const expansion = reveal(tree, node, state.expansion, model.pathOf);
  const opened = expansion === state.expansion ? files : reopen(model, files, expansion);
  return moveTo({ ...state, expansion, files: opened }, 'files', opened.rows.indexOf(node));
}

function nearest(
  length: number,
  from: number,
  offset: 0 | 1 | -1,
  isMatch: (row: number) => boolean,
): number {
  const step = offset === -1 ? -1 : 1;
  for (let k = 0; k < length; k++) {
    const row = (((from + k * step) % length) + length) % length;
    if (isMatch(row)) return row;
  }
  return -1;
}

/** Wide enough that nothing of a row is cut before it is searched. */
const WIDE = 10_000;
