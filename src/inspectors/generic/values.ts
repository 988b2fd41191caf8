/** Values in bytes of unknown format that can be read by themselves: times as numbers, and texts among the bytes. */

import type { FactKind, TextToken } from '../../core/facts.js';
import { findTokens } from './tokens.js';

export interface FoundValue extends TextToken {
  /** In the file. */
  readonly offset: number;
  readonly length: number;
  /** `text`, or how a number is stored: `u32le`, `u64be` ... */
  readonly encoding: string;
}

/** Longer texts are cut. */
export const LONGEST_VALUE = 1024;

/** Kinds of text that mean the same among bytes; bare numbers and words there are chance. */
const TELLING: ReadonlySet<FactKind> = new Set(['time', 'path', 'random', 'address']);

const TEXT_RUN = /[\x20-\x7e]{8,}/g;

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
  const found = [
    ...textValues(before, body, after, offset, isTime),
    ...numberValues(body, offset, isTime),
  ];
  return found.toSorted((a, b) => a.offset - b.offset);
}

function textValues(
  before: Uint8Array,
  body: Uint8Array,
  after: Uint8Array,
  offset: number,
  isTime: (seconds: number) => boolean,
): FoundValue[] {
  const bytes = before.length + after.length === 0 ? body : Buffer.concat([before, body, after]);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const start = before.length;
  const found: FoundValue[] = [];
  for (const run of text.matchAll(TEXT_RUN)) {
    if (run.index + run[0].length <= start || run.index >= start + body.length) continue;
    for (const token of findTokens(run[0], isTime, false)) {
      const at = run.index + token.offset;
      if (at < start || at >= start + body.length || !TELLING.has(token.kind)) continue;
      const { kind, value, length } = token;
      found.push({ kind, value, offset: offset + at - start, length, encoding: 'text' });
    }
  }
  return found;
}

/** Seconds in 32 bits, microseconds and nanoseconds in 64, of either byte order, at multiples of their size. */
function numberValues(
  body: Uint8Array,
  offset: number,
  isTime: (seconds: number) => boolean,
): FoundValue[] {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const found: FoundValue[] = [];
  const note = (at: number, seconds: number, length: number, encoding: string): void =>
    void found.push({
      kind: 'time',
      value: String(seconds),
      offset: offset + at,
      length,
      encoding,
    });
  const first = (4 - (offset % 4)) % 4;
  for (let at = first; at + 4 <= body.length; at += 4) {
    const little = view.getUint32(at, true);
    const big = view.getUint32(at, false);
    if (little > EARLIEST && isTime(little)) note(at, little, 4, 'u32le');
    else if (big > EARLIEST && isTime(big)) note(at, big, 4, 'u32be');
    if ((offset + at) % 8 !== 0 || at + 8 > body.length) continue;
    const high = view.getUint32(at + 4, true);
    if (high > SMALLEST_HIGH) scaled(at, high * 2 ** 32 + little, 'u64le');
    if (big > SMALLEST_HIGH) scaled(at, big * 2 ** 32 + view.getUint32(at + 4, false), 'u64be');
  }
  return found;

  function scaled(at: number, value: number, encoding: string): void {
    if (isTime(value / 1e6)) note(at, value / 1e6, 8, `${encoding} microseconds`);
    else if (isTime(value / 1e9)) note(at, value / 1e9, 8, `${encoding} nanoseconds`);
  }
}

/** 2001-09-09, in seconds; the same in microseconds, upper half. Nothing older is a time of a build. */
const EARLIEST = 1_000_000_000;
const SMALLEST_HIGH = Math.floor((EARLIEST * 1e6) / 2 ** 32);
