/** What no field tells of a file, by blocks, with the values in it that speak for themselves. */

import type { FactContent } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { ByteRange } from '../../formats/byte-fields.js';
import type { InspectContext } from '../define.js';
import { pieceOf } from '../engine/piece.js';
import { blocksInspector } from '../generic/blocks.js';
import { maskedAccess } from './masked.js';

export async function restByBlocks(
  input: RandomAccess,
  told: readonly ByteRange[],
  context: InspectContext,
): Promise<FactContent | null> {
  const piece = pieceOf('', maskedAccess(input, told));
  return (await blocksInspector.inspect(piece, context)).content ?? null;
}
