/** Rows of text under one another, each painted and no wider than it may be. */

import { Text } from 'ink';

import type { Line } from '../text/line.js';
import type { Emphasis, Theme } from '../theme.js';

export interface Row {
  readonly line: Line;
  readonly emphasis?: Emphasis;
}

/** No more than `height` rows; the box around them keeps the room of those that are missing. */
export function Rows({
  rows,
  width,
  height,
  theme,
}: {
  readonly rows: readonly Row[];
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
}) {
  return rows.slice(0, height).map((row, i) => {
    const text = theme.paint(row.line, width, row.emphasis);
    // Ink gives a Text without characters no height.
    return (
      <Text key={i} wrap="truncate">
        {text === '' ? ' ' : text}
      </Text>
    );
  });
}
