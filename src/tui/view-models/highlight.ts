/** Shows where the searched text stands in a line. */

import type { Line, Span } from '../text/line.js';
import { matchIndex } from './search.js';

/** The line with the first match of each of its spans marked. */
export function highlight(line: Line, needle: string): Line {
  return needle === '' ? line : line.flatMap((part) => highlightSpan(part, needle));
}

export function highlightSpan(part: Span, needle: string): readonly Span[] {
  const { text, token } = part;
  const at = matchIndex(text, needle);
  if (at < 0) return [part];
  const end = at + needle.length;
  return [
    { text: text.slice(0, at), token },
    { text: text.slice(at, end), token: 'match' },
    { text: text.slice(end), token },
  ].filter((piece): piece is Span => piece.text !== '');
}
