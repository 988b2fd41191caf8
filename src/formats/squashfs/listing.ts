/** Listings of squashfs directories: runs of names, each run with what its inodes have in common. */

import { FormatError } from '../../core/errors.js';
import type { MetadataCursor } from './metadata.js';
import { SQUASHFS } from './superblock.js';

export interface ListedName {
  /** Latin1 bytes; any that there are. */
  readonly name: string;
  /** Where its inode lies: offset of the metadata block in the inode table times 65,536, and offset in the block. */
  readonly inode: number;
}

const HEAD_BYTES = 12;
/** Of an entry, in front of its name. */
export const ENTRY_BYTES = 8;
/** A run has at most so many names. */
const MOST_NAMES = 256;

/** The names in the next `length` bytes. Throws `FormatError` where they make no sense. */
export async function* readListing(
  cursor: MetadataCursor,
  length: number,
): AsyncGenerator<ListedName> {
  for (let left = length; left > 0;) {
    const head = await cursor.take(HEAD_BYTES);
    left -= HEAD_BYTES;
    const names = head.readUInt32LE(0) + 1;
    if (names > MOST_NAMES)
      throw new FormatError(SQUASHFS, cursor.at, `a run of ${names} names in a directory`);
    const start = head.readUInt32LE(4);
    for (let i = 0; i < names; i++) {
      const entry = await cursor.take(ENTRY_BYTES);
      const nameBytes = entry.readUInt16LE(6) + 1;
      const name = (await cursor.take(nameBytes)).toString('latin1');
      left -= ENTRY_BYTES + nameBytes;
      if (left < 0) throw new FormatError(SQUASHFS, cursor.at, 'a listing longer than it says');
      yield { name, inode: inodeAt(start, entry.readUInt16LE(0)) };
    }
  }
}

/** The place of an inode as one number. */
export function inodeAt(block: number, offset: number): number {
  return block * 65_536 + offset;
}
