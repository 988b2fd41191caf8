/**
 * The index of a compressed inode: for each logical cluster (a block of the content) whether a compressed extent begins in
 * it, and where its blocks lie. It is full (8 bytes each) or compact (packs of 2 in 8 bytes, of 16 in 32).
 */

import { FormatError } from '../../core/errors.js';
import { UnsupportedError } from '../codec/codec.js';
import { alignUp } from './extents.js';
import type { ErofsInode } from './inode.js';
import { INCOMPAT } from './superblock.js';
import { EROFS, type ErofsVolume } from './volume.js';

/** What a compressed inode says of itself behind its attributes. */
export interface CompressionHeader {
  readonly offset: number;
  /** Bits, see `ADVISE`. */
  readonly advise: number;
  /** Numbers of the algorithms of both kinds of clusters. */
  readonly algorithms: readonly [number, number];
  /** Content bytes of a logical cluster, as a power of two. */
  readonly clusterBits: number;
  /** Bytes of the last extent behind the index; 0: it lies in blocks as the others. */
  readonly inlineBytes: number;
  /** Place of the end of the content in the packed inode, where `advise` says so. */
  readonly fragmentAt: number;
  /** Whether all of the content lies there; then there is no index. */
  readonly isFragment: boolean;
  readonly indexAt: number;
  /** Behind the last pack. */
  readonly indexEnd: number;
}

export const ADVISE = {
  packsOf16: 0x01,
  bigClusters1: 0x02,
  bigClusters2: 0x04,
  inlineTail: 0x08,
  interlaced: 0x10,
  fragment: 0x20,
} as const;

/** How a cluster takes part: `within` continues what began before it. */
export type ClusterType = 'stored' | 'head1' | 'within' | 'head2';

export interface ClusterIndex {
  readonly type: ClusterType;
  /** Where an extent begins in the cluster. */
  readonly offset: number;
  /** First block of its data; of no meaning for `within`. */
  readonly block: number;
  /** Of `within`: how many blocks the extent takes, on the first cluster that may say so; else 0. */
  readonly blocks: number;
  /** Whether the blocks hold more than this extent. */
  readonly isPartial: boolean;
  /** Of the record or its pack. */
  readonly at: number;
}

const HEADER_BYTES = 8;
const FULL_BYTES = 8;
/** Files of images without any of these keep no header. */
const HEADER_FEATURES = INCOMPAT.compressionConfigs | INCOMPAT.tailPacking | INCOMPAT.fragments;

/** Throws `FormatError` or `UnsupportedError`. */
export function readCompressionHeader(
  { metadata, superblock }: ErofsVolume,
  inode: ErofsInode,
): CompressionHeader {
  const offset = alignUp(inode.end, 8);
  const isFull = inode.layout === 'compressed-full';
  const blockBits = Math.log2(superblock.blockSize);
  const isBare = isFull && (superblock.featureIncompat & HEADER_FEATURES) === 0;
  const bits = isBare ? 0 : metadata.u8(offset + 7);
  const advise = isBare ? 0 : metadata.u16(offset + 4);
  const algorithms = isBare ? 0 : metadata.u8(offset + 6);
  const isFragment = (bits & 0x80) !== 0;
  const clusterBits = blockBits + (bits & 7);
  const indexAt = offset + HEADER_BYTES + (isFull ? 8 : 0);
  const count = isFragment ? 0 : Math.ceil(inode.size / 2 ** clusterBits);
  if (indexAt + count > metadata.size)
    throw new FormatError(EROFS, indexAt, `an index of ${count} clusters reaches beyond the end`);
  if (!isFragment && (advise & ~KNOWN_ADVISE) !== 0)
    throw new UnsupportedError(EROFS, offset + 4, `unknown advice 0x${advise.toString(16)}`);
  const whole = isFragment ? metadata.unsigned(offset, 8) & ~(1n << 63n) : 0n;
  return {
    offset,
    advise,
    algorithms: [algorithms & 15, algorithms >> 4],
    clusterBits,
    inlineBytes: (advise & ADVISE.inlineTail) === 0 ? 0 : metadata.u16(offset + 2),
    fragmentAt: isFragment ? Number(whole) : metadata.u32(offset),
    isFragment,
    indexAt,
    indexEnd: isFull ? indexAt + count * FULL_BYTES : packsEnd(indexAt, count, advise),
  };
}

const KNOWN_ADVISE = 0x3f;

/** One index per cluster of the content, in order. Throws `FormatError` or `UnsupportedError`. */
export function* clusterIndexes(
  volume: ErofsVolume,
  inode: ErofsInode,
  header: CompressionHeader,
): Generator<ClusterIndex, void, undefined> {
  const count = Math.ceil(inode.size / 2 ** header.clusterBits);
  if (inode.layout === 'compressed-full') yield* fullIndexes(volume, header, count);
  else
    for (const run of packs(header.indexAt, count, header.advise))
      yield* packedIndexes(volume, header, run);
}

const TYPES: readonly ClusterType[] = ['stored', 'head1', 'within', 'head2'];
const COUNTS_BLOCKS = 1 << 11;
const PARTIAL = 1 << 15;

function* fullIndexes(
  { metadata }: ErofsVolume,
  { indexAt }: CompressionHeader,
  count: number,
): Generator<ClusterIndex> {
  for (let at = indexAt; at < indexAt + count * FULL_BYTES; at += FULL_BYTES) {
    const advise = metadata.u16(at);
    const type = TYPES[advise & 3]!;
    const distance = metadata.u16(at + 4);
    yield {
      type,
      offset: metadata.u16(at + 2),
      block: metadata.u32(at + 4),
      blocks: type === 'within' && (distance & COUNTS_BLOCKS) !== 0 ? distance & ~COUNTS_BLOCKS : 0,
      isPartial: (advise & PARTIAL) !== 0,
      at,
    };
  }
}

/** Clusters that lie in packs of one size. */
interface PackRun {
  readonly at: number;
  /** In clusters. */
  readonly length: number;
  /** Clusters and bytes of a pack. */
  readonly entries: 2 | 16;
  readonly bytes: 8 | 32;
}

/** Small packs up to a border of 32 bytes, then large ones where the file has them, then small ones. */
function packs(indexAt: number, count: number, advise: number): readonly PackRun[] {
  const before = Math.min(count, ((32 - (indexAt % 32)) % 32) / 4);
  const large = (advise & ADVISE.packsOf16) === 0 ? 0 : Math.floor((count - before) / 16) * 16;
  const largeAt = indexAt + before * 4;
  const small = { entries: 2, bytes: 8 } as const;
  return [
    { at: indexAt, length: before, ...small },
    { at: largeAt, length: large, entries: 16, bytes: 32 },
    { at: largeAt + large * 2, length: count - before - large, ...small },
  ];
}

function packsEnd(indexAt: number, count: number, advise: number): number {
  const last = packs(indexAt, count, advise).findLast(({ length }) => length > 0);
  return last === undefined
    ? indexAt
    : last.at + Math.ceil(last.length / last.entries) * last.bytes;
}

/**
 * A pack is its clusters, each two bits of type above the bits of an offset, and the block that counting begins at: in front
 * of its first extent, or at it where extents may have several blocks.
 */
function* packedIndexes(
  { metadata }: ErofsVolume,
  { clusterBits, advise, offset }: CompressionHeader,
  { at: start, length, entries, bytes }: PackRun,
): Generator<ClusterIndex> {
  if (length > 0 && clusterBits > (entries === 16 ? 12 : 14))
    throw new UnsupportedError(EROFS, offset + 7, `compact indexes of 2^${clusterBits} bytes`);
  const lowBits = Math.max(clusterBits, 12);
  const entryBits = ((bytes - 4) * 8) / entries;
  const isBig = (advise & (ADVISE.bigClusters1 | ADVISE.bigClusters2)) !== 0;
  for (let done = 0, at = start; done < length; done += entries, at += bytes) {
    let block = metadata.u32(at + bytes - 4) + (isBig ? 0 : 1);
    for (let i = 0; i < Math.min(entries, length - done); i++) {
      const bit = i * entryBits;
      // Four bytes, which the pack always has from here on.
      const value = metadata.u32(at + (bit >> 3)) >>> (bit & 7);
      const low = value & ((1 << lowBits) - 1);
      const type = TYPES[(value >>> lowBits) & 3]!;
      if (type !== 'within') {
        yield { type, offset: low, block, blocks: 0, isPartial: false, at };
        block += 1;
        continue;
      }
      const blocks = isBig && (low & COUNTS_BLOCKS) !== 0 ? low & ~COUNTS_BLOCKS : 0;
      // The extent has counted as one block already, unless it began in the pack before.
      if (blocks > 0) block += i === 0 ? blocks : blocks - 1;
      yield { type, offset: 0, block: 0, blocks, isPartial: false, at };
    }
  }
}
