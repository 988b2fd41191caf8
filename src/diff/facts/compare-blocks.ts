/**
 * Compares bytes of unknown format block by block, whatever was inserted or removed before them, and the values in them by their
 * places.
 */

import type { FactContent } from '../../core/facts.js';
import { mergedBlocks, type Block } from '../../util/block-digests.js';
import { valueChange, type Collector } from './collector.js';
import { differingTokens, pairedTokens, type BlockToken } from './block-tokens.js';
import type { ComparedPiece, FoundChange } from './found-change.js';
import { gapsBetween, matchLines } from './match-lines.js';

type Blocks = Extract<FactContent, { kind: 'blocks' }>;

/** `loadXxh64` has to be awaited before. */
export function compareBlocks(
  piece: ComparedPiece,
  sides: { readonly before: Blocks; readonly after: Blocks },
  collector: Collector,
): void {
  const rank = Math.max(sides.before.rank, sides.after.rank);
  const [before, after] = [new Side(sides.before, rank), new Side(sides.after, rank)];
  const add = ([old, now]: readonly [BlockToken | null, BlockToken | null]): void =>
    collector.add(tokenChange(piece, old, now));
  const whole = { a0: 0, a1: before.blocks.length, b0: 0, b1: after.blocks.length };
  const equal = matchLines(before.digests, after.digests, whole);
  for (const gap of gapsBetween(equal, whole)) {
    const shaped = matchLines(before.shapes, after.shapes, gap);
    const opaque = gapsBetween(shaped, gap).map(({ a0, a1, b0, b1 }) => ({
      before: before.range(a0, a1),
      after: after.range(b0, b1),
    }));
    for (const [i, j] of shaped) {
      const [old, now] = [before.range(i, i + 1), after.range(j, j + 1)];
      if (before.digests[i] === after.digests[j]) continue;
      const differing = differingTokens(
        before.tokensIn(old),
        after.tokensIn(now),
        now.from - old.from,
      );
      for (const pair of differing) add(pair);
      if (differing.length === 0) opaque.push({ before: old, after: now });
    }
    for (const range of opaque) {
      const tokens = [before.tokensIn(range.before), after.tokensIn(range.after)] as const;
      for (const pair of pairedTokens(...tokens, range)) add(pair);
      collector.add(rangeChange(piece, range));
    }
  }
}

export interface ByteSpan {
  readonly from: number;
  /** Does not belong to it. */
  readonly end: number;
}

/** Blocks of one side with their places. */
class Side {
  readonly blocks: readonly Block[];
  readonly digests: readonly string[];
  readonly shapes: readonly string[];
  /** Where every block starts, and the end of the last. */
  readonly #starts: readonly number[];
  readonly #tokens: readonly BlockToken[];

  constructor(content: Blocks, rank: number) {
    this.blocks = mergedBlocks(content.blocks, content.rank, rank);
    this.digests = this.blocks.map(({ digest }) => digest);
    this.shapes = this.blocks.map(({ shape }) => shape);
    const starts = [0];
    for (const { length } of this.blocks) starts.push(starts.at(-1)! + length);
    this.#starts = starts;
    this.#tokens = content.tokens;
  }

  /** From the first block to the one before the last. */
  range(first: number, last: number): ByteSpan {
    return { from: this.#starts[first]!, end: this.#starts[last]! };
  }

  /** Those that lie in it or reach into it. */
  tokensIn({ from, end }: ByteSpan): readonly BlockToken[] {
    return this.#tokens.filter(({ offset, length }) => offset < end && offset + length > from);
  }
}

function tokenChange(
  piece: ComparedPiece,
  old: BlockToken | null,
  now: BlockToken | null,
): FoundChange {
  const { offset: from, length, kind, encoding } = (old ?? now)!;
  const field = rangeName({ from, end: from + Math.max(length, now?.length ?? 0) });
  const offset = { before: old?.offset ?? null, after: now?.offset ?? null };
  const sameKind = old === null || now === null || old.kind === now.kind;
  return {
    ...valueChange(
      piece,
      null,
      field,
      sameKind ? kind : 'opaque',
      old?.value ?? null,
      now?.value ?? null,
      offset,
    ),
    encoding,
  };
}

function rangeChange(
  piece: ComparedPiece,
  { before, after }: { readonly before: ByteSpan; readonly after: ByteSpan },
): FoundChange {
  const bytes = ({ from, end }: ByteSpan): string | null =>
    from === end ? null : `${end - from} bytes`;
  const at = ({ from, end }: ByteSpan): number | null => (from === end ? null : from);
  return {
    ...valueChange(
      piece,
      null,
      rangeName(at(before) === null ? after : before),
      'opaque',
      bytes(before),
      bytes(after),
      { before: at(before), after: at(after) },
    ),
    sort: 'range',
  };
}

/** Both ends belong to it. */
function rangeName({ from, end }: ByteSpan): string {
  return `bytes ${from}-${end - 1}`;
}
