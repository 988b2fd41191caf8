/** The tokens of SQL as it is kept in a SQLite schema (sqlite.org/lang_keywords.html, lang_comment.html). */

export interface SqlToken {
  /** `name`: a word without quotes; `quoted`: in any of the four kinds of quotes, which may be a name or a string. */
  readonly kind: 'name' | 'quoted' | 'number' | 'sign';
  /** Without quotes; one character for `sign`. */
  readonly text: string;
  /** Where the token starts and ends in the SQL. */
  readonly start: number;
  readonly end: number;
}

const SPACE = /[ \t\n\f\r]+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/y;
const QUOTED = /"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|'(?:[^']|'')*'?|\[[^\]]*\]?/y;
const NAME = /[\p{L}_$\u0080-\uffff][\w$\u0080-\uffff]*/uy;
const NUMBER = /[0-9.](?:[\w.]|(?<=[eE])[+-])*/y;

/** Never fails: what is open at the end ends there, what is no token is a `sign`. */
export function sqlTokens(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length;) {
    const space = matchAt(SPACE, sql, at);
    if (space !== '') {
      at += space.length;
      continue;
    }
    const token = tokenAt(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** Whether the token is that keyword, given in upper case. */
export function isWord(token: SqlToken | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'name' && words.includes(token.text.toUpperCase());
}

export function isSign(token: SqlToken | undefined, sign: string): boolean {
  return token?.kind === 'sign' && token.text === sign;
}

/** The parts between commas of a list that starts behind the parenthesis at `open`, and where it closes. */
export function splitList(
  tokens: readonly SqlToken[],
  open: number,
): { readonly parts: readonly (readonly SqlToken[])[]; readonly close: number } {
  const parts: SqlToken[][] = [[]];
  let depth = 0;
  let at = open + 1;
  for (; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (isSign(token, ')') && depth === 0) break;
    if (isSign(token, '(')) depth++;
    if (isSign(token, ')')) depth--;
    if (isSign(token, ',') && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return { parts: parts.filter((part) => part.length > 0), close: at };
}

function tokenAt(sql: string, start: number): SqlToken {
  const quoted = matchAt(QUOTED, sql, start);
  if (quoted !== '')
    return { kind: 'quoted', text: unquote(quoted), start, end: start + quoted.length };
  const name = matchAt(NAME, sql, start);
  if (name !== '') return { kind: 'name', text: name, start, end: start + name.length };
  const number = matchAt(NUMBER, sql, start);
  if (number !== '') return { kind: 'number', text: number, start, end: start + number.length };
  return { kind: 'sign', text: sql[start]!, start, end: start + 1 };
}

function matchAt(pattern: RegExp, sql: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0] ?? '';
}

function unquote(text: string): string {
  const close = text[0] === '[' ? ']' : text[0]!;
  const inner = text.slice(1, text.length > 1 && text.endsWith(close) ? -1 : undefined);
  return close === ']' ? inner : inner.replaceAll(close + close, close);
}
