/** The header of .lzma files: properties, size of the dictionary, size of the content (LZMA specification). */

import { FormatError } from '../../core/errors.js';
import { lzmaProperties, type LzmaProperties } from './lzma.js';

export const LZMA_ALONE_HEADER_BYTES = 13;

export interface LzmaAloneHeader {
  readonly properties: LzmaProperties;
  readonly dictionaryBytes: number;
  /** Null where an end marker tells. */
  readonly contentBytes: number | null;
}

/** From 13 bytes. Throws `FormatError`. */
export function readLzmaAloneHeader(bytes: Uint8Array, offset: number): LzmaAloneHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const properties = lzmaProperties(bytes[0]!);
  if (properties === null)
    throw new FormatError('lzma', offset, `expected LZMA properties, found ${bytes[0]}`);
  const size = view.getBigUint64(5, true);
  const isEndless = size === 0xffff_ffff_ffff_ffffn;
  if (!isEndless && size > MAX_CONTENT)
    throw new FormatError('lzma', offset + 5, `expected a size below 256 GiB, found ${size}`);
  return {
    properties,
    dictionaryBytes: view.getUint32(1, true),
    contentBytes: isEndless ? null : Number(size),
  };
}

/**
 * Whether these 14 bytes begin an .lzma file. There is no magic: the dictionary must be 2^n or 2^n + 2^(n-1), the size
 * unknown or below 256 GiB (as the xz tools demand), and the first byte of code 0.
 */
export function isLzmaAlone(head: Uint8Array): boolean {
  if (head.length < LZMA_ALONE_HEADER_BYTES + 1 || head[13] !== 0) return false;
  let header: LzmaAloneHeader;
  try {
    header = readLzmaAloneHeader(head, 0);
  } catch {
    return false;
  }
  const { literalContextBits, literalPositionBits } = header.properties;
  const { dictionaryBytes } = header;
  return (
    literalContextBits + literalPositionBits <= 4 &&
    dictionaryBytes >= 4096 &&
    (dictionaryBytes === 0xffffffff || isRound(dictionaryBytes)) &&
    header.contentBytes !== 0
  );
}

const MAX_CONTENT = 1n << 38n;

function isRound(size: number): boolean {
  let power = 4096;
  while (power * 2 <= size) power *= 2;
  return size === power || size === power * 1.5;
}
