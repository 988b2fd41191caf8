/** Images of file systems: fields of the superblock, and blocks of everything else. */

import type { RandomAccess } from '../../core/random-access.js';
import type { ByteAccount, ByteRange } from '../../formats/byte-fields.js';
import type { InspectContext, InspectedFacts } from '../define.js';
import { fieldFacts, problemsOf, type FieldNotes } from './account.js';
import { restByBlocks } from './rest-by-blocks.js';

/** `elsewhere`: what is told otherwise, and does not show in the blocks. */
export async function imageFacts(
  image: RandomAccess,
  account: ByteAccount,
  notes: FieldNotes,
  context: InspectContext,
  elsewhere: readonly ByteRange[] = [],
): Promise<InspectedFacts> {
  return {
    facts: fieldFacts(account, notes),
    tables: [],
    content: await restByBlocks(image, [...account.fields, ...elsewhere], context),
    problems: problemsOf(account),
  };
}
