/** Plain text of no known format: digests of its lines, and the words in them that speak for themselves. */

import { FormatError } from '../../core/errors.js';
import type { FactContent, TextLine } from '../../core/facts.js';
import { isSecretContent } from '../../core/secrets.js';
import { secretAt } from '../../core/secret-words.js';
import { xxh64OfText } from '../../util/xxh64.js';
import { defineInspector, type InspectContext } from '../define.js';
import { shapeOf } from './line-shape.js';
import { findTokens } from './tokens.js';

/** Anything longer is compared in blocks. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Words are kept for this many tokens of a text; later lines have digest and shape alone. */
const MAX_TOKENS = 50_000;
const MAX_LINE = 16 * 1024;

// Control characters other than those that texts have: tab, line feed, vertical tab, form feed, return, escape, backspace.
// oxlint-disable-next-line no-control-regex
const BINARY = /[\0-\x07\x0e-\x1a\x1c-\x1f\x7f]/;

export const textInspector = defineInspector({
  id: 'text',
  version: 1,
  summary:
    'Any text: digests of lines, keyed where a line has a password or token, and times, paths, versions and ids in them.',
  streams: false,
  takesAll: true,
  claims: ({ head, size }) =>
    head.length > 0 && (size ?? 0) <= MAX_BYTES && !BINARY.test(latin1(head)),
  inspect: async (piece, context) => {
    const text = latin1(await piece.whole(MAX_BYTES));
    const binary = BINARY.exec(text);
    if (binary !== null) throw new FormatError('text', binary.index, 'a control character');
    return { facts: [], tables: [], content: textContent(text, context) };
  },
});

/** `text` is latin1 bytes. */
export function textContent(
  text: string,
  context: Pick<InspectContext, 'isTime' | 'keyed'>,
): FactContent {
  const isTime: InspectContext['isTime'] = (seconds) => context.isTime(seconds);
  // Of most texts the first look is the only one.
  const hasSecrets = secretIn(text) >= 0;
  const { lines, lineEnds } = splitLines(text);
  let tokensLeft = MAX_TOKENS;
  return {
    kind: 'text',
    lineEnds,
    lines: lines.map((line): TextLine => {
      const secret = hasSecrets ? secretIn(line) : -1;
      if (secret >= 0) return secretLine(line, secret, context);
      const known = tokensLeft > 0 ? knownLines.get(line) : undefined;
      if (known !== undefined) {
        tokensLeft -= known.tokens?.length ?? 0;
        return known;
      }
      const digest = lineDigest(line);
      if (line.length > MAX_LINE || tokensLeft <= 0) return { digest, shape: digest, tokens: null };
      const tokens = findTokens(line, isTime);
      tokensLeft -= tokens.length;
      const found = {
        digest,
        shape: shapeOf(line, tokens),
        tokens: tokens.map(({ kind, value }) => ({ kind, value })),
      };
      noteLine(line, found);
      return found;
    }),
  };
}

/**
 * Most lines of a system's texts come again: in the copy that a tool keeps of the state before, in the next paragraph. What is said
 * of them depends on the line alone, except where a number can be a time.
 */
const knownLines = new Map<string, TextLine>();
const MOST_LINES = 10_000;
/** Of all known lines: some tens of MB with their tokens. */
const MOST_CHARACTERS = 2 * 1024 * 1024;
const LONGEST_KNOWN = 8192;
let knownCharacters = 0;
const MAYBE_TIME = /\d{10}/;

function noteLine(line: string, found: TextLine): void {
  if (line.length > LONGEST_KNOWN || MAYBE_TIME.test(line)) return;
  knownCharacters += line.length;
  if (knownLines.size >= MOST_LINES || knownCharacters > MOST_CHARACTERS) {
    knownLines.clear();
    knownCharacters = line.length;
  }
  knownLines.set(line, found);
}

function splitLines(text: string): { lines: readonly string[]; lineEnds: string } {
  const isOpen = !text.endsWith('\n');
  const lines = (isOpen ? text : text.slice(0, -1)).split('\n');
  const ended = isOpen ? lines.slice(0, -1) : lines;
  const isDos = ended.length > 0 && ended.every((line) => line.endsWith('\r'));
  const lineEnds = `${isDos ? '\\r\\n' : '\\n'}${isOpen ? '!' : ''}`;
  if (!isDos) return { lines, lineEnds };
  return { lines: lines.map((line, i) => (i < ended.length ? line.slice(0, -1) : line)), lineEnds };
}

/** Where the first secret of a text begins; -1: nowhere. */
function secretIn(text: string): number {
  const at = secretAt(text);
  return at < 0 && isSecretContent(Buffer.from(text, 'latin1')) ? 0 : at;
}

/** From the secret on a line has a keyed digest and nothing else; the secret is a token. */
function secretLine(
  line: string,
  at: number,
  { keyed, isTime }: Pick<InspectContext, 'isTime' | 'keyed'>,
): TextLine {
  const told = line.slice(0, at);
  const secret = keyed(Buffer.from(line.slice(at), 'latin1')).slice(0, DIGEST_DIGITS);
  const tokens = findTokens(told, isTime);
  return {
    digest: keyed(Buffer.from(line, 'latin1')).slice(0, DIGEST_DIGITS),
    shape: shapeOf(`${told}\0secret\0`, tokens),
    tokens: [
      ...tokens.map(({ kind, value }) => ({ kind, value })),
      { kind: 'secret', value: secret },
    ],
  };
}

/** As many as other lines have. */
const DIGEST_DIGITS = 16;

function lineDigest(line: string): string {
  return xxh64OfText(line);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
