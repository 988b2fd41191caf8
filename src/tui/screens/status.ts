/** The two lines at the bottom: what is shown and searched, and the keys that matter here. */

import { hintsFor, KEYMAP, keyName, scopesOf, type Command } from '../keymap.js';
import { formatCount } from '../../util/format.js';
import { span, type Line, type Span } from '../text/line.js';
import { lineWidthOf } from '../text/width.js';
import { countMatches } from '../state/find.js';
import { targetOf } from '../state/positions.js';
import type { State } from '../state/state.js';
import { NATURE_WORDS } from '../view-models/explanation-words.js';
import { hasKind, SHOWN_KINDS, type ShownKind } from '../view-models/change-kind.js';
import type { Model } from '../view-models/model.js';
import { KIND_NAMES } from '../view-models/overview.js';

export function statusLine(model: Model, state: State): Line {
  const { search, message } = state;
  if (search.isTyping)
    return [
      span(' /', 'key'),
      span(search.needle, 'strong'),
      span('_  ', 'muted'),
      span(matchText(model, state), message === '' ? 'muted' : 'warning'),
    ];
  const found: Line =
    search.needle === ''
      ? []
      : [span(`/${search.needle} `, 'key'), span(`${matchText(model, state)}  `, 'muted')];
  const told: Line = message === '' ? [] : [span(`${message}  `, 'warning')];
  return [
    span(' '),
    ...told,
    ...found,
    ...(scopesOf(contextOf(state)).includes('changes') ? filterSpans(state) : []),
  ];
}

/** Hints as the key map has them, as many as fit; those for help and for quitting always do. */
export function hintLine(state: State, width: number): Line {
  const useful = hintsFor(scopesOf(contextOf(state))).filter(
    ({ command }) => command !== 'artifacts' || state.artifacts > 0,
  );
  const hints = useful.map(({ command, keys, hint, hintKeys }) => ({
    isKept: command === 'help' || command === 'quit',
    spans: [span(hintKeys ?? keyName(keys[0]!), 'key'), span(` ${hint}  `, 'muted')],
  }));
  const widthOf = (isKept: boolean): number =>
    hints.reduce((sum, item) => sum + (item.isKept === isKept ? lineWidthOf(item.spans) : 0), 0);
  let room = width - 1 - widthOf(true);
  return [
    span(' '),
    ...hints.flatMap(({ isKept, spans }) => {
      if (isKept) return spans;
      room -= lineWidthOf(spans);
      return room >= 0 ? spans : [];
    }),
  ];
}

/** Over the list of artifacts, as over the help, the keys of the screen below mean nothing. */
function contextOf(state: State): State {
  return state.chooser === null ? state : { ...state, help: true };
}

const COMMAND_OF_KIND = {
  added: 'show-added',
  removed: 'show-removed',
  modified: 'show-modified',
  metadata: 'show-metadata',
} as const satisfies Record<ShownKind, Command>;

/** `[a] added` is shown, ` a  added` is not. */
function filterSpans({ kinds, why }: State): Line {
  const chosen = [why.nature === null ? '' : NATURE_WORDS[why.nature], why.cause ?? ''];
  const reason = chosen.filter((word) => word !== '').join(', ');
  return [
    ...(reason === '' ? [] : [span('why ', 'muted'), span(`${reason}  `, 'key')]),
    span('show ', 'muted'),
    ...SHOWN_KINDS.flatMap((kind, code): readonly Span[] => {
      const key = KEYMAP.find(({ command }) => command === COMMAND_OF_KIND[kind])!.keys[0]!;
      const isShown = hasKind(kinds, code);
      return [
        span(isShown ? `[${key}]` : ` ${key} `, isShown ? 'key' : 'muted'),
        span(` ${KIND_NAMES[kind]}  `, isShown ? 'plain' : 'muted'),
      ];
    }),
  ];
}

function matchText(model: Model, state: State): string {
  if (state.search.needle === '') return '';
  const { total, at } = countMatches(model, state);
  if (total === 0) return `no match in ${targetOf(state)}`;
  return at === 0
    ? `${formatCount(total)} in ${targetOf(state)}`
    : `${formatCount(at)} of ${formatCount(total)} in ${targetOf(state)}`;
}
