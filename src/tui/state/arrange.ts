/** What the lists hold and in which order. */

import { ALL_KINDS, SHOWN_KINDS, type ShownKind } from '../view-models/change-kind.js';
import { groupList } from '../view-models/group-list.js';
import type { Model } from '../view-models/model.js';
import { turned } from '../view-models/why-filter.js';
import { changeOfRow, listFiles, reopen, rowOfChange } from './file-rows.js';
import { moveTo } from './positions.js';
import type { State } from './state.js';

/** The files of the group under the cursor. */
export function followGroup(model: Model, state: State): State {
  const group = state.groups[state.cursors.groups.at] ?? state.group;
  if (group === state.group) return state;
  const next = { ...state, group, cursors: { ...state.cursors, files: { at: 0, top: 0 } } };
  return { ...next, files: listFiles(model, next) };
}

export function setAll(model: Model, state: State, base: 'all' | 'none'): State {
  if (!state.asTree)
    return { ...state, message: 'only the tree has directories to open and close' };
  const expansion = { base, flipped: new Set<string>() };
  const files = reopen(model, state.files, expansion);
  return keepCursor(state, { ...state, expansion, files });
}

/** The files anew, with the same one under the cursor if it is still there. */
export function relist(model: Model, next: State): State {
  return keepCursor(next, { ...next, files: listFiles(model, next) });
}

function keepCursor(before: State, next: State): State {
  const change = changeOfRow(before.files, before.cursors.files.at);
  const row = change === null ? 0 : rowOfChange(next.files, change);
  return moveTo(next, 'files', Math.max(0, row));
}

/** A letter alone shows its kind alone; further letters add theirs; when none or all are left, all show. */
export function toggleKind(model: Model, state: State, kind: ShownKind): State {
  const bit = 1 << SHOWN_KINDS.indexOf(kind);
  const chosen = (state.kinds === ALL_KINDS ? 0 : state.kinds) ^ bit;
  return refilter(model, { ...state, kinds: chosen === 0 ? ALL_KINDS : chosen });
}

/** The next nature or cause that the report has, and all after the last. */
export function turnWhy(model: Model, state: State, what: 'nature' | 'cause', step: 1 | -1): State {
  const { natures, causes } = model.whys;
  const { why } = state;
  if (causes.length === 0) return { ...state, message: 'no causes are known' };
  const next =
    what === 'nature'
      ? { ...why, nature: turned(natures, why.nature, step) }
      : { ...why, cause: turned(causes, why.cause, step) };
  return refilter(model, { ...state, why: next });
}

/** Groups and files anew; a group that has nothing left gives way to all changes. */
export function refilter(model: Model, state: State): State {
  const groups = groupList(model, state.kinds, state.why);
  const at = Math.max(0, groups.indexOf(state.group));
  const next = moveTo({ ...state, groups, group: groups[at]! }, 'groups', at);
  return relist(model, next);
}
