/**
 * How tokens look. Colours are the sixteen of the terminal's own palette; without colour (https://no-color.org)
 * bold, dim, underline and inverse remain. No meaning hangs on either: letters, signs and words carry it.
 */

import { ASCII_GLYPHS, UNICODE_GLYPHS, type Glyphs } from './text/glyphs.js';
import type { Line, Token } from './text/line.js';
import { withoutControls } from './text/safe.js';
import { fitLine, lineWidthOf } from './text/width.js';

/** `selected`: under the cursor of the pane that has the focus. `marked`: under the cursor of another pane. */
export type Emphasis = 'none' | 'selected' | 'marked';

export interface Theme {
  readonly glyphs: Glyphs;
  /** The line as a string of exactly this many cells at most; an emphasised one fills them all. */
  paint(line: Line, width: number, emphasis?: Emphasis): string;
}

export interface ThemeOptions {
  readonly color: boolean;
  /** False for terminals that show ASCII alone. */
  readonly unicode: boolean;
}

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Colour unless NO_COLOR is set to something or the terminal says it has none; line drawing unless the locale is
 * known to be another than UTF-8 (POSIX.1-2017 XBD 8.2: LC_ALL before LC_CTYPE before LANG).
 */
export function themeOptions(env: Environment): ThemeOptions {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const noColor = env['NO_COLOR'];
  return {
    color: (noColor === undefined || noColor === '') && !/^(dumb|vt\d+)$/.test(env['TERM'] ?? ''),
    unicode: locale === '' || /utf-?8/i.test(locale),
  };
}

/** SGR parameters (ECMA-48 8.3.117) with colour and without. */
const STYLES = {
  plain: ['', ''],
  strong: ['1', '1'],
  muted: ['90', '2'],
  title: ['1', '1'],
  rule: ['90', '2'],
  'rule-focused': ['1;36', '1'],
  key: ['1;36', '1'],
  match: ['1;4', '1;4'],
  warning: ['1;33', '1'],
  good: ['32', ''],
  added: ['32', ''],
  removed: ['31', ''],
  modified: ['33', ''],
  metadata: ['36', ''],
  before: ['31', ''],
  after: ['32', ''],
} as const satisfies Record<Token, readonly [string, string]>;

export function createTheme({ color, unicode }: ThemeOptions): Theme {
  const glyphs = unicode ? UNICODE_GLYPHS : ASCII_GLYPHS;
  const column = color ? 0 : 1;
  return {
    glyphs,
    paint(line, width, emphasis = 'none') {
      const fitted = fitLine(line, width, glyphs.ellipsis);
      if (emphasis === 'selected') {
        const text = fitted.map((part) => withoutControls(part.text)).join('');
        return styled(text + ' '.repeat(Math.max(0, width - lineWidthOf(fitted))), '7');
      }
      const underneath = emphasis === 'marked' ? '1' : '';
      return fitted
        .map(({ text, token }) =>
          styled(
            withoutControls(text),
            [underneath, STYLES[token][column]].filter(Boolean).join(';'),
          ),
        )
        .join('');
    },
  };
}

function styled(text: string, parameters: string): string {
  return text === '' || parameters === '' ? text : `\u001b[${parameters}m${text}\u001b[0m`;
}
