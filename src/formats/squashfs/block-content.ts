/** Decompression of one block of a squashfs image. */

import { inflateSync } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import { UnsupportedError } from '../codec/codec.js';
import type { MemberDecoder } from '../codec/decoder.js';
import { History } from '../codec/history.js';
import { InputCursor, type ByteInput } from '../codec/input.js';
import { decodeLz4Block } from '../codec/lz4-block.js';
import { decodeLzmaAlone } from '../codec/lzma-alone.js';
import { decodeLzoBlock } from '../codec/lzo-block.js';
import { decodeXz } from '../codec/xz.js';
import { decodeZstd } from '../codec/zstd.js';
import { SQUASHFS } from './superblock.js';

/**
 * The content of a compressed block, at most `most` bytes; `offset` is where it lies in the image. Throws `FormatError` for
 * what is damaged, or longer.
 */
export type BlockContent = (
  bytes: Uint8Array,
  most: number,
  offset: number,
) => Uint8Array | Promise<Uint8Array>;

/** By the name in the superblock. Throws `UnsupportedError` for compressors that are not known. */
export function blockContentOf(compressor: string): BlockContent {
  const content = COMPRESSORS[compressor];
  if (content === undefined)
    throw new UnsupportedError(
      SQUASHFS,
      20,
      `${compressor} is not known: expected ${Object.keys(COMPRESSORS).join(', ')}`,
    );
  return content;
}

const COMPRESSORS: Readonly<Record<string, BlockContent>> = {
  gzip: inflate,
  lzma: byDecoder(decodeLzmaAlone),
  lzo: decodeLzoBlock,
  xz: byDecoder(decodeXz),
  lz4: decodeLz4,
  zstd: byDecoder(decodeZstd),
};

function inflate(bytes: Uint8Array, most: number, offset: number): Uint8Array {
  try {
    return inflateSync(bytes, { maxOutputLength: most, chunkSize: Math.max(64, most) });
  } catch (error) {
    throw new FormatError(SQUASHFS, offset, `expected zlib data: ${(error as Error).message}`);
  }
}

function decodeLz4(bytes: Uint8Array, most: number, offset: number): Uint8Array {
  const history = new History('lz4', most, most);
  history.reserve(most);
  decodeLz4Block(bytes, 0, bytes.length, history, most, offset);
  return history.bytes.subarray(0, history.pos);
}

/** Blocks are whole files of their formats. */
function byDecoder(decode: MemberDecoder): BlockContent {
  return async (bytes, most, offset) => {
    const cursor = new InputCursor(inputOf(bytes), offset);
    const content = new Uint8Array(most);
    let length = 0;
    const limits = { maxMemoryBytes: MOST_MEMORY, maxOutputBytes: most };
    for await (const chunk of decode(cursor, limits)) {
      if (chunk.length > most - length)
        throw new FormatError(SQUASHFS, offset, `expected at most ${most} bytes of content`);
      content.set(chunk, length);
      length += chunk.length;
    }
    return content.subarray(0, length);
  };
}

const MOST_MEMORY = 16 * 1024 * 1024;

function inputOf(bytes: Uint8Array): ByteInput {
  let rest: Uint8Array | null = bytes;
  return {
    next: () => {
      const next = rest;
      rest = null;
      return Promise.resolve(next);
    },
    unread: () => {},
  };
}
