/** Frames of Zstandard files (RFC 8878, section 3.1): header fields, checksum, blocks. */

import type { Fact } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import {
  readZstdStructure,
  type SkippableFrame,
  type ZstdFrame,
} from '../../formats/codec/zstd-structure.js';
import { regionDigest } from '../common/region-digest.js';
import { fact, hex32, paddingFacts, type CodecUnit, type CodecUnits } from './units.js';

export function readZstdUnits(input: RandomAccess): CodecUnits {
  const { frames } = readZstdStructure(input);
  let end = 0;
  const units = frames.map((frame): CodecUnit => {
    const own = frame.kind === 'frame' ? frameFacts(input, frame) : skippableFacts(input, frame);
    const facts = [...paddingFacts(end, frame.offset), ...own];
    end = frame.end;
    return { offset: frame.offset, facts };
  });
  return { name: 'frames', units, end };
}

/** A frame of user data, of zstd or LZ4. */
export function skippableFacts(
  input: RandomAccess,
  { offset, variant, payloadOffset, end }: SkippableFrame,
): readonly Fact[] {
  const payload = { offset: payloadOffset, length: end - payloadOffset };
  return [
    fact('Magic_Number', 'number', `0x184d2a5${variant.toString(16)}`, offset),
    fact('User_Data', 'opaque', regionDigest(input, payload), payloadOffset),
    fact('Frame_Size', 'size', payload.length, offset + 4),
  ];
}

function frameFacts(input: RandomAccess, frame: ZstdFrame): readonly Fact[] {
  const { offset, blocksOffset, end, checksum } = frame;
  const dataEnd = checksum === null ? end : end - 4;
  const data = { offset: blocksOffset, length: dataEnd - blocksOffset };
  const facts = [
    frame.isSingleSegment
      ? fact('Single_Segment_Flag', 'codec', 1, offset + 4)
      : fact('Window_Size', 'codec', frame.windowBytes, offset + 5),
    fact('Frame_Content_Size_Field', 'codec', frame.contentFieldBytes, offset + 4),
    fact('Content_Checksum_Flag', 'codec', frame.hasChecksum ? 1 : 0, offset + 4),
  ];
  if (frame.hasUnusedBit) facts.push(fact('Unused_Bit', 'slack', 1, offset + 4));
  if (frame.dictionaryFieldBytes > 0)
    facts.push(
      fact('Dictionary_ID_Field', 'codec', frame.dictionaryFieldBytes, offset + 4),
      fact('Dictionary_ID', 'codec', frame.dictionaryId, offset + 5),
    );
  if (frame.contentBytes !== null)
    facts.push(fact('Frame_Content_Size', 'size', frame.contentBytes, offset + 5));
  facts.push(fact('Data_Blocks', 'stream', regionDigest(input, data), blocksOffset));
  if (checksum !== null) facts.push(fact('Content_Checksum', 'checksum', hex32(checksum), dataEnd));
  return facts;
}
