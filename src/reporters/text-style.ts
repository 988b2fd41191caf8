/** Escape sequences (ECMA-48 8.3.117, SGR) for a terminal, or nothing. */

export interface TextStyle {
  strong(text: string): string;
  faint(text: string): string;
}

export function textStyle(color: boolean): TextStyle {
  const sgr =
    (code: number) =>
    (text: string): string =>
      color && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { strong: sgr(1), faint: sgr(2) };
}
