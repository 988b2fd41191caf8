/** Content of zip entries: stored, or inflated within the budget. */

import { inflateRawSync } from 'node:zlib';

import { bufferAccess, windowAccess, type RandomAccess } from '../../core/random-access.js';
import { LimitError } from '../../formats/codec/codec.js';
import { inflateRaw } from '../../formats/stream/inflate-raw.js';
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
  const tooMuch = (): LimitError => new LimitError('zip', offset, 'output', allowed);
  for await (const chunk of inflateRaw(data, offset, allowed, tooMuch)) {
    context.spend(0);
    yield chunk;
  }
}
