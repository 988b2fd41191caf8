/** The help page, made from the key map. */

import { KEYMAP, keyName, type Scope } from '../keymap.js';
import { span, type Line, type Token } from '../text/line.js';
import { padEnd, wrapText } from '../text/width.js';
import { KIND_LETTERS, KIND_TOKENS, SHOWN_KINDS, type ShownKind } from './change-kind.js';

export function helpLines(width: number): readonly Line[] {
  return [
    [span('Letters', 'title')],
    ...SHOWN_KINDS.flatMap((kind) =>
      explained(KIND_LETTERS[kind], KIND_MEANING[kind], KIND_TOKENS[kind], width),
    ),
    [],
    [span('Signs', 'title')],
    ...SIGNS.flatMap(([sign, meaning]) => explained(sign, meaning, 'plain', width)),
    [],
    ...SECTIONS.flatMap(({ scope, title }) => [
      [span(title, 'title')],
      ...KEYMAP.filter((binding) => binding.scope === scope).flatMap(({ keys, help }) =>
        explained(keys.map(keyName).join(' '), help, 'key', width),
      ),
      [],
    ]),
  ];
}

function explained(term: string, text: string, token: Token, width: number): readonly Line[] {
  return wrapText(text, Math.max(10, width - KEY_WIDTH - 2)).map((part, i): Line => [
    span(`  ${padEnd(i === 0 ? term : '', KEY_WIDTH)}`, token),
    span(part),
  ]);
}

const KEY_WIDTH = 22;

const SECTIONS: readonly { readonly scope: Scope; readonly title: string }[] = [
  { scope: 'everywhere', title: 'Keys' },
  { scope: 'changes', title: 'Keys for groups and files' },
  { scope: 'search', title: 'While searching' },
];

const KIND_MEANING = {
  added: 'added: in the after build only',
  removed: 'removed: in the before build only',
  modified: 'modified: type, content or target differ',
  metadata: 'metadata only: content unchanged; mode, owner, mtime, xattrs or hard links differ',
} as const satisfies Record<ShownKind, string>;

const SIGNS = [
  ['~', 'the attribute differs: old value, new value'],
  ['=', 'the attribute is the same'],
  ['+', 'only the after build has it'],
  ['-', 'only the before build has it'],
] as const;
