/** DEFLATE data (RFC 1951) at a known place, inflated as a stream. */

import { createInflateRaw } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';

const CHUNK_BYTES = 256 * 1024;

/**
 * Throws `FormatError` for damaged data and for more than `maxBytes` of content, the latter as `tooMuch` makes it; `offset` is where
 * the data is, for errors.
 */
export async function* inflateRaw(
  data: RandomAccess,
  offset: number,
  maxBytes: number,
  tooMuch = (): FormatError =>
    new FormatError('zip', offset, `expected ${maxBytes} bytes of content, found more`),
): AsyncGenerator<Uint8Array> {
  const engine = createInflateRaw();
  let made = 0;
  const feeding = feed(engine, data);
  try {
    for await (const chunk of engine) {
      const bytes = chunk as Uint8Array;
      made += bytes.length;
      if (made > maxBytes) throw tooMuch();
      yield bytes;
    }
  } catch (error) {
    if (!(error instanceof Error) || !('errno' in error)) throw error;
    throw new FormatError('zip', offset, `expected DEFLATE data: ${error.message}`);
  } finally {
    engine.destroy();
    await feeding;
  }
}

/** Gives all data, as fast as it is taken. */
async function feed(
  engine: ReturnType<typeof createInflateRaw>,
  data: RandomAccess,
): Promise<void> {
  const over = new Promise<void>((resolve) => engine.once('close', resolve));
  for (let at = 0; at < data.size && !engine.destroyed; at += CHUNK_BYTES) {
    const taken = new Promise<void>((resolve) =>
      engine.write(data.read(at, CHUNK_BYTES), () => resolve()),
    );
    await Promise.race([taken, over]);
  }
  if (!engine.destroyed) engine.end();
}
