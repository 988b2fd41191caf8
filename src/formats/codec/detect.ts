/** Which compressed format begins here, by its magic and by what must follow it. */

import { isGzip } from '../gzip.js';
import { isBzip2 } from './bzip2.js';
import type { Codec } from './codec.js';
import { isLzmaAlone } from './lzma-alone-fields.js';
import { LZ4_LEGACY_MAGIC, LZ4_LEGACY_MOST_BYTES, LZ4_MAGIC } from './lz4-fields.js';
import { isSkippable, readU32 } from './skippable.js';
import { isXz } from './xz-fields.js';
import { ZSTD_MAGIC } from './zstd-fields.js';

/** Bytes that `detectCodec` looks at when there are as many. */
export const CODEC_HEAD_BYTES = 64;

/**
 * From the first bytes of a file or a segment; null for anything else. A skippable frame alone does not tell zstd from
 * LZ4: what stands behind it does when it is within `head`, and zstd is taken otherwise.
 */
export function detectCodec(head: Uint8Array): Codec | null {
  if (isGzip(head)) return head.length < 4 || (head[3]! & 0xe0) === 0 ? 'gzip' : null;
  if (isXz(head)) return 'xz';
  if (isBzip2(head)) return 'bzip2';
  if (LZOP_MAGIC.every((byte, i) => head[i] === byte)) return 'lzop';
  if (head.length >= 4) {
    const magic = readU32(head, 0);
    if (magic === ZSTD_MAGIC) return head.length > 4 && (head[4]! & 8) !== 0 ? null : 'zstd';
    if (magic === LZ4_MAGIC) return head.length > 4 && head[4]! >>> 6 !== 1 ? null : 'lz4';
    if (magic === LZ4_LEGACY_MAGIC)
      return head.length >= 8 && readU32(head, 4) > LZ4_LEGACY_MOST_BYTES ? null : 'lz4-legacy';
    if (isSkippable(magic) && head.length >= 8) return behindSkippable(head);
  }
  return isLzmaAlone(head) ? 'lzma' : null;
}

const LZOP_MAGIC = [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a];

function behindSkippable(head: Uint8Array): Codec | null {
  const next = 8 + readU32(head, 4);
  if (next + 4 > head.length) return 'zstd';
  return detectCodec(head.subarray(next)) === 'lz4' ? 'lz4' : 'zstd';
}
