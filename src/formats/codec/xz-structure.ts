/** All fields of .xz files, found without decompressing: LZMA2 tells the size of each chunk. */

import { crc32 } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { countZeros, MAX_LISTED, readExactly } from './access.js';
import { LimitError } from './codec.js';
import { lzma2HeaderBytes, Lzma2Order, readLzma2Chunk } from './lzma2.js';
import {
  isXz,
  readXzBlockHeader,
  readXzFooter,
  readXzNumber,
  readXzStreamHeader,
  XZ_FILTER,
  XZ_FOOTER_BYTES,
  XZ_STREAM_HEADER_BYTES,
  xzBlockHeaderBytes,
  xzCheckBytes,
  type XzBlockHeader,
  type XzIndexRecord,
} from './xz-fields.js';

export interface XzBlock extends XzBlockHeader {
  readonly dataOffset: number;
  /** LZMA2 chunks, with the one that ends them. */
  readonly data: XzData;
  /** Behind the data, zeros up to a multiple of four. */
  readonly checkOffset: number;
  /** The integrity check, as stored. */
  readonly check: Uint8Array;
}

export interface XzData {
  readonly bytes: number;
  readonly contentBytes: number;
  readonly storedChunks: number;
  readonly lzmaChunks: number;
  readonly dictionaryResets: number;
  readonly stateResets: number;
  /** Of every chunk that sets them, `(pb * 5 + lp) * 9 + lc`, without repeats. */
  readonly properties: readonly number[];
}

export interface XzStream {
  readonly offset: number;
  /** Id of the integrity check. */
  readonly check: number;
  readonly blocks: readonly XzBlock[];
  readonly indexOffset: number;
  /** They agree with the blocks. */
  readonly records: readonly XzIndexRecord[];
  readonly footerOffset: number;
  /** Behind the footer. */
  readonly end: number;
  /** Zeros behind it that are a multiple of four and lead to another stream; else 0. */
  readonly paddingBytes: number;
}

export interface XzStructure {
  readonly streams: readonly XzStream[];
  /** Of the first byte that belongs to no stream. */
  readonly end: number;
}

/** The streams from `offset` on. Verifies every CRC but the integrity checks of content. Throws `FormatError`. */
export function readXzStructure(input: RandomAccess, offset = 0): XzStructure {
  const streams: XzStream[] = [];
  const budget = { left: MAX_LISTED };
  for (let at = offset; ;) {
    const stream = readStream(input, at, budget);
    const zeros = countZeros(input, stream.end);
    at = stream.end + zeros;
    if (!isXz(input.read(at, 6))) return { streams: [...streams, stream], end: stream.end };
    streams.push({ ...stream, paddingBytes: zeros });
  }
}

const XZ = 'xz';

interface Budget {
  left: number;
}

function readStream(input: RandomAccess, offset: number, budget: Budget): XzStream {
  const { check } = readXzStreamHeader(
    readExactly(input, offset, XZ_STREAM_HEADER_BYTES, XZ),
    offset,
  );
  const blocks: XzBlock[] = [];
  let at = offset + XZ_STREAM_HEADER_BYTES;
  for (;;) {
    if (--budget.left < 0) throw new LimitError(XZ, at, 'members', MAX_LISTED);
    const first = readExactly(input, at, 1, XZ)[0]!;
    if (first === 0) break;
    const block = readBlock(input, at, check, first);
    blocks.push(block);
    at = block.checkOffset + block.check.length;
  }
  const index = readIndex(input, at, blocks);
  const footer = readXzFooter(readExactly(input, index.end, XZ_FOOTER_BYTES, XZ), index.end);
  if (footer.check !== check || footer.indexBytes !== index.end - at)
    throw new FormatError(XZ, index.end, 'expected the check and the index of this stream');
  return {
    offset,
    check,
    blocks,
    indexOffset: at,
    records: index.records,
    footerOffset: index.end,
    end: index.end + XZ_FOOTER_BYTES,
    paddingBytes: 0,
  };
}

function readBlock(input: RandomAccess, offset: number, check: number, first: number): XzBlock {
  const header = readXzBlockHeader(
    readExactly(input, offset, xzBlockHeaderBytes(first), XZ),
    offset,
  );
  if (header.filters.at(-1)!.id !== XZ_FILTER.LZMA2)
    throw new FormatError(XZ, offset, 'expected LZMA2 as the last filter');
  const dataOffset = offset + header.headerBytes;
  const data = readData(input, dataOffset);
  if ((header.compressedBytes ?? data.bytes) !== data.bytes)
    throw new FormatError(XZ, offset, `expected ${data.bytes} compressed bytes`);
  if ((header.contentBytes ?? data.contentBytes) !== data.contentBytes)
    throw new FormatError(XZ, offset, `expected ${data.contentBytes} bytes of content`);
  const padding = -data.bytes & 3;
  const dataEnd = dataOffset + data.bytes;
  if (readExactly(input, dataEnd, padding, XZ).some((byte) => byte !== 0))
    throw new FormatError(XZ, dataEnd, 'expected zeros behind the compressed data');
  const checkOffset = dataEnd + padding;
  const stored = readExactly(input, checkOffset, xzCheckBytes(check), XZ).slice();
  return { ...header, dataOffset, data, checkOffset, check: stored };
}

function readData(input: RandomAccess, offset: number): XzData {
  const order = new Lzma2Order();
  const counts = { contentBytes: 0, storedChunks: 0, lzmaChunks: 0 };
  const resets = { dictionaryResets: 0, stateResets: 0 };
  const properties = new Set<number>();
  for (let at = offset; ;) {
    const control = readExactly(input, at, 1, XZ)[0]!;
    const head = readExactly(input, at, lzma2HeaderBytes(control), XZ);
    const chunk = readLzma2Chunk(head, at);
    order.accept(chunk, at);
    at += chunk.headerBytes + chunk.payloadBytes;
    if (at > input.size) throw new FormatError(XZ, input.size, 'expected a chunk, found the end');
    if (chunk.kind === 'end')
      return { bytes: at - offset, ...counts, ...resets, properties: [...properties] };
    counts.contentBytes += chunk.contentBytes;
    if (chunk.kind === 'stored') counts.storedChunks++;
    else counts.lzmaChunks++;
    if (chunk.resetsDictionary) resets.dictionaryResets++;
    if (chunk.resetsState) resets.stateResets++;
    if (chunk.properties !== null) properties.add(head[5]!);
  }
}

function readIndex(
  input: RandomAccess,
  offset: number,
  blocks: readonly XzBlock[],
): { readonly records: readonly XzIndexRecord[]; readonly end: number } {
  let at = offset + 1;
  const takeNumber = (): number => {
    const bytes = input.read(at, 9);
    const number = readXzNumber(bytes, 0, at);
    if (number === null)
      throw new FormatError(XZ, at + bytes.length, 'expected a number, found the end');
    at += number.end;
    return number.value;
  };
  const count = takeNumber();
  if (count !== blocks.length)
    throw new FormatError(XZ, offset + 1, `expected ${blocks.length} records, found ${count}`);
  const records = blocks.map((block) => {
    const place = at;
    const record = { unpaddedBytes: takeNumber(), contentBytes: takeNumber() };
    const unpadded = block.headerBytes + block.data.bytes + block.check.length;
    if (record.unpaddedBytes !== unpadded || record.contentBytes !== block.data.contentBytes)
      throw new FormatError(XZ, place, 'expected the sizes of the block in the index');
    return record;
  });
  const end = at + (-(at - offset) & 3);
  if (readExactly(input, at, end - at, XZ).some((byte) => byte !== 0))
    throw new FormatError(XZ, at, 'expected zeros behind the records');
  const computed = crc32(readExactly(input, offset, end - offset, XZ));
  const bytes = readExactly(input, end, 4, XZ);
  const stored = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  if (stored !== computed)
    throw new FormatError(XZ, end, `expected the CRC ${computed}, found ${stored}`);
  return { records, end: end + 4 };
}
