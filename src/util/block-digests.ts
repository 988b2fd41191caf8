/**
 * Digests of the blocks of a file, cut where the content says so (`inspectors/generic/cut-blocks.ts`), of which there are never
 * too many. Every border has a rank; when there are too many blocks, borders of the lowest rank are left out, and the digest of
 * what they parted is made of the digests of the parts. So files of different sizes stay comparable.
 */

import { xxh64Hex } from './xxh64.js';

export const MOST_BLOCKS = 2048;

export interface Block {
  /** In bytes. */
  readonly length: number;
  /** Of the border behind it. */
  readonly rank: number;
  /** XXH64, 16 hex digits. */
  readonly digest: string;
  /** The same of its bytes without what is told elsewhere. */
  readonly shape: string;
}

/** Of the end of a file. */
export const HIGHEST_RANK = 35;

/** The blocks without borders below `rank`; `from` is the lowest rank that the given ones have. */
export function mergedBlocks(
  blocks: readonly Block[],
  from: number,
  rank: number,
): readonly Block[] {
  let merged = blocks;
  for (let at = from + 1; at <= rank; at++) {
    const next: Block[] = [];
    let open: Block[] = [];
    for (const block of merged) {
      open.push(block);
      if (block.rank < at) continue;
      next.push(oneOf(open));
      open = [];
    }
    if (open.length > 0) next.push(oneOf(open));
    merged = next;
  }
  return merged;
}

/** Takes blocks one after another and keeps at most `MOST_BLOCKS`. */
export class BlockList {
  /** By rank: blocks since the last border of a higher one. The last of them is the list. */
  #open: Block[][] = [[]];

  get rank(): number {
    return this.#open.length - 1;
  }

  add(block: Block): void {
    this.#open[0]!.push(block);
    for (let rank = 0; rank < this.rank && block.rank > rank; rank++) {
      this.#open[rank + 1]!.push(oneOf(this.#open[rank]!));
      this.#open[rank] = [];
    }
    const list = this.#open.at(-1)!;
    if (list.length <= MOST_BLOCKS) return;
    const last = list.findLastIndex((each) => each.rank > this.rank);
    const closed = mergedBlocks(list.slice(0, last + 1), this.rank, this.rank + 1);
    this.#open[this.rank] = list.slice(last + 1);
    this.#open.push([...closed]);
  }

  /** The last block that was added has the highest rank. */
  blocks(): readonly Block[] {
    return this.#open.at(-1)!;
  }
}

function oneOf(blocks: readonly Block[]): Block {
  if (blocks.length === 1) return blocks[0]!;
  const digest = (of: (block: Block) => string): string =>
    xxh64Hex(Buffer.from(blocks.map(of).join(''), 'latin1'));
  return {
    length: blocks.reduce((sum, { length }) => sum + length, 0),
    rank: blocks.at(-1)!.rank,
    digest: digest((block) => block.digest),
    shape: digest((block) => block.shape),
  };
}
