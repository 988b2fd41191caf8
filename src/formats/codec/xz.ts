/** Decompression of one .xz stream: header, blocks, index, footer, all verified. */

import { FormatError } from '../../core/errors.js';
import type { DecoderLimits } from './decoder.js';
import { History } from './history.js';
import type { InputCursor } from './input.js';
import { decodeLzma2 } from './lzma2.js';
import { openXzCheck } from './xz-check.js';
import {
  lzma2DictionaryBytes,
  readXzBlockHeader,
  readXzFooter,
  readXzStreamHeader,
  XZ_FILTER,
  XZ_FOOTER_BYTES,
  XZ_STREAM_HEADER_BYTES,
  xzBlockHeaderBytes,
  xzCheckBytes,
  type XzBlockHeader,
} from './xz-fields.js';
import { openXzUnfilter } from './xz-filters.js';
import { readXzIndex, XzIndexSum } from './xz-index.js';

export async function* decodeXz(
  cursor: InputCursor,
  limits: DecoderLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  await cursor.need(XZ_STREAM_HEADER_BYTES, XZ);
  const start = cursor.position;
  const { check } = readXzStreamHeader(cursor.take(XZ_STREAM_HEADER_BYTES), start);
  const sum = new XzIndexSum();
  for (;;) {
    await cursor.need(1, XZ);
    const first = cursor.bytes[cursor.at]!;
    if (first === 0) break;
    const headerBytes = xzBlockHeaderBytes(first);
    await cursor.need(headerBytes, XZ);
    const offset = cursor.position;
    const header = readXzBlockHeader(cursor.take(headerBytes), offset);
    yield* decodeBlock(cursor, header, check, sum, limits);
  }
  const indexStart = cursor.position;
  await readXzIndex(cursor, sum);
  const indexBytes = cursor.position - indexStart;
  await cursor.need(XZ_FOOTER_BYTES, XZ);
  const footerOffset = cursor.position;
  const footer = readXzFooter(cursor.take(XZ_FOOTER_BYTES), footerOffset);
  if (footer.check !== check || footer.indexBytes !== indexBytes)
    throw new FormatError(XZ, footerOffset, 'expected the check and the index of this stream');
}

const XZ = 'xz';

async function* decodeBlock(
  cursor: InputCursor,
  header: XzBlockHeader,
  check: number,
  sum: XzIndexSum,
  limits: DecoderLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { filters, offset } = header;
  const last = filters.at(-1)!;
  const dictionary = last.id === XZ_FILTER.LZMA2 ? lzma2DictionaryBytes(last.properties) : null;
  if (dictionary === null) throw new FormatError(XZ, offset, 'expected LZMA2 as the last filter');
  // The encoder applied the first filter first: undo it last.
  const unfilters = filters
    .slice(0, -1)
    .map((filter) => openXzUnfilter(filter, offset))
    .toReversed();
  const digest = openXzCheck(check);
  const history = new History(XZ, Math.max(4096, dictionary), limits.maxMemoryBytes);
  const dataStart = cursor.position;
  let contentBytes = 0;
  for await (const raw of decodeLzma2(cursor, history)) {
    for (let at = 0; at < raw.length; at += PIECE) {
      let piece: Uint8Array = raw.slice(at, at + PIECE);
      for (const unfilter of unfilters) piece = unfilter.push(piece);
      if (piece.length === 0) continue;
      contentBytes += piece.length;
      digest?.update(piece);
      yield piece;
    }
  }
  for (const [i, unfilter] of unfilters.entries()) {
    let rest = unfilter.finish();
    for (const later of unfilters.slice(i + 1)) rest = later.push(rest);
    if (rest.length === 0) continue;
    contentBytes += rest.length;
    digest?.update(rest);
    yield rest.slice();
  }
  const compressedBytes = cursor.position - dataStart;
  if ((header.compressedBytes ?? compressedBytes) !== compressedBytes)
    throw new FormatError(XZ, offset, `expected ${header.compressedBytes} compressed bytes`);
  if ((header.contentBytes ?? contentBytes) !== contentBytes)
    throw new FormatError(XZ, offset, `expected ${header.contentBytes} bytes of content`);
  const padding = (4 - (compressedBytes & 3)) & 3;
  const checkBytes = xzCheckBytes(check);
  await cursor.need(padding + checkBytes, XZ);
  const at = cursor.position;
  if (cursor.take(padding).some((byte) => byte !== 0))
    throw new FormatError(XZ, at, 'expected zeros behind the compressed data');
  const stored = cursor.take(checkBytes);
  if (digest !== null && !Buffer.from(digest.digest()).equals(stored))
    throw new FormatError(XZ, at + padding, 'expected the check of the content');
  sum.add(header.headerBytes + compressedBytes + checkBytes, contentBytes);
}

/** Content is handed out in pieces of this many bytes. */
const PIECE = 65_536;
