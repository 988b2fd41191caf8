/** Decompression of one gzip member (RFC 1952) by zlib, which stops in front of the trailer. */

import { constants, crc32, createInflateRaw } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import { readGzipHeader, type GzipHeader } from '../gzip.js';
import type { DecoderLimits } from './decoder.js';
import type { InputCursor } from './input.js';
import { readU32 } from './skippable.js';

export async function* decodeGzip(
  cursor: InputCursor,
  _limits: DecoderLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  cursor.at += (await readHeader(cursor)).dataOffset;
  let crc = 0;
  let size = 0;
  for await (const content of inflate(cursor)) {
    crc = crc32(content, crc);
    size += content.length;
    yield content;
  }
  await cursor.need(TRAILER, GZIP);
  const offset = cursor.position;
  const trailer = cursor.take(TRAILER);
  const stored = readU32(trailer, 0);
  if (stored !== crc)
    throw new FormatError(GZIP, offset, `expected the CRC ${crc}, found ${stored}`);
  if (readU32(trailer, 4) !== size % 0x1_0000_0000)
    throw new FormatError(GZIP, offset + 4, `expected ISIZE ${size}, found ${readU32(trailer, 4)}`);
}

const GZIP = 'gzip';
const TRAILER = 8;
const CHUNK = 256 * 1024;
/** A name or a comment may be of any length; one longer than this is refused. */
const MOST_HEADER = 1 << 20;

/** The header at the cursor, which stays in front of it; offsets count from there. */
async function readHeader(cursor: InputCursor): Promise<GzipHeader> {
  for (let wanted = 512; ; wanted *= 2) {
    const found = await cursor.fill(wanted);
    try {
      return readGzipHeader(cursor.bytes.subarray(cursor.at, cursor.end), 0);
    } catch (error) {
      // It may only be cut short.
      if (!(error instanceof FormatError)) throw error;
      if (found < wanted || wanted >= MOST_HEADER)
        throw new FormatError(
          GZIP,
          cursor.position + error.offset,
          'expected a header of a member',
        );
    }
  }
}

/**
 * The content of the DEFLATE stream at the cursor. A write is called back when zlib has taken all of it, or never when
 * the stream ends within it: then the readable side ends, and `bytesWritten` tells how much was taken.
 */
async function* inflate(cursor: InputCursor): AsyncGenerator<Uint8Array, void, undefined> {
  const engine = createInflateRaw({
    finishFlush: constants.Z_SYNC_FLUSH,
    // Each piece is a job for another thread: large ones for what is large, none for what is small.
    chunkSize: cursor.available > CHUNK ? CHUNK : undefined,
  });
  let given = 0;
  // What was given and is not known to be taken.
  const pending: Uint8Array[] = [];
  let hasEnded = false;
  let failure: { readonly error: unknown } | null = null;
  const over = new Promise<void>((resolve) => {
    for (const event of ['end', 'close'] as const) {
      engine.once(event, () => {
        hasEnded = true;
        resolve();
      });
    }
  });
  const feed = async (): Promise<void> => {
    while (!hasEnded) {
      const found = await cursor.fill(1);
      if (hasEnded) return;
      if (found === 0) {
        engine.end();
        return;
      }
      const chunk = cursor.takeAll();
      given += chunk.length;
      pending.push(chunk);
      await Promise.race([
        over,
        new Promise<void>((resolve) => engine.write(chunk, () => resolve())),
      ]);
      if (engine.bytesWritten >= given) pending.length = 0;
    }
  };
  const feeding = feed().catch((error: unknown) => {
    failure = { error };
    engine.destroy();
  });
  try {
    for await (const content of engine) yield content as Uint8Array;
  } catch (error) {
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
    const offset = cursor.position - cursor.available - Math.max(0, given - engine.bytesWritten);
    throw new FormatError(GZIP, Math.max(0, offset), `expected DEFLATE data: ${textOf(error)}`);
  } finally {
    engine.destroy();
    await feeding;
  }
  let surplus = given - engine.bytesWritten;
  for (const chunk of pending.toReversed()) {
    const back = Math.min(surplus, chunk.length);
    cursor.unread(chunk.subarray(chunk.length - back));
    surplus -= back;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown trouble';
}
