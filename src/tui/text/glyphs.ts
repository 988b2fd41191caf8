/** Signs that are drawn rather than written, and what stands for them where only ASCII shows. */

export interface Glyphs {
  readonly ellipsis: string;
  readonly arrow: string;
  readonly rule: string;
  readonly ruleFocused: string;
  readonly vertical: string;
  readonly cursor: string;
  readonly expanded: string;
  readonly collapsed: string;
}

export const UNICODE_GLYPHS: Glyphs = {
  ellipsis: '…',
  arrow: '→',
  rule: '─',
  ruleFocused: '━',
  vertical: '│',
  cursor: '▌',
  expanded: '▾',
  collapsed: '▸',
};

export const ASCII_GLYPHS: Glyphs = {
  ellipsis: '~',
  arrow: '->',
  rule: '-',
  ruleFocused: '=',
  vertical: '|',
  cursor: '>',
  expanded: '-',
  collapsed: '+',
};
