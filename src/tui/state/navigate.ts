/** Moving about: rows, panes, tabs, directories of the tree. */

import { ALL_KINDS } from '../view-models/change-kind.js';
import { isExpanded, setExpanded } from '../view-models/expansion.js';
import { isDirectoryNode } from '../view-models/file-tree.js';
import type { Model } from '../view-models/model.js';
import { ANY_WHY } from '../view-models/why-filter.js';
import { followGroup, refilter } from './arrange.js';
import { reopen } from './file-rows.js';
import { PANES } from './layout.js';
import { lengthOf, moveTo, targetOf } from './positions.js';
import type { PaneId, State, TabId } from './state.js';

/** Moves within the focused pane; another group brings its files along. */
export function go(model: Model, state: State, position: number): State {
  const target = targetOf(state);
  const last = Math.max(0, lengthOf(model, state, target) - 1);
  return followGroup(model, moveTo(state, target, Math.max(0, Math.min(position, last))));
}

export function turnTab(state: State, step: 1 | -1): State {
  const tabs = Object.keys(PANES) as TabId[];
  const tab = tabs[(tabs.indexOf(state.tab) + step + tabs.length) % tabs.length]!;
  return { ...state, tab, help: false };
}

export function turnPane(state: State, step: 1 | -1): State {
  if (state.help) return state;
  const panes: readonly PaneId[] = PANES[state.tab];
  const index = panes.indexOf(state.focus[state.tab]);
  return focusOn(state, panes[(index + step + panes.length) % panes.length]!);
}

function focusOn(state: State, pane: PaneId): State {
  const subject = pane === 'groups' || pane === 'files' ? pane : state.subject;
  return { ...state, subject, focus: { ...state.focus, [state.tab]: pane } };
}

export function open(model: Model, state: State): State {
  switch (state.focus[state.tab]) {
    case 'groups':
      return focusOn(state, 'files');
    case 'files': {
      const directory = setDirectory(model, state, 'toggle');
      if (directory !== null) return directory;
      return state.files.rows.length === 0 ? state : focusOn(state, 'detail');
    }
    case 'edits':
    case 'gaps':
      return focusOn(state, 'detail');
    case 'builds':
    case 'detail':
      return state;
  }
}

/** One step: out of the help, off the search, back along the panes, out of the filter. Never out of the program. */
export function goBack(model: Model, state: State): State {
  if (state.help) return { ...state, help: false };
  if (state.search.needle !== '')
    return { ...state, search: { ...state.search, needle: '', isTyping: false } };
  const focus = state.focus[state.tab];
  if (focus === 'detail' && state.tab !== 'builds')
    return focusOn(state, state.tab === 'changes' ? state.subject : state.tab);
  if (focus === 'files') return focusOn(state, 'groups');
  if (state.tab !== 'changes') return { ...state, tab: 'changes' };
  if (state.kinds !== ALL_KINDS || state.why.nature !== null || state.why.cause !== null)
    return refilter(model, { ...state, kinds: ALL_KINDS, why: ANY_WHY });
  return { ...state, message: 'q quits' };
}

export function goRight(model: Model, state: State): State {
  const node = directoryUnderCursor(state);
  if (node === null) return turnPane(state, 1);
  const { files, expansion } = state;
  if (files.kind === 'tree' && isExpanded(files.tree, node, expansion, model.pathOf))
    return go(model, state, state.cursors.files.at + 1);
  return setDirectory(model, state, 'open') ?? state;
}

export function goLeft(model: Model, state: State): State {
  const { files, expansion } = state;
  if (targetOf(state) !== 'files' || files.kind === 'flat') return turnPane(state, -1);
  const node = directoryUnderCursor(state);
  if (node !== null && isExpanded(files.tree, node, expansion, model.pathOf))
    return setDirectory(model, state, 'close') ?? state;
  const parent = files.tree.parent[files.rows[state.cursors.files.at] ?? 0] ?? -1;
  return parent < 0 ? turnPane(state, -1) : go(model, state, files.rows.indexOf(parent));
}

/** The node of the tree under the cursor if it is a directory that holds changes. */
function directoryUnderCursor(state: State): number | null {
  const { files } = state;
  if (targetOf(state) !== 'files' || files.kind === 'flat') return null;
  const node = files.rows[state.cursors.files.at];
  return node !== undefined && isDirectoryNode(files.tree, node) ? node : null;
}

/** Null when there is no directory under the cursor. */
export function setDirectory(
  model: Model,
  state: State,
  what: 'open' | 'close' | 'toggle',
): State | null {
  const node = directoryUnderCursor(state);
  const { files } = state;
  if (node === null || files.kind === 'flat') return null;
  const isOpen = isExpanded(files.tree, node, state.expansion, model.pathOf);
  const shouldOpen = what === 'toggle' ? !isOpen : what === 'open';
  const expansion = setExpanded(files.tree, node, shouldOpen, state.expansion, model.pathOf);
  return { ...state, expansion, files: reopen(model, files, expansion) };
}
