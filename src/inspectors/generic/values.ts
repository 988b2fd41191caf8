/** Values in bytes of unknown format that can be read by themselves: times as numbers, and texts among the bytes. */

import type { FactKind, TextToken } from '../../core/facts.js';
import { wordDigest } from '../../util/words.js';
import { findTokens, type FoundToken, type IsTime } from './tokens.js';

export interface FoundValue extends TextToken {
  /** In the file. */
  readonly offset: number;
  readonly length: number;
  /** `text`, or how a number is stored: `u32le`, `u64be` ... */
  readonly encoding: string;
}

/** Longer texts are cut. */
export const LONGEST_VALUE = 1024;

/** Kinds of text that mean the same among bytes; bare numbers and most words there are chance. */
const TELLING: ReadonlySet<FactKind> = new Set(['time', 'path', 'version', 'random', 'address']);

const TEXT_RUN = /[\x20-\x7e]{8,}/g;

/**
 * Names of users and hosts, and words with digits among their letters, as hosts, releases and commits have: they are held against
 * what the builds recorded.
 */
const NAMES =
  /[\w.-]*\w@\w[\w.-]*|(?<![\w.-])(?=[\w.-]*[A-Za-z])(?=[\w.-]*\d)\w[\w.-]{2,62}\w(?![\w.-])/g;

/**
 * What begins in `body`, by offset; it may reach into `after`. `offset` is that of the body in the file, and numbers are
 * looked for at multiples of four.
 */
export function findValues(
  before: Uint8Array,
  body: Uint8Array,
  after: Uint8Array,
  offset: number,
  isTime: (seconds: number) => boolean,
): FoundValue[] {
  const runs: Run[] = [];
  const texts = textValues(before, body, after, offset, isTime, runs);
  const found = [...texts, ...numberValues(body, offset, isTime, runs)];
  return found.toSorted((a, b) => a.offset - b.offset);
}

/** Where a text lies in the body. */
interface Run {
  readonly from: number;
  readonly end: number;
}

function textValues(
  before: Uint8Array,
  body: Uint8Array,
  after: Uint8Array,
  offset: number,
  isTime: IsTime,
  runs: Run[],
): FoundValue[] {
  const bytes = before.length + after.length === 0 ? body : Buffer.concat([before, body, after]);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const start = before.length;
  const found: FoundValue[] = [];
  for (const run of text.matchAll(TEXT_RUN)) {
    if (run.index + run[0].length <= start || run.index >= start + body.length) continue;
    runs.push({ from: run.index - start, end: run.index + run[0].length - start });
    for (const token of tellingTokens(run[0], isTime)) {
      const at = run.index + token.offset;
      if (at < start || at >= start + body.length) continue;
      const { kind, value, length } = token;
      found.push({ kind, value, offset: offset + at - start, length, encoding: 'text' });
    }
  }
  return found;
}

/** What speaks for itself, and behind it names in what is left. */
function tellingTokens(text: string, isTime: IsTime): readonly FoundToken[] {
  const tokens = findTokens(text, isTime, false).filter(({ kind }) => TELLING.has(kind));
  if (!/[\d@]/.test(text)) return tokens;
  const names: FoundToken[] = [];
  for (const { 0: found, index } of text.matchAll(NAMES))
    for (const part of found.matchAll(/[^@]+/g)) {
      const [offset, word] = [index + part.index, part[0]];
      const end = offset + word.length;
      const isTold = tokens.some((each) => each.offset < end && each.offset + each.length > offset);
      if (!isTold) names.push(nameToken(word, offset, isTime));
    }
  return names.length === 0 ? tokens : [...tokens, ...names];
}

/** Long ids as texts have them, so that they are found to be digests. */
function nameToken(word: string, offset: number, isTime: IsTime): FoundToken {
  const [only, ...others] = findTokens(word, isTime);
  if (only?.kind === 'opaque' && only.length === word.length && others.length === 0)
    return { ...only, offset };
  return { kind: 'opaque', value: wordDigest(word), offset, length: word.length };
}

/** Seconds in 32 bits, microseconds and nanoseconds in 64, of either byte order, at multiples of their size; none in a text. */
function numberValues(
  body: Uint8Array,
  offset: number,
  isTime: IsTime,
  runs: readonly Run[],
): FoundValue[] {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const found: FoundValue[] = [];
  const note = (at: number, value: string, length: number, encoding: string): void =>
    void found.push({ kind: 'time', value, offset: offset + at, length, encoding });
  const first = (4 - (offset % 4)) % 4;
  let next = 0;
  for (let at = first; at + 4 <= body.length; at += 4) {
    // So are most words of most files: no number begins here unless the next word makes it one of 64 bits.
    if (body[at] === 0 && body[at + 1] === 0 && body[at + 2] === 0 && body[at + 3] === 0)
      if (at + 8 > body.length || (body[at + 6] === 0 && body[at + 7] === 0)) continue;
    while (next < runs.length && runs[next]!.end <= at) next++;
    if (next < runs.length && runs[next]!.from < at + 4) continue;
    const little = view.getUint32(at, true);
    const big = view.getUint32(at, false);
    if (little > EARLIEST && isTime(little)) note(at, String(little), 4, 'u32le');
    else if (big > EARLIEST && isTime(big)) note(at, String(big), 4, 'u32be');
    if ((offset + at) % 8 !== 0 || at + 8 > body.length) continue;
    const high = view.getUint32(at + 4, true);
    if (high > SMALLEST_HIGH) scaled(at, high * 2 ** 32 + little, true);
    if (big > SMALLEST_HIGH) scaled(at, big * 2 ** 32 + view.getUint32(at + 4, false), false);
  }
  return found;

  /** `value` is rounded to what a number can hold, what is told is not. */
  function scaled(at: number, value: number, isLittle: boolean): void {
    const digits = isTime(value / 1e6) ? 6 : isTime(value / 1e9) ? 9 : 0;
    if (digits === 0) return;
    const text = String(view.getBigUint64(at, isLittle));
    const unit = digits === 6 ? 'microseconds' : 'nanoseconds';
    const seconds = `${text.slice(0, -digits)}.${text.slice(-digits)}`.replace(/\.?0+$/, '');
    note(at, seconds, 8, `${isLittle ? 'u64le' : 'u64be'} ${unit}`);
  }
}

/** 2001-09-09, in seconds; the same in microseconds, upper half. Nothing older is a time of a build. */
const EARLIEST = 1_000_000_000;
const SMALLEST_HIGH = Math.floor((EARLIEST * 1e6) / 2 ** 32);
