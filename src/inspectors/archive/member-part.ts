/** Content of a member of a streamed archive as a part. */

import { bufferAccess } from '../../core/random-access.js';
import type { FactPart } from '../../core/facts.js';
import type { MemberData } from '../../formats/stream/member-data.js';
import type { InspectContext } from '../define.js';

/** Reads the data to its end; small members, which are most, without waiting for any. */
export async function memberPart(
  name: string,
  data: MemberData,
  context: Pick<InspectContext, 'part' | 'isSecret'>,
): Promise<{ readonly part: FactPart; readonly isSecret: boolean }> {
  const all = data.tryAll();
  const part = await context.part(name, all === null ? data.chunks() : bufferAccess(all));
  return { part, isSecret: context.isSecret(part) };
}
