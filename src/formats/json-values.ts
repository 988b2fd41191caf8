/** The values of a JSON text (RFC 8259) with their places, so that order, numbers and white space are as they stand there. */

import { FormatError } from '../core/errors.js';
import { xxh64OfText } from '../util/xxh64.js';

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
  /**
   * Which arrays and objects hold which, whatever the order of members: paths do not tell one element of an array from another.
   * Long ones are digests.
   */
  readonly structure: string;
}

/** `text` has one character per byte; `loadXxh64` has to be awaited before. Throws `FormatError` for anything that is not one JSON value. */
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
  const scalar = (kind: JsonScalar['kind'], offset: number, raw: string): string => {
    frame.push(MARKS[kind]);
    scalars.push({ path: [...path], offset, kind, raw });
    return kind === 'empty' ? raw : '0';
  };
  const value = (depth: number): string => {
    if (depth > MAX_DEPTH) fail('less depth');
    space();
    const offset = at;
    const structure = take('{')
      ? members(depth, offset)
      : take('[')
        ? elements(depth, offset)
        : text[at] === '"'
          ? scalar('string', offset, match(STRING, 'a string'))
          : /[-\d]/.test(text[at] ?? '')
            ? scalar('number', offset, match(NUMBER, 'a number'))
            : scalar('word', offset, match(WORD, 'a value'));
    space();
    return structure;
  };
  const members = (depth: number, offset: number): string => {
    space();
    if (take('}')) return scalar('empty', offset, '{}');
    const held: string[] = [];
    do {
      space();
      const name = match(STRING, 'a name');
      path.push(name.slice(1, -1));
      space();
      if (!take(':')) fail('a colon');
      held.push(`${name}${value(depth + 1)}`);
      path.pop();
    } while (take(','));
    if (!take('}')) fail('the end of an object');
    return short(`{${held.toSorted().join()}}`);
  };
  const elements = (depth: number, offset: number): string => {
    space();
    if (take(']')) return scalar('empty', offset, '[]');
    path.push('[]');
    const held: string[] = [];
    do held.push(value(depth + 1));
    while (take(','));
    path.pop();
    if (!take(']')) fail('the end of an array');
    return short(`[${held.join()}]`);
  };

  const structure = value(0);
  if (at !== text.length) fail('the end');
  return {
    scalars,
    frame: (text.startsWith('\xef\xbb\xbf') ? '\xef\xbb\xbf' : '') + frame.join(''),
    structure,
  };
}

function short(structure: string): string {
  return structure.length > LONGEST ? xxh64OfText(structure) : structure;
}

const LONGEST = 64;
const MARKS = { string: '"', number: '0', word: 'w', empty: '' } as const;
const MAX_DEPTH = 256;
const SPACE = /[ \t\r\n]*/y;
// oxlint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORD = /true|false|null/y;
