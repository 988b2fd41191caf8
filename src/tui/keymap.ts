/** Commands and their keys, as data: the status bar, the help page and the lookup are made from this table. */

import type { Key } from './terminal/decode-keys.js';

export type Command =
  | 'quit'
  | 'interrupt'
  | 'suspend'
  | 'redraw'
  | 'help'
  | 'artifacts'
  | 'back'
  | 'next-tab'
  | 'previous-tab'
  | 'next-pane'
  | 'previous-pane'
  | 'open'
  | 'down'
  | 'up'
  | 'page-down'
  | 'page-up'
  | 'first'
  | 'last'
  | 'right'
  | 'left'
  | 'toggle'
  | 'expand-all'
  | 'collapse-all'
  | 'tree'
  | 'sort'
  | 'show-added'
  | 'show-removed'
  | 'show-modified'
  | 'show-metadata'
  | 'next-nature'
  | 'next-cause'
  | 'previous-cause'
  | 'search'
  | 'next-match'
  | 'previous-match'
  | 'accept-search'
  | 'cancel-search'
  | 'clear-search'
  | 'erase-character';

/** Where a key means something; `everywhere` counts wherever no words are being typed. */
export type Scope = 'everywhere' | 'changes' | 'search';

export interface Binding {
  readonly command: Command;
  /** The first is shown in the status bar. */
  readonly keys: readonly Key[];
  readonly scope: Scope;
  /** One clause for the help page. */
  readonly help: string;
  /** A word or two for the status bar; absent where it would only take room. */
  readonly hint?: string;
  /** What the status bar shows for the key, where it speaks for another binding too. */
  readonly hintKeys?: string;
}

/** In the order of the help page; hints appear in the same order, as many as fit. */
export const KEYMAP: readonly Binding[] = [
  {
    command: 'open',
    keys: ['enter'],
    scope: 'everywhere',
    help: 'look closer: from a group to its files, from a file to its attributes',
    hint: 'open',
  },
  {
    command: 'back',
    keys: ['escape'],
    scope: 'everywhere',
    help: 'one step back; never quits',
  },
  { command: 'next-pane', keys: ['tab'], scope: 'everywhere', help: 'next pane', hint: 'pane' },
  { command: 'previous-pane', keys: ['shift-tab'], scope: 'everywhere', help: 'previous pane' },
  {
    command: 'next-tab',
    keys: [']'],
    scope: 'everywhere',
    help: 'next tab',
    hint: 'tabs',
    hintKeys: '[ ]',
  },
  { command: 'previous-tab', keys: ['['], scope: 'everywhere', help: 'previous tab' },
  {
    command: 'artifacts',
    keys: ['o'],
    scope: 'everywhere',
    help: 'other artifacts of the builds: a list, Enter chooses',
    hint: 'artifacts',
  },
  {
    command: 'sort',
    keys: ['s'],
    scope: 'changes',
    help: 'sort files by path or by size',
    hint: 'sort',
  },
  {
    command: 'tree',
    keys: ['`', 't'],
    scope: 'changes',
    help: 'files as a list or as a tree',
    hint: 'tree',
  },
  {
    command: 'search',
    keys: ['/'],
    scope: 'everywhere',
    help: 'search in the pane; small letters match capitals too',
    hint: 'search',
  },
  { command: 'help', keys: ['?'], scope: 'everywhere', help: 'this page', hint: 'help' },
  { command: 'quit', keys: ['q'], scope: 'everywhere', help: 'quit', hint: 'quit' },
  { command: 'down', keys: ['j', 'down'], scope: 'everywhere', help: 'down' },
  { command: 'up', keys: ['k', 'up'], scope: 'everywhere', help: 'up' },
  {
    command: 'page-down',
    keys: ['pagedown', 'ctrl-f', 'ctrl-d'],
    scope: 'everywhere',
    help: 'a page down',
  },
  {
    command: 'page-up',
    keys: ['pageup', 'ctrl-b', 'ctrl-u'],
    scope: 'everywhere',
    help: 'a page up',
  },
  { command: 'first', keys: ['g', 'home'], scope: 'everywhere', help: 'to the first row' },
  { command: 'last', keys: ['G', 'end'], scope: 'everywhere', help: 'to the last row' },
  { command: 'next-match', keys: ['n'], scope: 'everywhere', help: 'next match' },
  { command: 'previous-match', keys: ['N'], scope: 'everywhere', help: 'previous match' },
  {
    command: 'show-added',
    keys: ['a'],
    scope: 'changes',
    help: 'show added paths alone; once more: all. Several letters add up',
  },
  { command: 'show-removed', keys: ['r'], scope: 'changes', help: 'show removed paths alone' },
  {
    command: 'show-modified',
    keys: ['m'],
    scope: 'changes',
    help: 'show modified paths alone: type, content or target differ',
  },
  {
    command: 'show-metadata',
    keys: ['u'],
    scope: 'changes',
    help: 'show metadata changes alone: content unchanged; mode, owner, mtime, xattrs or links differ',
  },
  {
    command: 'next-nature',
    keys: ['w'],
    scope: 'changes',
    help: 'why: show one nature alone (n nondeterminism, i input drift, f follows), then the next; all after the last',
    hint: 'why',
  },
  {
    command: 'next-cause',
    keys: ['c'],
    scope: 'changes',
    help: 'show one cause alone, then the next; all after the last',
    hint: 'cause',
  },
  { command: 'previous-cause', keys: ['C'], scope: 'changes', help: 'the cause before' },
  {
    command: 'toggle',
    keys: ['space'],
    scope: 'changes',
    help: 'open or close a directory of the tree',
  },
  {
    command: 'right',
    keys: ['l', 'right'],
    scope: 'everywhere',
    help: 'open a directory of the tree; otherwise the next pane',
  },
  {
    command: 'left',
    keys: ['h', 'left'],
    scope: 'everywhere',
    help: 'close a directory of the tree or go to the one above; otherwise the previous pane',
  },
  {
    command: 'expand-all',
    keys: ['+'],
    scope: 'changes',
    help: 'open all directories of the tree',
  },
  {
    command: 'collapse-all',
    keys: ['-'],
    scope: 'changes',
    help: 'close all directories of the tree',
  },
  { command: 'redraw', keys: ['ctrl-l'], scope: 'everywhere', help: 'draw the screen anew' },
  {
    command: 'suspend',
    keys: ['ctrl-z'],
    scope: 'everywhere',
    help: 'stop and go back to the shell; `fg` continues',
  },
  {
    command: 'interrupt',
    keys: ['ctrl-c'],
    scope: 'everywhere',
    help: 'quit with exit status 130',
  },
  {
    command: 'accept-search',
    keys: ['enter'],
    scope: 'search',
    help: 'stay at the match',
    hint: 'accept',
  },
  {
    command: 'cancel-search',
    keys: ['escape'],
    scope: 'search',
    help: 'back to where the search began',
    hint: 'cancel',
  },
  {
    command: 'clear-search',
    keys: ['ctrl-u'],
    scope: 'search',
    help: 'erase all',
    hint: 'erase all',
  },
  { command: 'erase-character', keys: ['backspace'], scope: 'search', help: 'erase one character' },
  { command: 'interrupt', keys: ['ctrl-c'], scope: 'search', help: 'quit with exit status 130' },
];

/** Where the user is, as far as keys are concerned. */
export interface KeyContext {
  readonly tab: string;
  readonly help: boolean;
  readonly search: { readonly isTyping: boolean };
}

/** The scopes that count at once. */
export function scopesOf({ tab, help, search }: KeyContext): readonly Scope[] {
  if (search.isTyping) return ['search'];
  return tab === 'changes' && !help ? ['changes', 'everywhere'] : ['everywhere'];
}

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  KEYMAP.flatMap(({ command, keys, scope }) =>
    keys.map((key): readonly [string, Command] => [`${scope} ${key}`, command]),
  ),
);

/** What a key asks for; null when it means nothing here. */
export function commandOf(key: Key, scopes: readonly Scope[]): Command | null {
  for (const scope of scopes) {
    const command = COMMANDS.get(`${scope} ${key}`);
    if (command !== undefined) return command;
  }
  return null;
}

/** Bindings with a hint, in the order of the table. */
export function hintsFor(scopes: readonly Scope[]): readonly Binding[] {
  return KEYMAP.filter(({ scope, hint }) => hint !== undefined && scopes.includes(scope));
}

const KEY_NAMES: Readonly<Record<Key, string>> = {
  enter: 'Enter',
  escape: 'Esc',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  space: 'Space',
  backspace: 'Backspace',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  home: 'Home',
  end: 'End',
  pageup: 'PgUp',
  pagedown: 'PgDn',
};

/** The key as it is printed on a keyboard. */
export function keyName(key: Key): string {
  return (
    KEY_NAMES[key] ??
    key.replace(/^ctrl-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`)
  );
}
