/** Rows of text under one another, each painted and no wider than it may be. */

import { Text } from 'ink';

import type { Line } from '../text/line.js';
import type { Emphasis, Theme } from '../theme.js';

export interface Row {
  readonly line: Line;
  readonly emphasis?: Emphasis;
}

/** Fills up with blank rows to `height`, which is also what is cut to. */
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
  return Array.from({ length: height }, (_, i) => {
    const row = rows[i];
    const text = row === undefined ? '' : theme.paint(row.line, width, row.emphasis);
    // Ink gives a Text without characters no height.
    return (
      <Text key={i} wrap="truncate">
        {text === '' ? ' ' : text}
      </Text>
    );
  });
}
