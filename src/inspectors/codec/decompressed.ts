/** Content of compressed bytes as a stream that remembers how it went, and gives up when the time is over. */

import { FormatError } from '../../core/errors.js';
import type { Codec } from '../../formats/codec/codec.js';
import {
  decompressFrom,
  type DecompressedExtent,
  type DecompressedMember,
} from '../../formats/codec/decompress.js';
import { accessInput } from '../../formats/codec/access.js';
import type { RandomAccess } from '../../core/random-access.js';
import type { InspectContext } from '../define.js';

export interface Decompressed {
  readonly content: AsyncIterable<Uint8Array>;
  /** Of what was decompressed so far. */
  readonly members: readonly DecompressedMember[];
  /** Null until the content was read to its end, or when it ended early. */
  extent(): DecompressedExtent | null;
  /** What it ended early with. */
  failure(): FormatError | null;
  contentBytes(): number;
}

export function decompressed(
  codec: Codec,
  input: RandomAccess,
  context: Pick<InspectContext, 'outputBudget' | 'spend'>,
): Decompressed {
  const members: DecompressedMember[] = [];
  let extent: DecompressedExtent | null = null;
  let failure: FormatError | null = null;
  let contentBytes = 0;
  async function* run(): AsyncGenerator<Uint8Array> {
    const source = decompressFrom(codec, accessInput(input), {
      maxOutputBytes: context.outputBudget(),
      onMember: (member) => members.push(member),
    });
    try {
      for (;;) {
        const step = await source.next();
        if (step.done === true) {
          extent = step.value;
          return;
        }
        contentBytes += step.value.length;
        context.spend(0);
        yield step.value;
      }
    } catch (error) {
      if (error instanceof FormatError) failure = error;
      throw error;
    } finally {
      await source.return?.(undefined as never);
    }
  }
  return {
    content: run(),
    members,
    extent: () => extent,
    failure: () => failure,
    contentBytes: () => contentBytes,
  };
}
