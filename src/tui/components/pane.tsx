/** A pane: a rule with its title and position, then its rows. */

import { Box } from 'ink';

import type { PaneView } from '../screens/define.js';
import { MARGIN } from '../state/pages.js';
import type { Glyphs } from '../text/glyphs.js';
import { span, type Line } from '../text/line.js';
import { displayWidth, truncateEnd } from '../text/width.js';
import type { Theme } from '../theme.js';
import { Rows, type Row } from './rows.js';

export function Pane({
  view,
  width,
  height,
  isFocused,
  theme,
}: {
  readonly view: PaneView;
  readonly width: number;
  readonly height: number;
  readonly isFocused: boolean;
  readonly theme: Theme;
}) {
  const rows: readonly Row[] = [
    { line: titleLine(view, width, isFocused, theme.glyphs) },
    ...(view.rows.length === 0
      ? [{ line: [span(' '.repeat(MARGIN)), span(view.empty, 'muted')] }]
      : view.rows.map((line, i) => paneRow(line, view.cursor === i, isFocused, theme.glyphs))),
  ];
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Rows rows={rows} width={width} height={height} theme={theme} />
    </Box>
  );
}

function paneRow(line: Line, isAtCursor: boolean, isFocused: boolean, glyphs: Glyphs): Row {
  if (!isAtCursor) return { line: [span('  '), ...line] };
  const marked = [span(`${glyphs.cursor} `), ...line];
  return { line: marked, emphasis: isFocused ? 'selected' : 'marked' };
}

/** `━━ Files (by path) ━━━━━━ 12 of 3,900 ━`: heavy where the focus is. */
function titleLine(view: PaneView, width: number, isFocused: boolean, glyphs: Glyphs): Line {
  const rule = isFocused ? glyphs.ruleFocused : glyphs.rule;
  const token = isFocused ? 'rule-focused' : 'rule';
  const note = view.note === '' ? '' : ` ${view.note} `;
  const title = truncateEnd(view.title, width - displayWidth(note) - 7, glyphs.ellipsis);
  const gap = width - 4 - displayWidth(title) - displayWidth(note) - 1;
  return [
    span(rule, token),
    span(` ${title} `, isFocused ? 'title' : 'plain'),
    span(rule.repeat(Math.max(0, gap)), token),
    span(note, 'muted'),
    span(rule.repeat(2), token),
  ];
}
