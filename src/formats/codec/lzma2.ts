/** LZMA2 (xz: section 5.3.1): chunks that are stored or LZMA, each with its sizes in front. */

import { FormatError } from '../../core/errors.js';
import type { History } from './history.js';
import type { InputCursor } from './input.js';
import { LzmaDecoder, lzmaProperties, type LzmaProperties } from './lzma.js';

export interface Lzma2Chunk {
  readonly kind: 'end' | 'stored' | 'lzma';
  readonly resetsDictionary: boolean;
  readonly resetsState: boolean;
  /** Null where the properties of the chunk before stay in use. */
  readonly properties: LzmaProperties | null;
  /** Of the control byte, the sizes and the properties. */
  readonly headerBytes: number;
  readonly payloadBytes: number;
  readonly contentBytes: number;
}

/** Bytes that a chunk header has, from its control byte. */
export function lzma2HeaderBytes(control: number): number {
  if (control === 0) return 1;
  if (control < 0x80) return 3;
  return control >= 0xc0 ? 6 : 5;
}

/** A chunk header; `bytes` hold all of it. Throws `FormatError`. */
export function readLzma2Chunk(bytes: Uint8Array, offset: number): Lzma2Chunk {
  const control = bytes[0]!;
  const headerBytes = lzma2HeaderBytes(control);
  if (control === 0) return { ...END, headerBytes };
  const low = ((bytes[1]! << 8) | bytes[2]!) + 1;
  if (control < 0x80) {
    if (control > 2)
      throw new FormatError('xz', offset, `expected an LZMA2 chunk, found ${control}`);
    return {
      kind: 'stored',
      resetsDictionary: control === 1,
      resetsState: false,
      properties: null,
      headerBytes,
      payloadBytes: low,
      contentBytes: low,
    };
  }
  const properties = control >= 0xc0 ? lzmaProperties(bytes[5]!) : null;
  const isSound =
    properties === null
      ? control < 0xc0
      : properties.literalContextBits + properties.literalPositionBits <= 4;
  if (!isSound)
    throw new FormatError('xz', offset + 5, `expected LZMA properties, found ${bytes[5]}`);
  return {
    kind: 'lzma',
    resetsDictionary: control >= 0xe0,
    resetsState: control >= 0xa0,
    properties,
    headerBytes,
    payloadBytes: ((bytes[3]! << 8) | bytes[4]!) + 1,
    contentBytes: ((control & 0x1f) << 16) + low,
  };
}

/** What the order of chunks allows next; `readLzma2Chunk` alone does not tell. */
export class Lzma2Order {
  #needsDictionary = true;
  #needsProperties = true;
  #needsState = true;

  /** Throws `FormatError` for a chunk that uses what was not set before. */
  accept(chunk: Lzma2Chunk, offset: number): void {
    if (chunk.resetsDictionary) {
      this.#needsDictionary = false;
      if (chunk.kind === 'stored') this.#needsProperties = true;
    }
    if (chunk.properties !== null) this.#needsProperties = false;
    if (chunk.resetsState) this.#needsState = false;
    const isSound =
      !this.#needsDictionary &&
      (chunk.kind === 'stored' || !(this.#needsProperties || this.#needsState));
    if (!isSound && chunk.kind !== 'end')
      throw new FormatError('xz', offset, 'expected an LZMA2 chunk with a reset');
  }
}

/** Decodes up to and with the end chunk. The chunks yielded may be overwritten afterwards. */
export async function* decodeLzma2(
  cursor: InputCursor,
  history: History,
): AsyncGenerator<Uint8Array, void, undefined> {
  const lzma = new LzmaDecoder('xz');
  const order = new Lzma2Order();
  for (;;) {
    const offset = cursor.position;
    await cursor.need(1, 'xz');
    await cursor.need(lzma2HeaderBytes(cursor.bytes[cursor.at]!), 'xz');
    const chunk = readLzma2Chunk(cursor.peek(6), offset);
    order.accept(chunk, offset);
    cursor.at += chunk.headerBytes;
    if (chunk.kind === 'end') return;
    await cursor.need(chunk.payloadBytes, 'xz');
    if (chunk.resetsDictionary) history.reset();
    history.reserve(chunk.contentBytes);
    const from = history.pos;
    if (chunk.kind === 'stored') {
      history.bytes.set(cursor.take(chunk.payloadBytes), from);
      history.pos += chunk.payloadBytes;
    } else {
      decodeChunk(lzma, chunk, cursor, history);
    }
    yield history.bytes.subarray(from, history.pos);
  }
}

function decodeChunk(
  lzma: LzmaDecoder,
  chunk: Lzma2Chunk,
  cursor: InputCursor,
  history: History,
): void {
  const { bytes, at } = cursor;
  const origin = cursor.position - at;
  const end = at + chunk.payloadBytes;
  if (chunk.properties !== null) lzma.setProperties(chunk.properties);
  else if (chunk.resetsState) lzma.resetState();
  if (chunk.payloadBytes < 5)
    throw new FormatError('xz', origin + at, 'expected at least 5 bytes in an LZMA chunk');
  lzma.startRange(bytes, at, origin + at);
  const limit = history.pos + chunk.contentBytes;
  const stop = lzma.run(bytes, end, true, history, limit, true, origin);
  if (stop !== 'output' || !lzma.isFinished(bytes) || lzma.at !== end)
    throw new FormatError('xz', origin + Math.min(lzma.at, end), 'expected the end of the chunk');
  cursor.at = end;
}

const END = {
  kind: 'end',
  resetsDictionary: false,
  resetsState: false,
  properties: null,
  payloadBytes: 0,
  contentBytes: 0,
} as const;
