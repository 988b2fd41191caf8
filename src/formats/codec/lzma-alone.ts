/** Decompression of .lzma files ("LZMA_Alone"): a header of 13 bytes, then one LZMA stream. */

import { FormatError } from '../../core/errors.js';
import type { DecoderLimits } from './decoder.js';
import { History } from './history.js';
import type { InputCursor } from './input.js';
import { readLzmaAloneHeader, LZMA_ALONE_HEADER_BYTES } from './lzma-alone-fields.js';
import { LZMA_MATCH_BYTES, LZMA_SYMBOL_BYTES, LzmaDecoder } from './lzma.js';

export async function* decodeLzmaAlone(
  cursor: InputCursor,
  limits: DecoderLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  await cursor.need(LZMA_ALONE_HEADER_BYTES + 5, LZMA);
  const start = cursor.position;
  const header = readLzmaAloneHeader(cursor.take(LZMA_ALONE_HEADER_BYTES), start);
  const history = new History(LZMA, Math.max(4096, header.dictionaryBytes), limits.maxMemoryBytes);
  const lzma = new LzmaDecoder(LZMA);
  lzma.setProperties(header.properties);
  lzma.startRange(cursor.bytes, cursor.at, cursor.position);
  cursor.at = lzma.at;
  let left = header.contentBytes ?? Infinity;
  for (;;) {
    const room = Math.min(left, PIECE);
    history.reserve(room + LZMA_MATCH_BYTES);
    const from = history.pos;
    lzma.at = cursor.at;
    // At the declared end of the content, only an end marker may follow: any other symbol gives content.
    const limit = from + (room === 0 ? 1 : room);
    const isAtEnd = left === 0;
    if (isAtEnd && lzma.isFinished(cursor.bytes)) {
      if (lzma.at > cursor.end) throw truncated(cursor);
      cursor.at = lzma.at;
      return;
    }
    const origin = cursor.position - cursor.at;
    const stop = lzma.run(
      cursor.bytes,
      cursor.end,
      cursor.isLast,
      history,
      limit,
      left <= PIECE,
      origin,
    );
    cursor.at = Math.min(lzma.at, cursor.end);
    const made = history.pos - from;
    if (isAtEnd && made > 0)
      throw new FormatError(LZMA, cursor.position, 'expected the end of the content');
    left -= made;
    if (made > 0) yield history.bytes.slice(from, history.pos);
    if (stop === 'end') {
      if (left > 0 && header.contentBytes !== null)
        throw new FormatError(LZMA, cursor.position, `expected ${left} more bytes of content`);
      if (!lzma.isFinished(cursor.bytes) || lzma.at > cursor.end) throw truncated(cursor);
      cursor.at = lzma.at;
      return;
    }
    // One byte may be due behind the last symbol.
    if (stop === 'input' || left === 0) await cursor.fill(LZMA_SYMBOL_BYTES + 1);
  }
}

const LZMA = 'lzma';
const PIECE = 65_536;

function truncated(cursor: InputCursor): FormatError {
  return new FormatError(LZMA, cursor.position, 'expected the end of the LZMA stream');
}
