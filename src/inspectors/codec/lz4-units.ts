/** Frames of LZ4 files (LZ4 Frame Format 1.6.3), legacy frames of kernels among them. */

import type { Fact } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import { readLz4Structure, type Lz4Frame } from '../../formats/codec/lz4-structure.js';
import { regionDigest } from '../common/region-digest.js';
import { fact, hex32, paddingFacts, type CodecUnits } from './units.js';
import { skippableFacts } from './zstd-units.js';

export async function readLz4Units(input: RandomAccess): Promise<CodecUnits> {
  const { frames } = await readLz4Structure(input);
  let end = 0;
  const units = frames.map((frame) => {
    const facts = [...paddingFacts(end, frame.offset), ...factsOf(input, frame)];
    end = frame.end;
    return { offset: frame.offset, facts };
  });
  return { name: 'frames', units, end };
}

type AnyFrame = Awaited<ReturnType<typeof readLz4Structure>>['frames'][number];

function factsOf(input: RandomAccess, frame: AnyFrame): readonly Fact[] {
  switch (frame.kind) {
    case 'frame':
      return frameFacts(input, frame);
    case 'skippable':
      return skippableFacts(input, frame);
    case 'legacy': {
      const data = { offset: frame.offset + 4, length: frame.end - frame.offset - 4 };
      return [
        fact('Magic', 'codec', 'legacy', frame.offset),
        fact('Blocks', 'stream', regionDigest(input, data), data.offset),
      ];
    }
  }
}

/** The checksum of the header agrees with it, and says no more. */
function frameFacts(input: RandomAccess, frame: Lz4Frame): readonly Fact[] {
  const { offset, headerBytes, contentChecksum, end } = frame;
  const dataEnd = contentChecksum === null ? end : end - 4;
  const data = { offset: offset + headerBytes, length: dataEnd - offset - headerBytes };
  const facts = [
    fact('Block Independence', 'codec', frame.hasIndependentBlocks ? 1 : 0, offset + 4),
    fact('Block Checksum', 'codec', frame.hasBlockChecksums ? 1 : 0, offset + 4),
    fact('Content Checksum Flag', 'codec', frame.hasContentChecksum ? 1 : 0, offset + 4),
    fact('Content Size Flag', 'codec', frame.contentBytes === null ? 0 : 1, offset + 4),
    fact('Block Maximum Size', 'codec', frame.blockBytes, offset + 5),
  ];
  if (frame.contentBytes !== null)
    facts.push(fact('Content Size', 'size', frame.contentBytes, offset + 6));
  if (frame.dictionaryId !== null)
    facts.push(fact('Dictionary ID', 'codec', frame.dictionaryId, offset + headerBytes - 5));
  facts.push(fact('Data Blocks', 'stream', regionDigest(input, data), data.offset));
  if (contentChecksum !== null)
    facts.push(fact('Content Checksum', 'checksum', hex32(contentChecksum), dataEnd));
  return facts;
}
