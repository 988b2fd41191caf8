/** PNG files as a sequence of chunks (ISO/IEC 15948; W3C PNG, third edition, section 5). Pixels are not looked at. */

import { crc32 } from 'node:zlib';

import { FormatError } from '../core/errors.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Length and type before the data, CRC behind it. */
const BEFORE_DATA = 8;
const AROUND_DATA = 12;

export interface PngChunk {
  /** Of the length field. */
  readonly offset: number;
  /** Offset behind the CRC. */
  readonly end: number;
  /** Four letters, such as `IDAT`. */
  readonly type: string;
  readonly data: Uint8Array;
}

export function isPng(head: Uint8Array): boolean {
  return Buffer.compare(head.subarray(0, SIGNATURE.length), SIGNATURE) === 0;
}

/** All chunks from IHDR to IEND, each with a CRC that holds; what follows IEND is not looked at. Throws `FormatError`. */
export function readPng(bytes: Uint8Array): readonly PngChunk[] {
  if (!isPng(bytes)) throw new FormatError('png', 0, 'expected the signature');
  const chunks: PngChunk[] = [];
  for (let at = SIGNATURE.length; chunks.at(-1)?.type !== 'IEND'; at = chunks.at(-1)!.end)
    chunks.push(readChunk(bytes, at));
  if (chunks[0]!.type !== 'IHDR')
    throw new FormatError('png', chunks[0]!.offset, `expected IHDR, found ${chunks[0]!.type}`);
  return chunks;
}

/** Keyword of a tEXt, zTXt or iTXt chunk, latin1 (section 11.3.3); null for another chunk, or where it has no end. */
export function pngKeyword({ type, data }: PngChunk): string | null {
  if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') return null;
  const end = data.indexOf(0);
  return end < 0 ? null : latin1(data.subarray(0, end));
}

/** The text of a tEXt chunk, or of an iTXt chunk that is not compressed; null for every other. */
export function pngPlainText(chunk: PngChunk): string | null {
  const keyword = pngKeyword(chunk);
  if (keyword === null) return null;
  const { type, data } = chunk;
  const rest = data.subarray(keyword.length + 1);
  if (type === 'tEXt') return latin1(rest);
  if (type !== 'iTXt' || rest[0] !== 0) return null;
  // Compression flag and method, language tag, translated keyword, text.
  const afterLanguage = rest.indexOf(0, 2);
  const afterKeyword = afterLanguage < 0 ? -1 : rest.indexOf(0, afterLanguage + 1);
  return afterKeyword < 0 ? null : Buffer.from(rest.subarray(afterKeyword + 1)).toString('utf8');
}

function readChunk(bytes: Uint8Array, offset: number): PngChunk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + AROUND_DATA > bytes.length)
    throw new FormatError('png', bytes.length, 'expected a chunk, found the end');
  const length = view.getUint32(offset);
  const end = offset + AROUND_DATA + length;
  if (end > bytes.length)
    throw new FormatError('png', offset, `expected a chunk of ${length} bytes, found the end`);
  const type = latin1(bytes.subarray(offset + 4, offset + BEFORE_DATA));
  if (!/^[A-Za-z]{4}$/.test(type))
    throw new FormatError('png', offset + 4, 'expected a type of four letters');
  const computed = crc32(bytes.subarray(offset + 4, end - 4));
  const stored = view.getUint32(end - 4);
  if (stored !== computed)
    throw new FormatError('png', end - 4, `expected the CRC ${computed}, found ${stored}`);
  return { offset, end, type, data: bytes.subarray(offset + BEFORE_DATA, end - 4) };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
