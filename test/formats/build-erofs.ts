/** A small EROFS image with a file, a symbolic link and attributes, made in code. */

import { crc32c } from '../../src/formats/crc32c.js';

/** Blocks of 512 bytes: two in front, the superblock, and one of metadata. */
export function erofsSample(): Uint8Array {
  const bytes = Buffer.alloc(2048);
  bytes.writeUInt32LE(0xe0f5e1e2, 1024);
  bytes.writeUInt32LE(1, 1032);
  bytes[1036] = 9;
  bytes.writeBigUInt64LE(3n, 1040);
  bytes.writeBigUInt64LE(1700000000n, 1048);
  bytes.writeUInt32LE(77, 1056);
  bytes.writeUInt32LE(4, 1060);
  bytes.writeUInt32LE(3, 1064);
  bytes.write('00112233445566778899aabbccddeeff', 1072, 'hex');
  bytes.write('root', 1088, 'latin1');
  bytes.writeUInt32LE(crc32c(bytes.subarray(1024, 1536)), 1028);
  const names = ['.', '..', 'file', 'link'];
  const listing = direntBlock(names, [0, 0, FILE_SLOT, LINK_SLOT], [2, 2, 1, 7]);
  putShort(bytes, 0, { mode: 0o40755, size: listing.length, links: 2, number: 1 });
  listing.copy(bytes, METADATA + 32);
  putLong(bytes);
  putShort(bytes, LINK_SLOT, { mode: 0o120777, size: 4, links: 1, number: 3 });
  bytes.write('file', METADATA + 32 * LINK_SLOT + 32, 'latin1');
  return bytes;
}

const METADATA = 1536;
const FILE_SLOT = 3;
const LINK_SLOT = 8;
const INLINE = 2 << 1;

interface ShortInode {
  readonly mode: number;
  readonly size: number;
  readonly links: number;
  readonly number: number;
}

function putShort(bytes: Buffer, slot: number, { mode, size, links, number }: ShortInode): void {
  const at = METADATA + 32 * slot;
  bytes.writeUInt16LE(INLINE, at);
  bytes.writeUInt16LE(mode, at + 4);
  bytes.writeUInt16LE(links, at + 6);
  bytes.writeUInt32LE(size, at + 8);
  bytes.writeUInt32LE(number, at + 20);
  bytes.writeUInt16LE(1000, at + 24);
  bytes.writeUInt16LE(100, at + 26);
}

/** The file: `hello\n`, with one attribute. */
function putLong(bytes: Buffer): void {
  const at = METADATA + 32 * FILE_SLOT;
  bytes.writeUInt16LE(INLINE | 1, at);
  // A header of 12 bytes and an entry of 8.
  bytes.writeUInt16LE(3, at + 2);
  bytes.writeUInt16LE(0o100644, at + 4);
  bytes.writeBigUInt64LE(6n, at + 8);
  bytes.writeUInt32LE(2, at + 20);
  bytes.writeUInt32LE(70_000, at + 24);
  bytes.writeBigInt64LE(-2n, at + 32);
  bytes.writeUInt32LE(500_000_000, at + 40);
  bytes.writeUInt32LE(1, at + 44);
  bytes.writeUInt8(1, at + 76);
  bytes.writeUInt8(1, at + 77);
  bytes.writeUInt16LE(3, at + 78);
  bytes.write('nval', at + 80, 'latin1');
  bytes.write('hello\n', at + 84, 'latin1');
}

/** A block of entries. */
export function direntBlock(
  names: readonly string[],
  nids: readonly number[],
  types: readonly number[],
): Buffer {
  const head = Buffer.alloc(12 * names.length);
  let at = head.length;
  names.forEach((name, i) => {
    head.writeBigUInt64LE(BigInt(nids[i]!), 12 * i);
    head.writeUInt16LE(at, 12 * i + 8);
    head.writeUInt8(types[i]!, 12 * i + 10);
    at += name.length;
  });
  return Buffer.concat([head, Buffer.from(names.join(''), 'latin1')]);
}
