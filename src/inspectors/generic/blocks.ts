/** Bytes of no known format: digests of blocks that say where a change is, and values in them that speak for themselves. */

import type { FactContent } from '../../core/facts.js';
import { doubledBlocks, MOST_BLOCKS, SMALLEST_BLOCK } from '../../util/block-digests.js';
import { xxh64Hex } from '../../util/xxh64.js';
import { defineInspector } from '../define.js';
import { findValues, LONGEST_VALUE, type FoundValue } from './values.js';
import { windows, windowsOf, type Window } from './windows.js';

/** More than this in one file are no times, they are chance. */
const MAX_VALUES = 2000;
/** Values are looked for up to here: it costs a hundred times what a digest costs. */
const SEARCHED_BYTES = 512 * 1024;
const WINDOW = 64 * SMALLEST_BLOCK;

export const blocksInspector = defineInspector({
  id: 'blocks',
  version: 1,
  summary: 'Any bytes: digests of blocks, and times, paths, ids and addresses in them.',
  streams: true,
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
  let blockBytes = SMALLEST_BLOCK;
  let digests: string[] = [];
  let shapes: string[] = [];
  let tokens: FoundValue[] = [];
  // Blocks of the smallest size that do not fill a block of the present size yet.
  let open: { digest: string; shape: string }[] = [];
  const close = (): void => {
    let [digestsLeft, shapesLeft] = [open.map((o) => o.digest), open.map((o) => o.shape)];
    for (let size = SMALLEST_BLOCK; size < blockBytes; size *= 2)
      [digestsLeft, shapesLeft] = [doubledBlocks(digestsLeft), doubledBlocks(shapesLeft)];
    digests.push(...digestsLeft);
    shapes.push(...shapesLeft);
    open = [];
  };
  // Values that began in the window before and reach into the present one.
  let reaching: readonly FoundValue[] = [];
  for await (const { before, body, after, offset } of pieces) {
    const found = offset < SEARCHED_BYTES ? findValues(before, body, after, offset, isTime) : [];
    if (tokens.length < MAX_VALUES) tokens = [...tokens, ...found].slice(0, MAX_VALUES);
    const masked = maskedCopy(body, offset, [...reaching, ...found]);
    reaching = found.filter((value) => value.offset + value.length > offset + body.length);
    for (let at = 0; at < body.length; at += SMALLEST_BLOCK) {
      const digest = xxh64Hex(body.subarray(at, at + SMALLEST_BLOCK));
      const shape = masked === body ? digest : xxh64Hex(masked.subarray(at, at + SMALLEST_BLOCK));
      open.push({ digest, shape });
      if (open.length * SMALLEST_BLOCK === blockBytes) close();
      if (digests.length === MOST_BLOCKS) {
        digests = doubledBlocks(digests);
        shapes = doubledBlocks(shapes);
        blockBytes *= 2;
      }
    }
  }
  if (open.length > 0) close();
  return {
    kind: 'blocks',
    blockBytes,
    digests,
    shapes,
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
