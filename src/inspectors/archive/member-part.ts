/** Content of a member of a streamed archive as a part. */

import { bufferAccess } from '../../core/random-access.js';
import type { FactPart } from '../../core/facts.js';
import type { MemberData } from '../../formats/stream/member-data.js';
import { WatchedContent } from '../common/secrecy.js';
import type { InspectContext } from '../define.js';

/** Reads the data to its end; small members, which are most, without waiting for any. */
export async function memberPart(
  name: string,
  data: MemberData,
  context: Pick<InspectContext, 'part'>,
): Promise<{ readonly part: FactPart; readonly isSecret: boolean }> {
  const all = data.tryAll();
  const content = new WatchedContent(name, all === null ? data.chunks() : bufferAccess(all));
  const part = await context.part(name, content.input);
  return { part, isSecret: content.isSecret };
}
