/** Bytes of no known format: digests of blocks that say where a change is, and values in them that speak for themselves. */

import type { FactContent } from '../../core/facts.js';
import { defineInspector } from '../define.js';
import { BlockCutter } from './cut-blocks.js';
import { findValues, LONGEST_VALUE, type FoundValue } from './values.js';
import { windows, windowsOf, type Window } from './windows.js';

/** More than this in one file are no times, they are chance. */
const MAX_VALUES = 2000;
/** Values are looked for up to here: it costs a hundred times what a digest costs. */
const SEARCHED_BYTES = 512 * 1024;
const WINDOW = 256 * 1024;

export const blocksInspector = defineInspector({
  id: 'blocks',
  version: 1,
  summary: 'Any bytes: digests of blocks, and times, paths, ids and addresses in them.',
  streams: true,
  takesAll: true,
  claims: () => true,
  inspect: async (piece, { isTime }) => ({
    facts: [],
    tables: [],
    content:
      piece.size === null
        ? await blockContent(windows(piece.chunks(), WINDOW, LONGEST_VALUE), isTime)
        : await blockContent(windowsOf(await piece.random(), WINDOW, LONGEST_VALUE), isTime),
  }),
});

export async function blockContent(
  pieces: AsyncIterable<Window> | Iterable<Window>,
  isTime: (seconds: number) => boolean,
): Promise<FactContent> {
  const cutter = new BlockCutter();
  const tokens: FoundValue[] = [];
  // Values that began in the window before and reach into the present one.
  let reaching: readonly FoundValue[] = [];
  for await (const { before, body, after, offset } of pieces) {
    const isSearched = offset < SEARCHED_BYTES && tokens.length < MAX_VALUES;
    // What is not kept has to stay in the shape of its block.
    const found = isSearched
      ? findValues(before, body, after, offset, isTime).slice(0, MAX_VALUES - tokens.length)
      : [];
    tokens.push(...found);
    cutter.add(body, maskedCopy(body, offset, [...reaching, ...found]));
    reaching = found.filter((value) => value.offset + value.length > offset + body.length);
  }
  const { rank, blocks } = cutter.end();
  return {
    kind: 'blocks',
    rank,
    blocks,
    tokens: tokens.map(({ kind, value, offset, length, encoding }) => ({
      kind,
      value,
      offset,
      length,
      encoding,
    })),
  };
}

/** The body with the bytes of every value set to zero; the body itself when there is none. */
function maskedCopy(body: Uint8Array, offset: number, found: readonly FoundValue[]): Uint8Array {
  if (found.length === 0) return body;
  const copy = Uint8Array.from(body);
  for (const value of found) {
    const start = value.offset - offset;
    copy.fill(0, Math.max(0, start), Math.min(copy.length, start + value.length));
  }
  return copy;
}
