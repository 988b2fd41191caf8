/** The values of a JSON text (RFC 8259) with their places, so that order, numbers and white space are as they stand there. */

import { FormatError } from '../core/errors.js';

export interface JsonScalar {
  /** Names of members and `[]` for elements of arrays, from the root on. */
  readonly path: readonly string[];
  /** Of the value in the text. */
  readonly offset: number;
  readonly kind: 'string' | 'number' | 'word' | 'empty';
  /** As it stands: with the quotes of strings; `{}` and `[]` for what is empty. */
  readonly raw: string;
}

export interface JsonValues {
  /** Every value that holds no other, in the order of the text. */
  readonly scalars: readonly JsonScalar[];
  /** White space and punctuation in their order, with a mark for the kind of each value. */
  readonly frame: string;
}

/** `text` has one character per byte. Throws `FormatError` for anything that is not one JSON value. */
export function readJsonValues(text: string): JsonValues {
  const scalars: JsonScalar[] = [];
  const frame: string[] = [];
  const path: string[] = [];
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0;

  const fail = (expected: string): never => {
    throw new FormatError('json', at, `expected ${expected}`);
  };
  const match = (pattern: RegExp, expected: string): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? fail(expected);
    at += found.length;
    return found;
  };
  const space = (): void => {
    const found = match(SPACE, 'white space');
    if (found !== '') frame.push(found);
  };
  const take = (character: string): boolean => {
    if (text[at] !== character) return false;
    frame.push(character);
    at += 1;
    return true;
  };
  const scalar = (kind: JsonScalar['kind'], offset: number, raw: string): void => {
    frame.push(MARKS[kind]);
    scalars.push({ path: [...path], offset, kind, raw });
  };
  const value = (depth: number): void => {
    if (depth > MAX_DEPTH) fail('less depth');
    space();
    const offset = at;
    if (take('{')) members(depth, offset);
    else if (take('[')) elements(depth, offset);
    else if (text[at] === '"') scalar('string', offset, match(STRING, 'a string'));
    else if (/[-\d]/.test(text[at] ?? '')) scalar('number', offset, match(NUMBER, 'a number'));
    else scalar('word', offset, match(WORD, 'a value'));
    space();
  };
  const members = (depth: number, offset: number): void => {
    space();
    if (take('}')) return scalar('empty', offset, '{}');
    do {
      space();
      path.push(match(STRING, 'a name').slice(1, -1));
      space();
      if (!take(':')) fail('a colon');
      value(depth + 1);
      path.pop();
    } while (take(','));
    if (!take('}')) fail('the end of an object');
  };
  const elements = (depth: number, offset: number): void => {
    space();
    if (take(']')) return scalar('empty', offset, '[]');
    path.push('[]');
    do value(depth + 1);
    while (take(','));
    path.pop();
    if (!take(']')) fail('the end of an array');
  };

  value(0);
  if (at !== text.length) fail('the end');
  return {
    scalars,
    frame: (text.startsWith('\xef\xbb\xbf') ? '\xef\xbb\xbf' : '') + frame.join(''),
  };
}

const MARKS = { string: '"', number: '0', word: 'w', empty: '' } as const;
const MAX_DEPTH = 256;
const SPACE = /[ \t\r\n]*/y;
// oxlint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORD = /true|false|null/y;
