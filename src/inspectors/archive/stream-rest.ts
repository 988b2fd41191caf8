/** What is left of a stream behind an archive. */

import { createHash } from 'node:crypto';

import type { Fact } from '../../core/facts.js';
import type { ByteReader } from '../../formats/stream/byte-reader.js';
import { fact } from '../codec/units.js';

/** Reads it to its end. */
export async function restOf(reader: ByteReader): Promise<Fact> {
  const offset = reader.position;
  const hash = createHash('sha256');
  for await (const chunk of reader.chunks(Infinity)) hash.update(chunk);
  return fact('rest', 'opaque', hash.digest('hex').slice(0, 32), offset);
}
