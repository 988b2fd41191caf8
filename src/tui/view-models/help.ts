/** The help page, made from the key map. */

import { KEYMAP, keyName, type Scope } from '../keymap.js';
import { span, type Line } from '../text/line.js';
import { padEnd, wrapText } from '../text/width.js';
import { KIND_LETTERS, KIND_TOKENS, SHOWN_KINDS, type ShownKind } from './change-kind.js';

export function helpLines(width: number): readonly Line[] {
  return [
    [span('Letters', 'title')],
    ...SHOWN_KINDS.map((kind): Line => [
      span(`  ${padEnd(KIND_LETTERS[kind], KEY_WIDTH)}`, KIND_TOKENS[kind]),
      span(KIND_MEANING[kind]),
    ]),
    [],
    [span('Signs', 'title')],
    ...SIGNS.map(([sign, meaning]): Line => [span(`  ${padEnd(sign, KEY_WIDTH)}`), span(meaning)]),
    [],
    ...SECTIONS.flatMap(({ scope, title }) => [
      [span(title, 'title')],
      ...KEYMAP.filter((binding) => binding.scope === scope).flatMap(({ keys, help }) =>
        wrapText(help, Math.max(10, width - KEY_WIDTH - 2)).map((text, i): Line => [
          span(`  ${padEnd(i === 0 ? keys.map(keyName).join(' ') : '', KEY_WIDTH)}`, 'key'),
          span(text),
        ]),
      ),
      [],
    ]),
  ];
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
