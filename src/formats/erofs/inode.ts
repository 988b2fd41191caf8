/** Inodes of EROFS, in their short (32 bytes) and long (64 bytes) form. */

import { typeOfMode, type EntryType } from '../../core/entry.js';
import { FormatError } from '../../core/errors.js';
import { EROFS, type ErofsVolume } from './volume.js';

/** How the content of an inode is stored, by the number in `i_format`. */
const LAYOUTS = ['plain', 'compressed-full', 'inline', 'compressed-compact', 'chunks'] as const;
export type ErofsLayout = (typeof LAYOUTS)[number];

export interface ErofsInode {
  readonly nid: number;
  /** Of the inode in the image. */
  readonly offset: number;
  /** 32 or 64. */
  readonly headerBytes: number;
  readonly layout: ErofsLayout;
  readonly type: EntryType;
  /** `st_mode`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of its content; `Infinity` beyond 2^53. */
  readonly size: number;
  readonly linkCount: number;
  /** `i_ino`. */
  readonly number: number;
  /** `i_mtime`, seconds since 1970 and nanoseconds; null for short inodes, which have the build time. */
  readonly mtime: { readonly seconds: bigint; readonly nanoseconds: number } | null;
  /** `i_u`: block of the content, count of compressed blocks, form of the chunks, or device. */
  readonly place: number;
  /** Bytes of attributes behind the header. */
  readonly xattrBytes: number;
  /** Behind the attributes: where indexes and inline data begin. */
  readonly end: number;
}

const SLOT_BYTES = 32;
const XATTR_HEADER_BYTES = 12;

/** Throws `FormatError`. */
export function readErofsInode(
  { metadata, superblock }: Pick<ErofsVolume, 'metadata' | 'superblock'>,
  nid: number,
): ErofsInode {
  const offset = superblock.inodesAt + nid * SLOT_BYTES;
  if (!Number.isSafeInteger(offset) || offset + SLOT_BYTES > metadata.size)
    throw new FormatError(EROFS, Math.min(offset, metadata.size), `inode ${nid} is beyond the end`);
  const format = metadata.u16(offset);
  const isLong = (format & 1) !== 0;
  const layout = LAYOUTS[(format >> 1) & 7];
  if (layout === undefined || format >> 4 !== 0)
    throw new FormatError(EROFS, offset, `an inode of the unknown format ${format}`);
  const mode = metadata.u16(offset + 4);
  const type = typeOfMode(mode);
  if (type === null)
    throw new FormatError(EROFS, offset + 4, `mode 0${mode.toString(8)} has no known type`);
  const slots = metadata.u16(offset + 2);
  const headerBytes = isLong ? 64 : SLOT_BYTES;
  const xattrBytes = slots === 0 ? 0 : XATTR_HEADER_BYTES + 4 * (slots - 1);
  const common = {
    nid,
    offset,
    headerBytes,
    layout,
    type,
    mode,
    place: metadata.u32(offset + 16),
    number: metadata.u32(offset + 20),
    xattrBytes,
    end: offset + headerBytes + xattrBytes,
  };
  if (!isLong)
    return {
      ...common,
      linkCount: metadata.u16(offset + 6),
      size: metadata.u32(offset + 8),
      uid: metadata.u16(offset + 24),
      gid: metadata.u16(offset + 26),
      mtime: null,
    };
  const size = metadata.unsigned(offset + 8, 8);
  return {
    ...common,
    size: size > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(size),
    uid: metadata.u32(offset + 24),
    gid: metadata.u32(offset + 28),
    mtime: {
      seconds: BigInt.asIntN(64, metadata.unsigned(offset + 32, 8)),
      nanoseconds: metadata.u32(offset + 40),
    },
    linkCount: metadata.u32(offset + 44),
  };
}

/** Device numbers as the kernel packs them: 12 bits of major, 20 of minor around them. */
export function erofsDevice({ place }: Pick<ErofsInode, 'place'>): {
  readonly major: number;
  readonly minor: number;
} {
  return { major: (place >>> 8) & 0xfff, minor: (place & 0xff) | ((place >>> 12) & 0xfff00) };
}
