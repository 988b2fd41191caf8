/** The LZ4 block format: literals and matches in turn. */

import { FormatError } from '../../core/errors.js';
import { copyMatch, type History } from './history.js';

/**
 * Decodes `bytes[at..end)` into the history, whose room is `room` bytes. `origin` is the offset of `bytes[0]` in the
 * input. With `isPrefix` the block may hold more than there is room for: what fits is made. Throws `FormatError`.
 */
export function decodeLz4Block(
  bytes: Uint8Array,
  at: number,
  end: number,
  history: History,
  room: number,
  origin: number,
  isPrefix = false,
): void {
  const out = history.bytes;
  let pos = history.pos;
  const limit = pos + room;
  for (;;) {
    if (at >= end) throw damaged(origin + end, 'expected a token, found the end of the block');
    const token = bytes[at++]!;
    let literals = token >>> 4;
    if (literals === 15) {
      for (let more = 255; more === 255; literals += more) {
        if (at >= end) throw damaged(origin + end, 'expected a length, found the end of the block');
        more = bytes[at++]!;
      }
    }
    if (isPrefix && literals > limit - pos) literals = limit - pos;
    if (literals > end - at || literals > limit - pos)
      throw damaged(origin + at, `expected at most ${Math.min(end - at, limit - pos)} literals`);
    if (literals > 32) {
      out.set(bytes.subarray(at, at + literals), pos);
      at += literals;
      pos += literals;
    } else {
      for (const stop = at + literals; at < stop;) out[pos++] = bytes[at++]!;
    }
    // The last sequence has literals only.
    if (at === end || (isPrefix && pos === limit)) break;
    if (end - at < 2) throw damaged(origin + at, 'expected an offset, found the end of the block');
    const distance = bytes[at]! | (bytes[at + 1]! << 8);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      for (let more = 255; more === 255; length += more) {
        if (at >= end) throw damaged(origin + end, 'expected a length, found the end of the block');
        more = bytes[at++]!;
      }
    }
    if (distance === 0 || distance > history.reach(pos))
      throw damaged(origin + at, `expected a match within the content, found ${distance}`);
    if (isPrefix && length > limit - pos) length = limit - pos;
    if (length > limit - pos)
      throw damaged(origin + at, `expected a match of at most ${limit - pos} bytes`);
    copyMatch(out, pos, distance, length);
    pos += length;
  }
  history.pos = pos;
}

/** Bytes of content that a block stands for, as its lengths say; nothing else of it is verified. */
export function lz4ContentBytes(bytes: Uint8Array): number {
  let total = 0;
  let at = 0;
  const more = (length: number): number => {
    if (length < 15) return length;
    for (let byte = 255; byte === 255 && at < bytes.length; length += byte) byte = bytes[at++]!;
    return length;
  };
  while (at < bytes.length) {
    const token = bytes[at++]!;
    const literals = more(token >>> 4);
    total += literals;
    at += literals + 2;
    if (at < bytes.length) total += more(token & 15) + 4;
  }
  return total;
}

function damaged(offset: number, detail: string): FormatError {
  return new FormatError('lz4', offset, detail);
}
