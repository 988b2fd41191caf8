/** Content of zip entries: stored, or inflated within the budget. */

import { createInflateRaw, inflateRawSync } from 'node:zlib';

import { FormatError } from '../../core/errors.js';
import { bufferAccess, windowAccess, type RandomAccess } from '../../core/random-access.js';
import { LimitError } from '../../formats/codec/codec.js';
import { FLAG_ENCRYPTED, type ZipPlace } from '../../formats/zip.js';
import type { InspectContext } from '../define.js';

/** Null for methods that are not known here, and for what is encrypted. */
export function zipContent(
  input: RandomAccess,
  { central, dataOffset, compressedSize, uncompressedSize }: ZipPlace,
  context: Pick<InspectContext, 'outputBudget' | 'spend'>,
): RandomAccess | AsyncIterable<Uint8Array> | null {
  if ((central.flags & FLAG_ENCRYPTED) !== 0) return null;
  const data = windowAccess(input, dataOffset, compressedSize);
  if (central.method === STORED) return data;
  if (central.method !== DEFLATED) return null;
  if (uncompressedSize <= AT_ONCE && compressedSize <= AT_ONCE) {
    const content = inflateSmall(data.read(0, compressedSize), uncompressedSize);
    if (content !== null) return bufferAccess(content);
  }
  return inflate(data, dataOffset, context);
}

const STORED = 0;
const DEFLATED = 8;
const AT_ONCE = 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

/** Null for damaged data, and for sizes that are not those of the directory: what can be had of them comes as a stream. */
function inflateSmall(data: Uint8Array, size: number): Uint8Array | null {
  try {
    const content = inflateRawSync(data, { maxOutputLength: size + 1 });
    return content.length === size ? content : null;
  } catch {
    return null;
  }
}

async function* inflate(
  data: RandomAccess,
  offset: number,
  context: Pick<InspectContext, 'outputBudget' | 'spend'>,
): AsyncGenerator<Uint8Array> {
  const allowed = context.outputBudget();
  const engine = createInflateRaw();
  let made = 0;
  const feeding = feed(engine, data);
  try {
    for await (const chunk of engine) {
      const bytes = chunk as Uint8Array;
      made += bytes.length;
      if (made > allowed) throw new LimitError('zip', offset, 'output', allowed);
      context.spend(0);
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
