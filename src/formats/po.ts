/** The header entry of a gettext catalogue as text (GNU gettext manual, "The Format of PO Files" and "Header Entry"). */

/** One quoted line of the header entry's translation. */
export interface PoHeaderLine {
  /** Offset in the text of the first character between the quotes. */
  readonly at: number;
  /** What stands between the quotes, escapes as written. */
  readonly text: string;
}

/**
 * The quoted lines of the first entry's translation, when that entry has the empty msgid; null for any other text.
 * The text has one character per byte.
 */
export function poHeaderLines(text: string): readonly PoHeaderLine[] | null {
  const lines: PoHeaderLine[] = [];
  let expected: 'msgid' | 'msgstr' | 'more' = 'msgid';
  const byteOrderMark = text.startsWith('\xef\xbb\xbf') ? 3 : 0;
  for (let start = byteOrderMark; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    const match = LINES[expected].exec(line);
    if (match !== null) {
      const quoted = match[1]!;
      if (expected === 'msgid' && quoted !== '') return null;
      if (expected !== 'msgid') lines.push({ at: start + line.indexOf('"') + 1, text: quoted });
      expected = expected === 'msgid' ? 'msgstr' : 'more';
    } else if (expected === 'more') return lines;
    else if (!/^[ \t\r]*(#[^~].*|#)?\r?$/.test(line) || expected === 'msgstr') return null;
    start = end + 1;
  }
  return expected === 'more' ? lines : null;
}

/** A quoted string that ends on its line. */
const QUOTED = String.raw`"((?:[^"\\]|\\.)*)"[ \t]*\r?$`;
const LINES = {
  msgid: new RegExp(`^[ \\t]*msgid[ \\t]*${QUOTED}`),
  msgstr: new RegExp(`^[ \\t]*msgstr[ \\t]*${QUOTED}`),
  more: new RegExp(`^[ \\t]*${QUOTED}`),
} as const;
