/** Extended attributes of EROFS: those behind an inode, and those that inodes share. */

import type { Xattr } from '../../core/entry.js';
import { FormatError } from '../../core/errors.js';
import { latin1 } from '../byte-fields.js';
import type { ErofsInode } from './inode.js';
import { EROFS, type ErofsVolume } from './volume.js';

/** What names begin with, by `e_name_index`. */
const SHORT_PREFIXES = [
  '',
  'user.',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'trusted.',
  'lustre.',
  'security.',
] as const;
const LONG_PREFIX = 0x80;
const HEADER_BYTES = 12;

/** An attribute with the place of its entry; that of a shared one lies elsewhere. */
export interface ErofsXattr extends Xattr {
  readonly offset: number;
  /** Of the entry with its padding. */
  readonly length: number;
}

/** In the order of the image, shared ones first. `longPrefixes` are those of the image. Throws `FormatError`. */
export function readErofsXattrs(
  { metadata, superblock }: ErofsVolume,
  inode: Pick<ErofsInode, 'offset' | 'headerBytes' | 'xattrBytes' | 'end'>,
  longPrefixes: readonly string[],
): readonly ErofsXattr[] {
  if (inode.xattrBytes === 0) return [];
  const start = inode.offset + inode.headerBytes;
  if (inode.end > metadata.size)
    throw new FormatError(EROFS, start, 'attributes reach beyond the end');
  const entryAt = (offset: number): ErofsXattr => readEntry(metadata, offset, longPrefixes);
  const sharedCount = metadata.u8(start + 4);
  let at = start + HEADER_BYTES + 4 * sharedCount;
  if (at > inode.end)
    throw new FormatError(EROFS, start + 4, `${sharedCount} shared attributes do not fit`);
  const found: ErofsXattr[] = [];
  for (let id = start + HEADER_BYTES; id < at; id += 4)
    found.push(entryAt(superblock.xattrsAt + 4 * metadata.u32(id)));
  while (at < inode.end) {
    // Zeros fill the rest.
    if (metadata.u32(at) === 0) {
      at += 4;
      continue;
    }
    const entry = entryAt(at);
    at += entry.length;
    if (at > inode.end)
      throw new FormatError(EROFS, entry.offset, 'an attribute reaches out of its inode');
    found.push(entry);
  }
  return found;
}

function readEntry(
  metadata: ErofsVolume['metadata'],
  offset: number,
  longPrefixes: readonly string[],
): ErofsXattr {
  const nameBytes = metadata.u8(offset);
  const index = metadata.u8(offset + 1);
  const valueBytes = metadata.u16(offset + 2);
  const prefix =
    (index & LONG_PREFIX) === 0 ? SHORT_PREFIXES[index] : longPrefixes[index & ~LONG_PREFIX];
  if (prefix === undefined)
    throw new FormatError(EROFS, offset + 1, `an attribute of the unknown class ${index}`);
  const bytes = metadata.bytes(offset + 4, nameBytes + valueBytes);
  return {
    name: prefix + latin1(bytes.subarray(0, nameBytes)),
    value: latin1(bytes.subarray(nameBytes)),
    offset,
    length: (4 + nameBytes + valueBytes + 3) & ~3,
  };
}

/** The long prefixes, `count` of them from the start of `bytes` on: a length, a short prefix, the rest. Throws `FormatError`. */
export function readLongPrefixes(bytes: Uint8Array, count: number): readonly string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const prefixes: string[] = [];
  for (let at = 0; prefixes.length < count;) {
    const length = at + 2 <= bytes.length ? view.getUint16(at, true) : 0;
    if (length === 0 || at + 2 + length > bytes.length)
      throw new FormatError(EROFS, at, `expected ${count} prefixes, found ${prefixes.length}`);
    const base = SHORT_PREFIXES[bytes[at + 2]!];
    if (base === undefined)
      throw new FormatError(EROFS, at + 2, `a prefix of the unknown class ${bytes[at + 2]!}`);
    prefixes.push(base + latin1(bytes.subarray(at + 3, at + 2 + length)));
    at += (2 + length + 3) & ~3;
  }
  return prefixes;
}
