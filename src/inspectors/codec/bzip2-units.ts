/** Streams of bzip2 files. Blocks and their checksums begin at any bit: they are part of the data here. */

import type { RandomAccess } from '../../core/random-access.js';
import type { DecompressedMember } from '../../formats/codec/decompress.js';
import { readBzip2Level } from '../../formats/codec/bzip2.js';
import { regionDigest } from '../common/region-digest.js';
import { fact, paddingFacts, type CodecUnit, type CodecUnits } from './units.js';

export function readBzip2Units(
  input: RandomAccess,
  members: readonly DecompressedMember[],
): CodecUnits {
  let end = 0;
  const units = members.map((member): CodecUnit => {
    const { offset } = member;
    const data = { offset: offset + 4, length: member.end - offset - 4 };
    const facts = [
      ...paddingFacts(end, offset),
      fact('level', 'codec', readBzip2Level(input.read(offset, 4), offset), offset + 3),
      fact('data', 'stream', regionDigest(input, data), data.offset),
    ];
    end = member.end;
    return { offset, facts };
  });
  return { name: 'streams', units, end };
}
