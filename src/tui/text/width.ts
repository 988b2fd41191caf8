/** Fitting text into terminal cells: wide characters take two, combining ones none (Unicode UAX #11). */

import stringWidth from 'string-width';

import type { Line, Span } from './line.js';

/** Characters of one code unit and one cell: ASCII, accented Latin letters, and the signs that this program draws. */
const SIMPLE = /^[\x20-\x7e\u00c0-\u024f\u2026\u2192\u2500-\u2503\u258c\u25b8\u25be]*$/;
/** Code units looked at per cell: a base character with its accents may have many, a hostile name has more. */
const LONGEST = 20;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Cells that the text takes on the screen. */
export function displayWidth(text: string): number {
  return SIMPLE.test(text) ? text.length : stringWidth(text);
}

/** The text followed by as many spaces as the width leaves. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** The text after as many spaces as the width leaves. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** As much of the beginning as fits; the mark of omission is the last cell. */
export function truncateEnd(text: string, width: number, mark: string): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '';
  return head(text, width - displayWidth(mark)) + mark;
}

/** Beginning and end, of the end twice as much: in a path it tells more. */
export function truncateMiddle(text: string, width: number, mark: string): string {
  if (displayWidth(text) <= width) return text;
  const room = width - displayWidth(mark);
  if (room < 3) return truncateEnd(text, width, mark);
  const before = Math.floor(room / 3);
  return head(text, before) + mark + tail(text, room - before);
}

/** Breaks text into pieces that fit, at spaces where there are some, else anywhere. At least one piece. */
export function wrapText(text: string, width: number): readonly string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room * LONGEST || displayWidth(rest) > room) {
    // A base with several spacing marks may be wider than all the room; then it is taken apart.
    const piece = head(rest, room) || String.fromCodePoint(rest.codePointAt(0)!);
    const space = rest[piece.length] === ' ' ? piece.length : piece.lastIndexOf(' ');
    const cut = space > room / 2 ? space : piece.length;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(rest[cut] === ' ' ? cut + 1 : cut);
  }
  if (rest !== '' || lines.length === 0) lines.push(rest);
  return lines;
}

/** The line cut to a width, the mark of omission at its end when something was cut. */
export function fitLine(line: Line, width: number, mark: string): Line {
  if (lineWidthOf(line) <= width) return line;
  const fitted: Span[] = [];
  let room = width - displayWidth(mark);
  for (const part of line) {
    const needed = displayWidth(part.text);
    if (needed > room) {
      fitted.push({ text: head(part.text, room) + mark, token: part.token });
      break;
    }
    fitted.push(part);
    room -= needed;
  }
  return fitted;
}

export function lineWidthOf(line: Line): number {
  let width = 0;
  for (const { text } of line) width += displayWidth(text);
  return width;
}

function head(text: string, width: number): string {
  if (width <= 0) return '';
  const near = text.slice(0, width * LONGEST);
  if (SIMPLE.test(near)) return near.slice(0, width);
  let end = 0;
  let used = 0;
  for (const { segment } of segmenter.segment(near)) {
    used += displayWidth(segment);
    if (used > width) break;
    end += segment.length;
  }
  return text.slice(0, end);
}

function tail(text: string, width: number): string {
  if (width <= 0) return '';
  if (SIMPLE.test(text)) return text.slice(-width);
  const segments = [...segmenter.segment(text)];
  let start = text.length;
  let used = 0;
  for (let i = segments.length - 1; i >= 0; i--) {
    const { segment, index } = segments[i]!;
    used += displayWidth(segment);
    if (used > width) break;
    start = index;
  }
  return text.slice(start);
}
