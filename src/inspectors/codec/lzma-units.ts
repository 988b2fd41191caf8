/** The header of .lzma files (LZMA specification) and the code behind it. */

import type { RandomAccess } from '../../core/random-access.js';
import type { DecompressedMember } from '../../formats/codec/decompress.js';
import {
  LZMA_ALONE_HEADER_BYTES,
  readLzmaAloneHeader,
} from '../../formats/codec/lzma-alone-fields.js';
import { regionDigest } from '../common/region-digest.js';
import { fact, type CodecUnits } from './units.js';

export function readLzmaUnits(
  input: RandomAccess,
  members: readonly DecompressedMember[],
): CodecUnits {
  const end = members[0]?.end ?? 0;
  const header = readLzmaAloneHeader(input.read(0, LZMA_ALONE_HEADER_BYTES), 0);
  const { literalContextBits, literalPositionBits, positionBits } = header.properties;
  const data = { offset: LZMA_ALONE_HEADER_BYTES, length: end - LZMA_ALONE_HEADER_BYTES };
  const facts = [
    fact('lc lp pb', 'codec', `${literalContextBits} ${literalPositionBits} ${positionBits}`, 0),
    fact('dictSize', 'codec', header.dictionaryBytes, 1),
    header.contentBytes === null
      ? fact('end marker', 'codec', 1, 5)
      : fact('unpackSize', 'size', header.contentBytes, 5),
    fact('data', 'stream', regionDigest(input, data), data.offset),
  ];
  return { name: 'streams', units: [{ offset: 0, facts }], end };
}
