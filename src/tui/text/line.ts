/** What a view-model hands to the screen: text with a meaning, never with a colour. */

/** What a piece of text means; `theme.ts` says how each looks. */
export type Token =
  | 'plain'
  | 'strong'
  | 'muted'
  | 'title'
  | 'rule'
  | 'rule-focused'
  | 'key'
  | 'match'
  | 'warning'
  | 'good'
  | 'added'
  | 'removed'
  | 'modified'
  | 'metadata'
  | 'before'
  | 'after';

export interface Span {
  readonly text: string;
  readonly token: Token;
}

/** One row of the screen from left to right; no line feeds in it. */
export type Line = readonly Span[];

export function span(text: string, token: Token = 'plain'): Span {
  return { text, token };
}

/** The words of a line without their meaning. */
export function lineText(line: Line): string {
  let text = '';
  for (const { text: part } of line) text += part;
  return text;
}
