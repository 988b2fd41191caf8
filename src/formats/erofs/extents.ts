/** Where the content of an inode that is not compressed lies: in one run, with its end behind the inode, or in chunks. */

import { FormatError } from '../../core/errors.js';
import { UnsupportedError } from '../codec/codec.js';
import type { ErofsInode } from './inode.js';
import { EROFS, type ErofsVolume } from './volume.js';

export interface ErofsExtent {
  /** In the content. */
  readonly from: number;
  readonly length: number;
  /** In the image; null for a hole, which reads as zeros. */
  readonly at: number | null;
}

/** In the order of the content; neighbours of chunks are joined. Throws `FormatError`, and `UnsupportedError` for other devices. */
export function* flatExtents(
  volume: ErofsVolume,
  inode: ErofsInode,
): Generator<ErofsExtent, void, undefined> {
  if (inode.size === 0) return;
  if (inode.layout === 'chunks') yield* joined(chunkExtents(volume, inode));
  else yield* runExtents(volume, inode);
}

/** What is stored in chunks has its table behind the attributes: where it begins, and its bytes. */
export function chunkTable(
  { superblock }: Pick<ErofsVolume, 'superblock'>,
  { place, size, end }: Pick<ErofsInode, 'place' | 'size' | 'end'>,
): {
  readonly at: number;
  readonly entryBytes: 4 | 8;
  readonly chunkBytes: number;
  readonly count: number;
} {
  const entryBytes = (place & HAS_INDEXES) === 0 ? 4 : 8;
  const chunkBytes = superblock.blockSize * 2 ** (place & CHUNK_BITS);
  return {
    at: alignUp(end, entryBytes),
    entryBytes,
    chunkBytes,
    count: Math.ceil(size / chunkBytes),
  };
}

export function alignUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

const HAS_INDEXES = 0x20;
const CHUNK_BITS = 0x1f;
const NO_BLOCK = 0xffff_ffff;

function* runExtents(
  { superblock }: ErofsVolume,
  { layout, size, place, end, offset }: ErofsInode,
): Generator<ErofsExtent> {
  const { blockSize } = superblock;
  const isInline = layout === 'inline';
  const inBlocks = isInline ? (Math.ceil(size / blockSize) - 1) * blockSize : size;
  if (inBlocks > 0) yield { from: 0, length: inBlocks, at: place * blockSize };
  if (!isInline) return;
  const tail = size - inBlocks;
  if ((end % blockSize) + tail > blockSize)
    throw new FormatError(EROFS, offset, `${tail} bytes behind the inode cross a block`);
  yield { from: inBlocks, length: tail, at: end };
}

function* chunkExtents(volume: ErofsVolume, inode: ErofsInode): Generator<ErofsExtent> {
  const { metadata, superblock } = volume;
  const { at, entryBytes, chunkBytes, count } = chunkTable(volume, inode);
  if (inode.place >>> 6 !== 0)
    throw new FormatError(EROFS, inode.offset + 16, `an unknown form of chunks, ${inode.place}`);
  if (at + count * entryBytes > metadata.size)
    throw new FormatError(EROFS, at, `the table of ${count} chunks reaches beyond the end`);
  for (let index = 0; index < count; index++) {
    const entry = at + index * entryBytes;
    const block = metadata.u32(entry + entryBytes - 4);
    const from = index * chunkBytes;
    const length = Math.min(chunkBytes, inode.size - from);
    if (block === NO_BLOCK) {
      yield { from, length, at: null };
      continue;
    }
    const device = entryBytes === 8 ? metadata.u16(entry + 2) & deviceMask(superblock) : 0;
    if (device !== 0)
      throw new UnsupportedError(EROFS, entry, `the content lies on device ${device}, not here`);
    yield { from, length, at: block * superblock.blockSize };
  }
}

/** Device numbers use as many bits as there are devices, the image itself among them. */
function deviceMask({ extraDevices }: ErofsVolume['superblock']): number {
  return extraDevices === 0 ? 0 : 2 ** Math.ceil(Math.log2(extraDevices + 1)) - 1;
}

function* joined(extents: Iterable<ErofsExtent>): Generator<ErofsExtent> {
  let run: { from: number; length: number; readonly at: number | null } | null = null;
  for (const { from, length, at } of extents) {
    if (run !== null && at === (run.at === null ? null : run.at + run.length)) run.length += length;
    else {
      if (run !== null) yield run;
      run = { from, length, at };
    }
  }
  if (run !== null) yield run;
}
