/** The head: builds and verdict, counts, circumstances, and the row of tabs. */

import { screens } from '../screens/index.js';
import { layoutOf } from '../state/layout.js';
import type { State } from '../state/state.js';
import { span, type Line } from '../text/line.js';
import type { Theme } from '../theme.js';
import type { Model } from '../view-models/model.js';
import { circumstancesLine, countsLine, sideLines, titleLine } from '../view-models/overview.js';
import { Rows } from './rows.js';

export function Head({
  model,
  state,
  theme,
}: {
  readonly model: Model;
  readonly state: State;
  readonly theme: Theme;
}) {
  const width = state.size.columns;
  const { headHeight } = layoutOf(state);
  const head = [
    titleLine(model, width),
    countsLine(model),
    ...sideLines(model),
    circumstancesLine(model, width),
  ].slice(0, headHeight);
  const lines = [...head, tabsLine(model, state)];
  return (
    <Rows
      rows={lines.map((line) => ({ line }))}
      width={width}
      height={lines.length}
      theme={theme}
    />
  );
}

/** `[Changes 3,922]  Builds 14  ...`: the brackets say which one is open. */
function tabsLine(model: Model, state: State): Line {
  return screens.flatMap((screen) => {
    const title = screen.title(model);
    return screen.id === state.tab
      ? [span('['), span(title, 'strong'), span(']')]
      : [span(` ${title} `, 'muted')];
  });
}
