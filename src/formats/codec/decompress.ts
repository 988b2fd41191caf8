/** Decompression as a stream: bounded memory, bounded content, and an account of the input that was used. */

import { setImmediate } from 'node:timers/promises';

import { FormatError } from '../../core/errors.js';
import { isGzip } from '../gzip.js';
import { decodeBzip2 } from './bzip2.js';
import { LimitError, UnsupportedError, type Codec } from './codec.js';
import type { MemberDecoder } from './decoder.js';
import { decodeGzip } from './gzip-member.js';
import { chunkInput, InputCursor, type ByteInput } from './input.js';
import { decodeLz4 } from './lz4.js';
import { LZ4_LEGACY_MAGIC, LZ4_MAGIC } from './lz4-fields.js';
import { decodeLzmaAlone } from './lzma-alone.js';
import { isSkippable, readU32 } from './skippable.js';
import { decodeXz } from './xz.js';
import { isXz } from './xz-fields.js';
import { decodeZstd } from './zstd.js';
import { ZSTD_MAGIC } from './zstd-fields.js';

export interface DecompressOptions {
  /** Most content, in bytes, before a `LimitError` ends it. */
  readonly maxOutputBytes: number;
  /** Most history for matches, in bytes; it counts as content comes, not as headers promise. By default 256 MiB. */
  readonly maxMemoryBytes?: number;
  /** Members (streams, frames) in one archive; by default 100,000. */
  readonly maxMembers?: number;
  /** Whether members behind zeros belong to the same archive. By default they do. */
  readonly acrossPadding?: boolean;
  readonly signal?: AbortSignal;
  /** Told of each member once it was decompressed. */
  readonly onMember?: (member: DecompressedMember) => void;
}

/** One member (stream, frame, skippable frame) of an archive; offsets count from the archive's first byte. */
export interface DecompressedMember {
  readonly offset: number;
  readonly end: number;
  readonly outputBytes: number;
}

/** What of the input an archive took. */
export interface DecompressedExtent {
  /** From its first byte up to the end of its last member, with the padding between members. */
  readonly inputBytes: number;
  /** Zeros behind the last member: taken too, when `acrossPadding` looked behind them. */
  readonly paddingBytes: number;
  readonly outputBytes: number;
  /** With skippable frames. */
  readonly memberCount: number;
}

/**
 * Decompresses the archive that begins with the next byte of `input`: its first member and all that follow on it. The
 * generator returns the extent, and leaves in `input` what comes behind. Throws `FormatError` for what is damaged or cut
 * short, `LimitError` at a limit, `UnsupportedError`, or the signal's reason; the input's own errors pass. Chunks are
 * the consumer's.
 */
export async function* decompressFrom(
  codec: Codec,
  input: ByteInput,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array, DecompressedExtent, undefined> {
  const format = FORMATS[codec];
  if (format === null)
    throw new UnsupportedError(codec, 0, `expected a format other than ${codec}`);
  const { maxOutputBytes, maxMembers = MAX_MEMBERS, acrossPadding = true, signal } = options;
  const limits = { maxOutputBytes, maxMemoryBytes: options.maxMemoryBytes ?? MAX_MEMORY };
  const cursor = new InputCursor(input);
  let outputBytes = 0;
  let sinceBreath = 0;
  let memberCount = 0;
  let inputBytes = 0;
  let paddingBytes = 0;
  try {
    do {
      if (++memberCount > maxMembers)
        throw new LimitError(codec, inputBytes, 'members', maxMembers);
      signal?.throwIfAborted();
      const before = { offset: cursor.position, outputBytes };
      for await (const chunk of format.decode(cursor, limits)) {
        const left = maxOutputBytes - outputBytes;
        if (chunk.length > left) {
          if (left > 0) yield chunk.subarray(0, left);
          throw new LimitError(codec, cursor.position, 'output', maxOutputBytes);
        }
        outputBytes += chunk.length;
        sinceBreath += chunk.length;
        yield chunk;
        if (sinceBreath > BREATH) {
          sinceBreath = 0;
          await setImmediate();
        }
        signal?.throwIfAborted();
      }
      inputBytes = cursor.position;
      options.onMember?.({
        offset: before.offset,
        end: inputBytes,
        outputBytes: outputBytes - before.outputBytes,
      });
      paddingBytes = 0;
      if (!format.isMember(await headOf(cursor)) && acrossPadding && format.allowsPadding)
        paddingBytes = await cursor.skipZeros();
    } while (format.isMember(await headOf(cursor)));
    return { inputBytes, paddingBytes, outputBytes, memberCount };
  } finally {
    cursor.release();
  }
}

/**
 * Decompresses all of `chunks`. Zeros may stand at the end; anything else behind the archive is a `FormatError` after the
 * content. Stopping early stops the producer of the chunks.
 */
export async function* decompress(
  codec: Codec,
  chunks: AsyncIterable<Uint8Array>,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array, DecompressedExtent, undefined> {
  const input = chunkInput(chunks);
  try {
    const extent = yield* decompressFrom(codec, input, options);
    const cursor = new InputCursor(input);
    const zeros = extent.paddingBytes + (await cursor.skipZeros());
    const end = extent.inputBytes + zeros;
    if (cursor.available > 0)
      throw new FormatError(codec, end, 'expected the end, found more bytes');
    return { ...extent, paddingBytes: zeros };
  } finally {
    await input.close();
  }
}

const MAX_MEMBERS = 100_000;
const MAX_MEMORY = 256 << 20;
/** Bytes of content between two turns of the event loop: a signal must be able to arrive. */
const BREATH = 4 << 20;

interface Format {
  readonly decode: MemberDecoder;
  /** Whether these bytes, up to ten, begin another member of the same archive. */
  readonly isMember: (head: Uint8Array) => boolean;
  readonly allowsPadding: boolean;
}

const HEAD = 10;

async function headOf(cursor: InputCursor): Promise<Uint8Array> {
  await cursor.fill(HEAD);
  return cursor.peek(HEAD);
}

function isFrame(head: Uint8Array, ...magics: readonly number[]): boolean {
  if (head.length < 4) return false;
  const magic = readU32(head, 0);
  return isSkippable(magic) || magics.includes(magic);
}

function isBzip2Member(head: Uint8Array): boolean {
  return head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68;
}

const LZ4: Format = {
  decode: decodeLz4,
  isMember: (head) => isFrame(head, LZ4_MAGIC, LZ4_LEGACY_MAGIC),
  allowsPadding: true,
};

const FORMATS: Readonly<Record<Codec, Format | null>> = {
  gzip: { decode: decodeGzip, isMember: isGzip, allowsPadding: true },
  xz: { decode: decodeXz, isMember: isXz, allowsPadding: true },
  lzma: { decode: decodeLzmaAlone, isMember: () => false, allowsPadding: true },
  zstd: { decode: decodeZstd, isMember: (head) => isFrame(head, ZSTD_MAGIC), allowsPadding: true },
  lz4: LZ4,
  'lz4-legacy': LZ4,
  bzip2: { decode: decodeBzip2, isMember: isBzip2Member, allowsPadding: true },
  lzop: null,
};
