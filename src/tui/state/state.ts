/** Where the user is. Every key press makes a new state out of the old one; nothing else changes. */

import { ALL_KINDS, type KindMask } from '../view-models/change-kind.js';
import type { SortOrder } from '../view-models/flat-list.js';
import { ALL_GROUPS, groupList } from '../view-models/group-list.js';
import type { Model } from '../view-models/model.js';
import { AUTO_EXPANSION, type Expansion } from '../view-models/expansion.js';
import { ANY_WHY, type Why } from '../view-models/why-filter.js';
import { listFiles, type FileRows } from './file-rows.js';

export type TabId = 'changes' | 'builds' | 'edits' | 'gaps';

/** A part of the screen that can have the focus. */
export type PaneId = 'groups' | 'files' | 'detail' | 'builds' | 'edits' | 'gaps';

/** Panes with a row under the cursor. */
export type ListId = 'groups' | 'files' | 'edits' | 'gaps';

/** Panes of text that scroll. */
export type ScrollId = 'detail' | 'builds' | 'help';

export interface Cursor {
  readonly at: number;
  /** First row on the screen. */
  readonly top: number;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Search {
  /** The words are being typed. */
  readonly isTyping: boolean;
  readonly needle: string;
  /** What was searched for before the typing began; comes back with Escape. */
  readonly previous: string;
  /** Where the cursor was when the typing began. */
  readonly origin: Cursor;
}

export interface State {
  readonly size: Size;
  readonly tab: TabId;
  /** The pane that has the focus, by tab. */
  readonly focus: Readonly<Record<TabId, PaneId>>;
  /** The list whose row the detail of the changes is about: the one that had the focus last. */
  readonly subject: 'groups' | 'files';
  readonly help: boolean;
  /** Row under the cursor in the list of artifacts; null: it is closed. */
  readonly chooser: number | null;
  /** How many artifacts there are to choose from; 0 for builds of one tree. */
  readonly artifacts: number;
  readonly cursors: Readonly<Record<ListId, Cursor>>;
  readonly scroll: Readonly<Record<ScrollId, number>>;
  /** Rows of the lists that no key changes. */
  readonly counts: Readonly<Record<'edits' | 'gaps', number>>;
  /** Positions of findings, see `group-list.ts`. */
  readonly groups: Int32Array;
  /** The group that the files belong to: `ALL_GROUPS` or the position of a finding. */
  readonly group: number;
  readonly kinds: KindMask;
  readonly why: Why;
  readonly sort: SortOrder;
  readonly asTree: boolean;
  readonly expansion: Expansion;
  readonly files: FileRows;
  readonly search: Search;
  /** What the last key had to say; empty for nothing. */
  readonly message: string;
  /** What is for whoever holds the terminal, who goes on with `null`; `switch`: to the artifact under the cursor of the list. */
  readonly leaving: null | 'quit' | 'interrupt' | 'suspend' | 'redraw' | 'switch';
}

export function initialState(model: Model, size: Size): State {
  const start: Cursor = { at: 0, top: 0 };
  const view = {
    group: ALL_GROUPS,
    kinds: ALL_KINDS,
    why: ANY_WHY,
    sort: 'path',
    asTree: false,
    expansion: AUTO_EXPANSION,
  } as const;
  return {
    size,
    tab: 'changes',
    focus: { changes: 'groups', builds: 'builds', edits: 'edits', gaps: 'gaps' },
    subject: 'groups',
    help: false,
    chooser: null,
    artifacts: model.artifacts.length,
    cursors: { groups: start, files: start, edits: start, gaps: start },
    scroll: { detail: 0, builds: 0, help: 0 },
    counts: { edits: model.edits.length, gaps: model.gaps.length },
    groups: groupList(model, ALL_KINDS),
    ...view,
    files: listFiles(model, view),
    search: { isTyping: false, needle: '', previous: '', origin: start },
    message: '',
    leaving: null,
  };
}
