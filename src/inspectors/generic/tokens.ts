/** Finds the words of a text that speak for themselves: times, paths, versions, ids. All others are kept as digests. */

import type { FactKind, TextToken } from '../../core/facts.js';
import { wordDigest } from '../../util/words.js';
import { xxh64OfText } from '../../util/xxh64.js';

export interface FoundToken extends TextToken {
  readonly offset: number;
  readonly length: number;
}

const MONTH =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}';
const CLOCK = '\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?';
const ZONE = '(?: ?(?:Z\\b|UTC|GMT|[+-]\\d{2}:?\\d{2}\\b|\\b[A-Z]{3,4}\\b))';

const sticky = (pattern: string): RegExp => new RegExp(pattern, 'y');

// RFC 5322: `Tue, 03 Feb 2026 04:05:06 +0000`
const MAIL = `(?:${DAY},? )?\\d{1,2}[ -]${MONTH}[ -]\\d{4}(?: ${CLOCK}${ZONE}?)?`;
// asctime(3), date(1): `Tue Feb  3 04:05:06 UTC 2026`; C's __DATE__; syslog
const CTIME = `(?:${DAY} )?${MONTH} [ \\d]?\\d(?:,? ${CLOCK}${ZONE}?)?(?:,? \\d{4}\\b)?`;
const NAMED_TIME = sticky(`${MAIL}|${CTIME}`);
const NUMERIC_TIME = sticky(
  [
    // RFC 3339, ISO 8601
    `\\d{4}-\\d{2}-\\d{2}(?:[T ]${CLOCK}${ZONE}?)?`,
    // ISO 8601, basic format
    '\\d{8}T\\d{6}Z?',
    MAIL,
    `\\d{1,4}/\\d{1,2}/\\d{2,4}\\b(?: ${CLOCK})?`,
    '\\d{1,2}:\\d{2}:\\d{2}(?:[.,]\\d{1,9})?',
  ].join('|'),
);
const UUID = sticky(
  '[\\da-fA-F]{8}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{12}\\b',
);
const ADDRESS = sticky('0x[\\da-fA-F]{6,16}\\b');
const PATH = sticky('(?:/[\\w.+@%~,-]+){2,}/?');
const HEX = sticky('(?=[\\da-fA-F]*\\d)(?=\\d*[a-fA-F])[\\da-fA-F]{16,}\\b');
const BASE64 = sticky('[A-Za-z\\d+/]{27,86}={1,2}');
const VERSION = sticky('\\d+(?:\\.\\d+)+[\\w.+~-]*');
const NUMBER = sticky('\\d+\\b');
const WORD = sticky('[\\w\\x80-\\xff][\\w\\x80-\\xff.-]*');

/** First three letters of the names of days and months. */
const NAMES = new Set(
  'Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' '),
);

/** Tells whether a bare number, in seconds, can be a time of this build. */
export type IsTime = (seconds: number) => boolean;

/** `text` is latin1 bytes. With `words` false only what speaks for itself is returned. */
export function findTokens(text: string, isTime: IsTime, words = true): FoundToken[] {
  const tokens: FoundToken[] = [];
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const token =
      code >= 48 && code <= 57
        ? numericToken(text, at, isTime)
        : code === SLASH
          ? literal(text, at, PATH, 'path')
          : isWordStart(code)
            ? wordToken(text, at, words)
            : null;
    if (token === null) {
      at += 1;
      continue;
    }
    if (words || token.kind !== 'opaque') tokens.push(token);
    at += token.length;
  }
  return tokens;
}

const SLASH = 47;

function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128;
}

function numericToken(text: string, at: number, isTime: IsTime): FoundToken | null {
  return (
    literal(text, at, NUMERIC_TIME, 'time') ??
    uuid(text, at) ??
    literal(text, at, ADDRESS, 'address') ??
    digestLike(text, at) ??
    literal(text, at, VERSION, 'version') ??
    number(text, at, isTime) ??
    word(text, at, true)
  );
}

function wordToken(text: string, at: number, words: boolean): FoundToken | null {
  const named = NAMES.has(text.slice(at, at + 3)) ? literal(text, at, NAMED_TIME, 'time') : null;
  if (named !== null) return named;
  const found = word(text, at, words);
  // Ids are longer than any word but for few.
  if (found === null || found.length < 8) return found;
  return uuid(text, at) ?? digestLike(text, at) ?? found;
}

function literal(text: string, at: number, pattern: RegExp, kind: FactKind): FoundToken | null {
  const length = lengthAt(text, at, pattern);
  return length === 0 ? null : { kind, value: text.slice(at, at + length), offset: at, length };
}

/** Version (RFC 9562 4.2) and digest. */
function uuid(text: string, at: number): FoundToken | null {
  const length = lengthAt(text, at, UUID);
  if (length === 0) return null;
  const value = text.slice(at, at + length);
  const digest = xxh64OfText(value);
  return { kind: 'random', value: `uuid${value[14]}:${digest}`, offset: at, length };
}

/** Long hexadecimal and base64: ids, digests, keys; their length and a digest are kept. */
function digestLike(text: string, at: number): FoundToken | null {
  const hex = lengthAt(text, at, HEX);
  if (hex > 0) {
    const digest = xxh64OfText(inOneCase(text.slice(at, at + hex)));
    return { kind: 'opaque', value: `hex${hex}:${digest}`, offset: at, length: hex };
  }
  const base64 = lengthAt(text, at, BASE64);
  if (base64 === 0) return null;
  const digest = xxh64OfText(text.slice(at, at + base64));
  return { kind: 'opaque', value: `base64-${base64}:${digest}`, offset: at, length: base64 };
}

/** Lower case, but for what has both. */
function inOneCase(text: string): string {
  const lower = text.toLowerCase();
  return text === lower || text === text.toUpperCase() ? lower : text;
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970 where they fit. */
function number(text: string, at: number, isTime: IsTime): FoundToken | null {
  const found = literal(text, at, NUMBER, 'number');
  if (found === null) return null;
  const unit = UNITS[found.length];
  const isEpoch = unit !== undefined && isTime(Number(found.value) / unit);
  return isEpoch ? { ...found, kind: 'time' } : found;
}

const UNITS: Readonly<Record<number, number>> = { 10: 1, 13: 1e3, 16: 1e6, 19: 1e9 };

function word(text: string, at: number, digest: boolean): FoundToken | null {
  const length = lengthAt(text, at, WORD);
  if (length === 0) return null;
  const value = digest ? wordDigest(trimmed(text, at, at + length)) : '';
  return { kind: 'opaque', value, offset: at, length };
}

/** Without the full stop or dashes behind a word. */
function trimmed(text: string, from: number, to: number): string {
  let end = to;
  while (end > from + 1 && (text[end - 1] === '.' || text[end - 1] === '-')) end--;
  return text.slice(from, end);
}

/** Length of what the pattern matches at this very place; 0 where it does not. */
function lengthAt(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
}
