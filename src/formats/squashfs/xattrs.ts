/** Extended attributes of squashfs: lists of names and values; equal values may lie elsewhere, once for all. */

import type { Xattr } from '../../core/entry.js';
import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { toOffset } from '../byte-fields.js';
import { lookupTable, recordOf, type LookupTable } from './lookup-table.js';
import type { Metadata, MetadataCursor } from './metadata.js';
import { SQUASHFS } from './superblock.js';

export interface XattrTable {
  /** Of the metadata that holds names and values. */
  readonly valuesStart: number;
  /** A record for each set of attributes. */
  readonly sets: LookupTable;
}

const HEAD_BYTES = 16;
const SET_BYTES = 16;
const PREFIXES = ['user.', 'trusted.', 'security.'];
const ELSEWHERE = 0x100;
/** XATTR_SIZE_MAX of Linux, more attributes than its XATTR_LIST_MAX has room for, and bytes of one inode. */
const MOST_VALUE = 65_536;
const MOST_ATTRIBUTES = 16_384;
const MOST_BYTES = 4 * 1024 * 1024;

/** Throws `FormatError`. */
export function readXattrTable(image: RandomAccess, start: number): XattrTable {
  const head = Buffer.from(start + HEAD_BYTES <= image.size ? image.read(start, HEAD_BYTES) : []);
  if (head.length < HEAD_BYTES) throw new FormatError(SQUASHFS, start, 'no table of xattrs');
  return {
    valuesStart: toOffset(head.readBigUInt64LE(0)),
    sets: lookupTable('xattrs', start + HEAD_BYTES, head.readUInt32LE(8), SET_BYTES),
  };
}

/** Set number `index`, sorted by the bytes of the names. Throws `FormatError`. */
export async function readXattrs(
  image: RandomAccess,
  metadata: Metadata,
  { valuesStart, sets }: XattrTable,
  index: number,
): Promise<readonly Xattr[]> {
  const set = await recordOf(image, metadata, sets, index);
  const count = set.readUInt32LE(8);
  if (count > MOST_ATTRIBUTES)
    throw new FormatError(SQUASHFS, sets.start, `${count} extended attributes of one inode`);
  const cursor = cursorAt(metadata, valuesStart, set);
  const found: Xattr[] = [];
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const head = await cursor.take(4);
    const type = head.readUInt16LE(0);
    const prefix = PREFIXES[type & 0xff];
    if (prefix === undefined)
      throw new FormatError(SQUASHFS, cursor.at, `no xattr has the type ${type}`);
    const name = (await cursor.take(head.readUInt16LE(2))).toString('latin1');
    const own = await valueAt(cursor);
    const value =
      (type & ELSEWHERE) === 0 ? own : await valueAt(cursorAt(metadata, valuesStart, own));
    bytes += name.length + value.length;
    if (bytes > MOST_BYTES)
      throw new FormatError(SQUASHFS, cursor.at, `more than ${MOST_BYTES} bytes of xattrs`);
    found.push({ name: `${prefix}${name}`, value: value.toString('latin1') });
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** 48 bits of offset from the first block, 16 of offset in the block. */
function cursorAt(metadata: Metadata, start: number, reference: Buffer): MetadataCursor {
  if (reference.length < 8)
    throw new FormatError(SQUASHFS, start, 'expected the place of a value elsewhere');
  const place = reference.readBigUInt64LE(0);
  return metadata.cursor({ block: start + Number(place >> 16n), offset: Number(place & 0xffffn) });
}

async function valueAt(cursor: MetadataCursor): Promise<Buffer> {
  const length = (await cursor.take(4)).readUInt32LE(0);
  if (length > MOST_VALUE)
    throw new FormatError(SQUASHFS, cursor.at, `the value of an xattr has ${length} bytes`);
  return cursor.take(length);
}
