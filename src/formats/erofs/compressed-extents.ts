/** The extents of a compressed inode: which bytes of the content come out of which bytes of the image. */

import { FormatError } from '../../core/errors.js';
import {
  ADVISE,
  clusterIndexes,
  type ClusterIndex,
  type CompressionHeader,
} from './compression-index.js';
import type { ErofsInode } from './inode.js';
import { EROFS, type ErofsVolume } from './volume.js';

export interface CompressedExtent {
  /** In the content. */
  readonly from: number;
  readonly length: number;
  /** Compressed bytes in the image; those of a fragment in the packed inode. */
  readonly at: number;
  readonly bytes: number;
  /** `stored`: not compressed. `interlaced`: neither, and turned so that its place in a block is that of the content. */
  readonly form: 'stored' | 'interlaced' | 'fragment' | 'compressed';
  /** Number of the algorithm. */
  readonly algorithm: number;
  /** Whether the compressed bytes hold more than is wanted. */
  readonly isPartial: boolean;
}

/** The kernel takes no longer ones. */
const MAX_LENGTH = 12 * 1024 * 1024;
const MAX_BYTES = 1024 * 1024;

/** In the order of the content, without a hole. Throws `FormatError` or `UnsupportedError`. */
export function* compressedExtents(
  volume: ErofsVolume,
  inode: ErofsInode,
  header: CompressionHeader,
): Generator<CompressedExtent, void, undefined> {
  if (inode.size === 0) return;
  if (header.isFragment) {
    yield fragment(header, 0, inode.size);
    return;
  }
  const isFull = inode.layout === 'compressed-full';
  const finish = (head: Head, end: number, isLast: boolean): CompressedExtent =>
    extentOf(volume, header, { ...head, length: end - head.from, isFull, isLast });
  let head: Head | null = null;
  let cluster = 0;
  for (const index of clusterIndexes(volume, inode, header)) {
    const start = cluster++ * 2 ** header.clusterBits;
    if (index.type === 'within') {
      // Only the first of them may count blocks.
      if (head !== null && !head.isCounted && index.blocks > 0) head.blocks = index.blocks;
      if (head !== null) head.isCounted = true;
      continue;
    }
    const from = start + index.offset;
    if (index.offset >= 2 ** header.clusterBits || (head === null && from !== 0))
      throw new FormatError(EROFS, index.at, `an extent that begins at ${from}`);
    // What begins at the end only says where the last one ends.
    if (from >= inode.size) break;
    if (head !== null) yield finish(head, from, false);
    head = { from, index, blocks: 0, isCounted: false };
  }
  if (head === null) throw new FormatError(EROFS, header.indexAt, 'an index without an extent');
  yield finish(head, inode.size, true);
}

interface Head {
  readonly from: number;
  readonly index: ClusterIndex;
  blocks: number;
  isCounted: boolean;
}

function extentOf(
  { superblock }: ErofsVolume,
  header: CompressionHeader,
  {
    from,
    index,
    blocks,
    length,
    isFull,
    isLast,
  }: Head & { readonly length: number; readonly isFull: boolean; readonly isLast: boolean },
): CompressedExtent {
  const { advise, clusterBits, algorithms } = header;
  if (isLast && (advise & ADVISE.fragment) !== 0)
    // Compact indexes have no place for the upper half of a far away one.
    return fragment(header, from, length, isFull ? index.block : 0);
  if (length > MAX_LENGTH) throw new FormatError(EROFS, index.at, `an extent of ${length} bytes`);
  const { type } = index;
  const bigFlag = type === 'head2' ? ADVISE.bigClusters2 : ADVISE.bigClusters1;
  const isBig = type !== 'stored' && (advise & bigFlag) !== 0;
  const isInline = isLast && (advise & ADVISE.inlineTail) !== 0;
  const clusterBytes = 2 ** clusterBits;
  const bytes = isInline
    ? header.inlineBytes
    : isBig && blocks > 0
      ? blocks * superblock.blockSize
      : clusterBytes;
  if (bytes > MAX_BYTES) throw new FormatError(EROFS, index.at, `${bytes} compressed bytes`);
  const isStored = type === 'stored';
  if (isStored && length > bytes)
    throw new FormatError(EROFS, index.at, `${length} stored bytes in ${bytes}`);
  const isInterlaced = isStored && (advise & ADVISE.interlaced) !== 0;
  return {
    from,
    length,
    at: isInline ? header.indexEnd : index.block * superblock.blockSize,
    bytes,
    form: isInterlaced ? 'interlaced' : isStored ? 'stored' : 'compressed',
    algorithm: algorithms[type === 'head2' ? 1 : 0],
    isPartial: index.isPartial,
  };
}

function fragment(
  { fragmentAt, isFragment }: CompressionHeader,
  from: number,
  length: number,
  high = 0,
): CompressedExtent {
  const at = isFragment ? fragmentAt : fragmentAt + high * 2 ** 32;
  return { from, length, at, bytes: length, form: 'fragment', algorithm: 0, isPartial: false };
}
