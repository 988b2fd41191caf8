/** Finds the words of a text that speak for themselves: times, paths, versions, ids. All others are kept as digests. */

import type { FactKind, TextToken } from '../../core/facts.js';
import { wordDigest } from '../../util/words.js';
import { xxh64Hex } from '../../util/xxh64.js';

export interface FoundToken extends TextToken {
  readonly offset: number;
  readonly length: number;
  /** Whether `shape` leaves it in place. */
  readonly isWord: boolean;
}

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}';
const CLOCK = '\\d{1,2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?';
const ZONE = '(?: ?(?:Z\\b|UTC|GMT|[+-]\\d{2}:?\\d{2}\\b|\\b[A-Z]{3,4}\\b))';

/** In order of precedence; names are those of `KINDS`. */
const PATTERNS = {
  // RFC 3339, ISO 8601
  iso: `\\b\\d{4}-\\d{2}-\\d{2}(?:[T ]${CLOCK}${ZONE}?)?`,
  // ISO 8601, basic format
  basic: '\\b\\d{8}T\\d{6}Z?\\b',
  // RFC 5322: `Tue, 03 Feb 2026 04:05:06 +0000`
  mail: `\\b(?:${DAY},? )?\\d{1,2}[ -]${MONTH}[ -]\\d{4}(?: ${CLOCK}${ZONE}?)?`,
  // asctime(3), date(1): `Tue Feb  3 04:05:06 UTC 2026`; C's __DATE__; syslog
  ctime: `\\b(?:${DAY} )?${MONTH} [ \\d]?\\d(?:,? ${CLOCK}${ZONE}?)?(?:,? \\d{4}\\b)?`,
  slashes: '\\b\\d{1,4}/\\d{1,2}/\\d{2,4}\\b(?: ' + CLOCK + ')?',
  clock: '\\b\\d{1,2}:\\d{2}:\\d{2}(?:[.,]\\d{1,9})?',
  uuid: '\\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\\b',
  address: '\\b0x[0-9a-fA-F]{6,16}\\b',
  path: '(?<![\\w/])(?:/[\\w.+@%~,-]+){2,}/?',
  hex: '\\b(?=[0-9a-fA-F]*\\d)(?=\\d*[a-fA-F])[0-9a-fA-F]{16,}\\b',
  base64: '(?<![\\w+/])[A-Za-z0-9+/]{27,86}={1,2}',
  version: '\\b\\d+(?:\\.\\d+)+[\\w.+~-]*',
  number: '\\b\\d+\\b',
  word: '[\\w\\x80-\\xff][\\w\\x80-\\xff.-]*',
} as const;
type Pattern = keyof typeof PATTERNS;

const NAMES = Object.keys(PATTERNS) as readonly Pattern[];
const TOKEN = new RegExp(NAMES.map((name) => `(${PATTERNS[name]})`).join('|'), 'g');

/** `isTime` tells whether a bare number, in seconds, can be a time of this build. Text is latin1 bytes. */
export function findTokens(text: string, isTime: (seconds: number) => boolean): FoundToken[] {
  const tokens: FoundToken[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const group = match.findIndex((value, index) => index > 0 && value !== undefined);
    const { kind, value } = tokenOf(NAMES[group - 1]!, match[0], isTime);
    const isWord = NAMES[group - 1] === 'word';
    tokens.push({ kind, value, offset: match.index, length: match[0].length, isWord });
  }
  return tokens;
}

/** The text with every token that is not a plain word replaced by its kind. */
export function shapeOf(text: string, tokens: readonly FoundToken[]): string {
  let shape = '';
  let at = 0;
  for (const { kind, offset, length, isWord } of tokens) {
    if (isWord) continue;
    shape += `${text.slice(at, offset)}\0${kind}\0`;
    at = offset + length;
  }
  return at === 0 ? text : shape + text.slice(at);
}

function tokenOf(pattern: Pattern, text: string, isTime: (seconds: number) => boolean): TextToken {
  switch (pattern) {
    case 'iso':
    case 'basic':
    case 'mail':
    case 'ctime':
    case 'slashes':
    case 'clock':
      return { kind: 'time', value: text };
    case 'uuid':
      return { kind: 'random', value: `uuid${text[14]}:${longDigest(text.toLowerCase())}` };
    case 'hex':
      return { kind: 'opaque', value: `hex${text.length}:${longDigest(text.toLowerCase())}` };
    case 'base64':
      return { kind: 'opaque', value: `base64-${text.length}:${longDigest(text)}` };
    case 'number':
      return { kind: numberKind(text, isTime), value: text };
    case 'word':
      return { kind: 'opaque', value: wordDigest(text.replace(/[.-]+$/, '')) };
    case 'address':
    case 'path':
    case 'version':
      return { kind: pattern, value: text };
  }
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970. */
function numberKind(text: string, isTime: (seconds: number) => boolean): FactKind {
  const unit = { 10: 1, 13: 1e3, 16: 1e6, 19: 1e9 }[text.length];
  return unit !== undefined && isTime(Number(text) / unit) ? 'time' : 'number';
}

function longDigest(text: string): string {
  return xxh64Hex(Buffer.from(text, 'latin1'));
}
