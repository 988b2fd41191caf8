/** Content of a member of a streamed archive as a part. */

import { bufferAccess } from '../../core/random-access.js';
import type { FactPart } from '../../core/facts.js';
import type { MemberData } from '../../formats/stream/member-data.js';
import type { InspectContext } from '../define.js';

/** Reads the data to its end; small members, which are most, without waiting for any. `seen` is told all bytes in order. */
export async function memberPart(
  name: string,
  data: MemberData,
  context: Pick<InspectContext, 'part' | 'isSecret'>,
  seen: ((bytes: Uint8Array) => void) | null = null,
): Promise<{ readonly part: FactPart; readonly isSecret: boolean }> {
  const all = data.tryAll();
  if (all !== null) seen?.(all);
  const chunks = (): AsyncIterable<Uint8Array> =>
    seen === null ? data.chunks() : watched(data.chunks(), seen);
  const part = await context.part(name, all === null ? chunks() : bufferAccess(all));
  return { part, isSecret: context.isSecret(part) };
}

async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  seen: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    seen(chunk);
    yield chunk;
  }
}
