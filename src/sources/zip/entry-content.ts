/** The content of zip entries (APPNOTE 4.4.5), checked against size and CRC-32 of the directory. */

import { crc32, inflateRawSync } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import type { Codec } from '../../formats/codec/codec.js';
import { decompress } from '../../formats/codec/decompress.js';
import { inflateRaw } from '../../formats/stream/inflate-raw.js';
import { FLAG_ENCRYPTED, type ZipPlace } from '../../formats/zip.js';
import { chunksOf } from '../archive/chunks-of.js';
import type { ArchiveTarget } from '../archive/open-archive.js';
import type { ContentData } from '../archive/read-content.js';

const STORED = 0;
const DEFLATED = 8;
const CODECS: Readonly<Record<number, Codec>> = { 12: 'bzip2', 93: 'zstd', 95: 'xz' };
/** Entries up to this size are made at once. */
const AT_ONCE = 1024 * 1024;

/** The content of one entry; reading it, `tryAll` as well, throws `FormatError` for what is damaged or not known. */
export function entryContent(
  bytes: RandomAccess,
  place: ZipPlace,
  limits: ArchiveTarget['limits'],
): ContentData {
  return {
    size: place.uncompressedSize,
    tryAll: () => wholeOf(bytes, place),
    chunks: () => checked(chunksOfEntry(bytes, place, limits), place),
  };
}

function wholeOf(bytes: RandomAccess, place: ZipPlace): Uint8Array | null {
  const { central, compressedSize, uncompressedSize, dataOffset } = place;
  if ((central.flags & FLAG_ENCRYPTED) !== 0) return null;
  if (uncompressedSize > AT_ONCE || compressedSize > AT_ONCE) return null;
  if (central.method !== STORED && central.method !== DEFLATED) return null;
  const data = bytes.read(dataOffset, compressedSize);
  const content = central.method === STORED ? data : inflateAtOnce(data, place);
  verify(place, content.length, crc32(content));
  return content;
}

function inflateAtOnce(data: Uint8Array, { uncompressedSize, offset }: ZipPlace): Uint8Array {
  try {
    return inflateRawSync(data, { maxOutputLength: uncompressedSize + 1 });
  } catch (error) {
    throw new FormatError('zip', offset, `expected DEFLATE data: ${(error as Error).message}`);
  }
}

function chunksOfEntry(
  bytes: RandomAccess,
  { central, dataOffset, compressedSize, uncompressedSize, offset }: ZipPlace,
  limits: ArchiveTarget['limits'],
): AsyncIterable<Uint8Array> {
  if ((central.flags & FLAG_ENCRYPTED) !== 0)
    throw new FormatError('zip', offset, 'the content is encrypted');
  const data = windowAccess(bytes, dataOffset, compressedSize);
  const most = Math.min(uncompressedSize, limits.maxOutputBytes);
  if (central.method === STORED) return chunksOf(data);
  if (central.method === DEFLATED) return inflateRaw(data, dataOffset, most);
  const codec = CODECS[central.method];
  if (codec === undefined)
    throw new FormatError('zip', offset, `compression method ${central.method} is not known`);
  return decompress(codec, chunksOf(data), { ...limits, maxOutputBytes: most });
}

async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  place: ZipPlace,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  let sum = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    sum = crc32(chunk, sum);
    yield chunk;
  }
  verify(place, size, sum);
}

function verify({ central, uncompressedSize, offset }: ZipPlace, size: number, sum: number): void {
  if (size !== uncompressedSize)
    throw new FormatError('zip', offset, `expected ${uncompressedSize} bytes, found ${size}`);
  if (sum !== central.crc32)
    throw new FormatError('zip', offset, 'the CRC-32 of the content is not that of the directory');
}
