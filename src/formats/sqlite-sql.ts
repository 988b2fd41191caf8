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

const SPACE = /[ \t\n\f\r]+/y;
const NAME = /[\p{L}_$\u0080-\uffff][\w$\u0080-\uffff]*/uy;
const NUMBER = /[0-9.][\w.]*/y;
const CLOSING: Readonly<Record<string, string>> = { '"': '"', '`': '`', "'": "'", '[': ']' };

/** Never fails: what is open at the end ends there, what is no token is a `sign`. */
export function sqlTokens(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length;) {
    const next = skipSpace(sql, at);
    if (next === at) {
      const token = tokenAt(sql, at);
      tokens.push(token);
      at = token.end;
    } else {
      at = next;
    }
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

/** Behind the white space or the comment at `at`. */
function skipSpace(sql: string, at: number): number {
  if (sql.startsWith('--', at)) return endOf(sql, '\n', at + 2);
  if (sql.startsWith('/*', at)) return endOf(sql, '*/', at + 2);
  return at + matchAt(SPACE, sql, at).length;
}

function tokenAt(sql: string, start: number): SqlToken {
  const close = CLOSING[sql[start]!];
  if (close !== undefined) return quotedAt(sql, start, close);
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

/** A closing quote that is doubled stands for itself, but in brackets. */
function quotedAt(sql: string, start: number, close: string): SqlToken {
  let end = start + 1;
  for (;;) {
    end = endOf(sql, close, end);
    if (close === ']' || sql[end] !== close) break;
    end++;
  }
  const isClosed = end > start + 1 && sql[end - 1] === close;
  const inner = sql.slice(start + 1, isClosed ? end - 1 : end);
  const text = close === ']' ? inner : inner.replaceAll(close + close, close);
  return { kind: 'quoted', text, start, end };
}

/** Behind the next `mark`, or the end. */
function endOf(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from);
  return found === -1 ? sql.length : found + mark.length;
}
