/** Compares bytes of unknown format block by block, and the values in them by their offsets. */

import type { FactContent } from '../../core/facts.js';
import { doubledBlocks } from '../../util/block-digests.js';
import { valueChange, type Collector } from './collector.js';
import type { ComparedPiece, FoundChange } from './found-change.js';

type Blocks = Extract<FactContent, { kind: 'blocks' }>;
type Token = Blocks['tokens'][number];

/** `sizes`: of either side, in bytes. `loadXxh64` has to be awaited before. */
export function compareBlocks(
  piece: ComparedPiece,
  sides: { readonly before: Blocks; readonly after: Blocks },
  sizes: { readonly before: number; readonly after: number },
  collector: Collector,
): void {
  const blockBytes = Math.max(sides.before.blockBytes, sides.after.blockBytes);
  const [before, after] = [enlarged(sides.before, blockBytes), enlarged(sides.after, blockBytes)];
  const count = Math.max(before.digests.length, after.digests.length);
  const changed: boolean[] = [];
  const opaque: boolean[] = [];
  for (let i = 0; i < count; i++) {
    changed[i] = before.digests[i] !== after.digests[i];
    opaque[i] = changed[i] === true && before.shapes[i] !== after.shapes[i];
  }
  const told = new Set<number>();
  for (const [old, now] of differingTokens(before.tokens, after.tokens)) {
    const [first, last] = [
      Math.floor(old.offset / blockBytes),
      Math.floor((old.offset + Math.max(old.length, now.length) - 1) / blockBytes),
    ];
    if (changed[first] !== true && changed[last] !== true) continue;
    for (let i = first; i <= last; i++) told.add(i);
    collector.add(tokenChange(piece, old, now));
  }
  for (let i = 0; i < count; i++) if (changed[i] === true && !told.has(i)) opaque[i] = true;
  for (let i = 0; i < count; i++) {
    if (opaque[i] !== true) continue;
    const first = i;
    while (opaque[i + 1] === true) i += 1;
    collector.add(rangeChange(piece, first * blockBytes, (i + 1) * blockBytes, sizes));
  }
}

function enlarged(content: Blocks, blockBytes: number): Blocks {
  let [digests, shapes] = [content.digests, content.shapes];
  for (let size = content.blockBytes; size < blockBytes; size *= 2)
    [digests, shapes] = [doubledBlocks(digests), doubledBlocks(shapes)];
  return { ...content, blockBytes, digests, shapes };
}

/** Values at the same place that differ. */
function* differingTokens(
  before: readonly Token[],
  after: readonly Token[],
): Generator<readonly [Token, Token]> {
  for (let i = 0, j = 0; i < before.length && j < after.length;) {
    const [old, now] = [before[i]!, after[j]!];
    if (old.offset < now.offset) i += 1;
    else if (now.offset < old.offset) j += 1;
    else {
      if (old.kind === now.kind && old.encoding === now.encoding && old.value !== now.value)
        yield [old, now];
      i += 1;
      j += 1;
    }
  }
}

function tokenChange(piece: ComparedPiece, old: Token, now: Token): FoundChange {
  const field = rangeName(old.offset, old.offset + Math.max(old.length, now.length));
  const offset = { before: old.offset, after: now.offset };
  return {
    ...valueChange(piece, null, field, old.kind, old.value, now.value, offset),
    encoding: old.encoding,
  };
}

function rangeChange(
  piece: ComparedPiece,
  from: number,
  to: number,
  sizes: { readonly before: number; readonly after: number },
): FoundChange {
  const end = Math.min(to, Math.max(sizes.before, sizes.after));
  const bytes = (size: number): string | null =>
    size <= from ? null : `${Math.min(end, size) - from} bytes`;
  const at = (size: number): number | null => (size <= from ? null : from);
  return {
    ...valueChange(
      piece,
      null,
      rangeName(from, end),
      'opaque',
      bytes(sizes.before),
      bytes(sizes.after),
      { before: at(sizes.before), after: at(sizes.after) },
    ),
    sort: 'range',
  };
}

/** Both ends belong to it. */
function rangeName(from: number, end: number): string {
  return `bytes ${from}-${end - 1}`;
}
