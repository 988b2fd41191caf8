/** Searching: the cursor goes along to the first match while the words are being typed. */

import type { Command } from '../keymap.js';
import type { Key } from '../terminal/decode-keys.js';
import { followGroup } from './arrange.js';
import type { Model } from '../view-models/model.js';
import { goToMatch } from './find.js';
import { isScrollId, moveTo, targetOf } from './positions.js';
import type { State } from './state.js';

export function beginSearch(state: State): State {
  const target = targetOf(state);
  const origin = isScrollId(target)
    ? { at: state.scroll[target], top: state.scroll[target] }
    : state.cursors[target];
  const previous = state.search.needle;
  return { ...state, search: { isTyping: true, needle: '', previous, origin } };
}

export function goToNext(model: Model, state: State, offset: 1 | -1): State {
  if (state.search.needle === '')
    return { ...state, message: 'nothing searched for yet: / begins' };
  const found = goToMatch(model, state, offset);
  return found === null ? { ...state, message: 'no match' } : followGroup(model, found);
}

export function typeKey(model: Model, state: State, command: Command | null, key: Key): State {
  const { search } = state;
  if (command === 'interrupt') return { ...state, leaving: 'interrupt' };
  if (command === 'accept-search')
    return stop(state, search.needle === '' ? search.previous : search.needle);
  const isDone = command === 'erase-character' && search.needle === '';
  if (command === 'cancel-search' || isDone) return stop(goToOrigin(model, state), search.previous);
  if (command === 'clear-search') return look(model, state, '');
  const characters = Array.from(search.needle);
  if (command === 'erase-character') return look(model, state, characters.slice(0, -1).join(''));
  const typed = key === 'space' ? ' ' : key;
  // Names of keys are longer than one character; they mean nothing here.
  return Array.from(typed).length === 1 ? look(model, state, search.needle + typed) : state;
}

function stop(state: State, needle: string): State {
  return { ...state, search: { ...state.search, isTyping: false, needle } };
}

function look(model: Model, state: State, needle: string): State {
  const begun = goToOrigin(model, { ...state, search: { ...state.search, needle } });
  if (needle === '') return begun;
  const found = goToMatch(model, begun, 0);
  return found === null ? { ...begun, message: 'no match' } : followGroup(model, found);
}

function goToOrigin(model: Model, state: State): State {
  return followGroup(model, moveTo(state, targetOf(state), state.search.origin.at));
}
