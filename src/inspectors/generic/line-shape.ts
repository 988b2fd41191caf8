/** What lies between the tokens of a line. */

import type { FoundToken } from './tokens.js';

/**
 * Eight hex digits that tell what a line has between its tokens and how many tokens it has: lines of one shape and of equal tokens
 * are equal. FNV-1a with 32 bits, over few characters: a digest of the whole line would cost ten times as much.
 */
export function shapeOf(text: string, tokens: readonly FoundToken[]): string {
  let hash = 0x811c9dc5;
  let at = 0;
  for (const { kind, value, offset, length } of tokens) {
    for (; at < offset; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
    const end = offset + length;
    // A word is told without the full stop or dashes behind it, and hexadecimal digits in lower case.
    const isOpaque = kind === 'opaque';
    at = isOpaque ? withoutTail(text, offset, end) : end;
    const mark =
      isOpaque && value.startsWith('hex') && /[A-F]/.test(text.slice(offset, end)) ? 2 : 1;
    hash = Math.imul(hash ^ (mark << 8), PRIME);
  }
  for (; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

const PRIME = 0x01000193;
const DASH = 45;
const STOP = 46;

/** End of a word without what `findTokens` leaves out of its digest. */
function withoutTail(text: string, from: number, end: number): number {
  let at = end;
  for (; at > from + 1; at--) {
    const code = text.charCodeAt(at - 1);
    if (code !== STOP && code !== DASH) break;
  }
  return at;
}
