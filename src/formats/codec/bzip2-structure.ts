/** The streams of a bzip2 file with their CRCs. Blocks begin at any bit: only decompressing finds them. */

import type { RandomAccess } from '../../core/random-access.js';
import { accessInput, countZeros, MAX_LISTED } from './access.js';
import { decodeBzip2, isBzip2, readBzip2Level } from './bzip2.js';
import { LimitError } from './codec.js';
import { InputCursor } from './input.js';

export interface Bzip2Stream {
  readonly offset: number;
  /** 1 to 9: size of blocks in 100,000 bytes. */
  readonly level: number;
  readonly blocks: readonly { readonly bitOffset: number; readonly crc: number }[];
  /** Bits count from the start of the input. */
  readonly endBitOffset: number;
  readonly combinedCrc: number;
  readonly contentBytes: number;
  readonly end: number;
}

/** The streams from `offset` on, whose CRCs are right. Throws `FormatError`; `LimitError` beyond `maxOutputBytes`. */
export async function readBzip2Structure(
  input: RandomAccess,
  maxOutputBytes: number,
  offset = 0,
): Promise<{ readonly streams: readonly Bzip2Stream[]; readonly end: number }> {
  const streams: Bzip2Stream[] = [];
  let left = maxOutputBytes;
  for (let at = offset; ;) {
    if (streams.length >= MAX_LISTED) throw new LimitError('bzip2', at, 'members', MAX_LISTED);
    const stream = await readStream(input, at, left, maxOutputBytes);
    streams.push(stream);
    left -= stream.contentBytes;
    at = stream.end + countZeros(input, stream.end);
    if (!isBzip2(input.read(at, 10))) return { streams, end: stream.end };
  }
}

async function readStream(
  input: RandomAccess,
  offset: number,
  left: number,
  allowed: number,
): Promise<Bzip2Stream> {
  const cursor = new InputCursor(accessInput(input, offset), offset);
  const blocks: { bitOffset: number; crc: number }[] = [];
  let end = { bitOffset: 0, combinedCrc: 0 };
  let contentBytes = 0;
  const events = {
    onBlock: (block: { readonly bitOffset: number; readonly crc: number }) => blocks.push(block),
    onEnd: (found: { readonly bitOffset: number; readonly combinedCrc: number }) => (end = found),
  };
  await cursor.need(4, 'bzip2');
  const level = readBzip2Level(cursor.peek(4), offset);
  const limits = { maxOutputBytes: left, maxMemoryBytes: Infinity };
  for await (const chunk of decodeBzip2(cursor, limits, events)) {
    contentBytes += chunk.length;
    if (contentBytes > left) throw new LimitError('bzip2', cursor.position, 'output', allowed);
  }
  return {
    offset,
    level,
    blocks,
    endBitOffset: end.bitOffset,
    combinedCrc: end.combinedCrc,
    contentBytes,
    end: cursor.position,
  };
}
