/** One key press: the old state in, the new one out. Nothing here draws. */

import { commandOf, scopesOf, type Command } from '../keymap.js';
import type { Key } from '../terminal/decode-keys.js';
import type { Model } from '../view-models/model.js';
import { relist, setAll, toggleKind, turnWhy } from './arrange.js';
import { choose, openChooser } from './choosing.js';
import { go, goBack, goLeft, goRight, open, setDirectory, turnPane, turnTab } from './navigate.js';
import { detailSubject } from './pages.js';
import { lengthOf, positionOf, roomOf, settle, targetOf } from './positions.js';
import { beginSearch, goToNext, typeKey } from './searching.js';
import type { Size, State } from './state.js';

export function press(model: Model, state: State, key: Key): State {
  const { isTyping } = state.search;
  const command = commandOf(key, scopesOf(state));
  const before: State = { ...state, message: '', leaving: null };
  if (command === null && !isTyping) return before;
  const after = isTyping ? typeKey(model, before, command, key) : obey(model, before, command!);
  return settle(model, followSubject(before, after));
}

export function resize(model: Model, state: State, size: Size): State {
  return settle(model, { ...state, size });
}

/** A page about something else begins at its beginning. */
function followSubject(before: State, after: State): State {
  if (detailSubject(before) === detailSubject(after)) return after;
  return { ...after, scroll: { ...after.scroll, detail: 0 } };
}

function obey(model: Model, state: State, command: Command): State {
  if (state.chooser !== null) return choose(model, state, state.chooser, command);
  const target = targetOf(state);
  switch (command) {
    case 'quit':
      return state.help ? { ...state, help: false } : { ...state, leaving: 'quit' };
    case 'interrupt':
    case 'suspend':
    case 'redraw':
      return { ...state, leaving: command };
    case 'help':
      return { ...state, help: !state.help, scroll: { ...state.scroll, help: 0 } };
    case 'artifacts':
      return openChooser(model, state);
    case 'back':
      return goBack(model, state);
    case 'next-tab':
      return turnTab(state, 1);
    case 'previous-tab':
      return turnTab(state, -1);
    case 'next-pane':
      return turnPane(state, 1);
    case 'previous-pane':
      return turnPane(state, -1);
    case 'down':
      return go(model, state, positionOf(state, target) + 1);
    case 'up':
      return go(model, state, positionOf(state, target) - 1);
    case 'page-down':
      return go(model, state, positionOf(state, target) + roomOf(state, target));
    case 'page-up':
      return go(model, state, positionOf(state, target) - roomOf(state, target));
    case 'first':
      return go(model, state, 0);
    case 'last':
      return go(model, state, lengthOf(model, state, target) - 1);
    case 'open':
      return state.help ? state : open(model, state);
    case 'right':
      return state.help ? state : goRight(model, state);
    case 'left':
      return state.help ? state : goLeft(model, state);
    case 'toggle':
      return setDirectory(model, state, 'toggle') ?? state;
    case 'expand-all':
      return setAll(model, state, 'all');
    case 'collapse-all':
      return setAll(model, state, 'none');
    case 'tree':
      return relist(model, { ...state, asTree: !state.asTree });
    case 'sort':
      return relist(model, { ...state, sort: state.sort === 'path' ? 'size' : 'path' });
    case 'show-added':
      return toggleKind(model, state, 'added');
    case 'show-removed':
      return toggleKind(model, state, 'removed');
    case 'show-modified':
      return toggleKind(model, state, 'modified');
    case 'show-metadata':
      return toggleKind(model, state, 'metadata');
    case 'next-nature':
      return turnWhy(model, state, 'nature', 1);
    case 'next-cause':
      return turnWhy(model, state, 'cause', 1);
    case 'previous-cause':
      return turnWhy(model, state, 'cause', -1);
    case 'search':
      return beginSearch(state);
    case 'next-match':
      return goToNext(model, state, 1);
    case 'previous-match':
      return goToNext(model, state, -1);
    case 'accept-search':
    case 'cancel-search':
    case 'clear-search':
    case 'erase-character':
      return state;
  }
}
