/** Small squashfs images, made in code: every kind of inode, blocks compressed by zlib or stored. */

import { deflateSync } from 'node:zlib';

export interface SquashfsOptions {
  /** Seconds; of the image. */
  readonly mkfsTime?: number;
  /** Seconds; of the file `small`. */
  readonly mtime?: number;
  /** Of zlib. */
  readonly level?: number;
  /** Changes the inodes or the listings before they are packed; `places` are offsets of inodes. */
  readonly spoil?: (parts: SquashfsParts) => void;
}

export interface SquashfsParts {
  readonly inodes: Buffer;
  readonly listings: Buffer;
  readonly places: Readonly<Record<SampleInode, number>>;
}

export type SampleInode = 'small' | 'file' | 'sparse' | 'link' | 'empty' | 'folder' | 'root';

const STORED = 0x100_0000;
const NONE = 0xffff_ffff;
const BLOCK = 4096;

/** A builder of bytes, little-endian. */
class Writer {
  #parts: Buffer[] = [];
  length = 0;

  u16(...values: readonly number[]): this {
    for (const value of values) this.bytes(Uint8Array.of(value & 0xff, (value >> 8) & 0xff));
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(value >>> 0);
      this.bytes(bytes);
    }
    return this;
  }

  u64(...values: readonly number[]): this {
    for (const value of values) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(value < 0 ? 0xffff_ffff_ffff_ffffn : BigInt(value));
      this.bytes(bytes);
    }
    return this;
  }

  bytes(bytes: Uint8Array | string): this {
    const part = Buffer.from(bytes as string, 'latin1');
    this.#parts.push(part);
    this.length += part.length;
    return this;
  }

  all(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** One metadata block, stored or compressed, whichever is shorter. */
function metadata(content: Buffer, level: number): Buffer {
  const packed = deflateSync(content, { level });
  const isPacked = packed.length < content.length;
  const body = isPacked ? packed : content;
  return new Writer()
    .u16(body.length | (isPacked ? 0 : 0x8000))
    .bytes(body)
    .all();
}

/** What lies in the image beside `squashfsSample`: `file` has a block, `sparse` a hole, `small` and `hard` are one inode. */
export function squashfsSample(options: SquashfsOptions = {}): Uint8Array {
  const { mkfsTime = 1_767_225_700, mtime = 1_767_225_800, level = 9, spoil } = options;
  const out = new Writer();
  out.bytes(Buffer.alloc(96));
  out.u16(0x8008).u32(level).u16(15, 1);
  const blockAt = out.length;
  const block = deflateSync(Buffer.alloc(BLOCK, 'block of a file '), { level });
  out.bytes(block);
  const fragmentAt = out.length;
  const fragment = Buffer.from('small content\nend of file\n');
  out.bytes(fragment);

  const inodes = new Writer();
  let number = 0;
  const inode = (type: number, mode: number, time = 1_767_225_601): number => {
    const at = inodes.length;
    inodes.u16(type, mode, 0, 1).u32(time, ++number);
    return at;
  };
  const small = inode(2, 0o644, mtime);
  inodes.u32(0, 0, 0, 14);
  const file = inode(9, 0o4755);
  inodes.u64(blockAt, BLOCK + 12, 0).u32(1, 0, 14, 0, block.length);
  const sparse = inode(9, 0o600);
  inodes.u64(0, BLOCK, BLOCK).u32(1, NONE, 0, NONE, 0);
  const link = inode(3, 0o777);
  inodes.u32(1, 5).bytes('small');
  const device = inode(5, 0o600);
  inodes.u32(1, (5 << 8) | 1);
  const block_ = inode(11, 0o660);
  inodes.u32(1, (7 << 8) | 200, NONE);
  const pipe = inode(6, 0o600);
  inodes.u32(1);
  const socket = inode(14, 0o600);
  inodes.u32(1, NONE);

  const listings = new Writer();
  const listing = (names: readonly (readonly [string, number, number])[]): readonly number[] => {
    const at = listings.length;
    listings.u32(names.length - 1, 0, 1);
    for (const [name, at_, type] of names) listings.u16(at_, 0, type, name.length - 1).bytes(name);
    return [at, listings.length - at];
  };
  const empty = inode(1, 0o755);
  inodes.u32(0, 2).u16(3, 0).u32(10);
  const [folderAt, folderBytes] = listing([
    ['empty', empty, 1],
    ['hard', small, 2],
  ]);
  const folder = inode(1, 0o1777);
  inodes
    .u32(0, 3)
    .u16(folderBytes! + 3, folderAt!)
    .u32(11);
  const [rootAt, rootBytes] = listing([
    ['block', block_, 4],
    ['device', device, 5],
    ['file', file, 2],
    ['folder', folder, 1],
    ['link', link, 3],
    ['pipe', pipe, 6],
    ['small', small, 2],
    ['socket', socket, 7],
    ['sparse', sparse, 2],
  ]);
  const root = inode(8, 0o755);
  inodes
    .u32(3, rootBytes! + 3, 0, 12)
    .u16(1, rootAt!)
    .u32(NONE)
    .u32(0, 0, 4)
    .bytes('block');

  const table = (content: Buffer): Buffer => metadata(content, level);
  const parts = { inodes: inodes.all(), listings: listings.all() };
  spoil?.({ ...parts, places: { small, file, sparse, link, empty, folder, root } });
  const inodeTable = out.length;
  out.bytes(table(parts.inodes));
  const directoryTable = out.length;
  out.bytes(table(parts.listings));
  const lookup = (content: Buffer): number => {
    const at = out.length;
    out.bytes(table(content));
    const start = out.length;
    out.u64(at);
    return start;
  };
  const fragmentTable = lookup(
    new Writer()
      .u64(fragmentAt)
      .u32(fragment.length | STORED, 0)
      .all(),
  );
  const refs = [small, file, sparse, link, device, block_, pipe, socket, empty, folder, root];
  const exportTable = lookup(new Writer().u64(...refs).all());
  const idTable = lookup(new Writer().u32(0, 1000).all());
  const valuesAt = out.length;
  const values = new Writer();
  values.u16(0, 4).bytes('note').u32(5).bytes('value');
  const first = values.length;
  values.u16(2, 2).bytes('ab').u32(3).bytes('abc');
  values.u16(0x101, 5).bytes('there').u32(8).u64(8);
  out.bytes(table(values.all()));
  const setsAt = out.length;
  out.bytes(table(new Writer().u64(first).u32(2, 28).u64(0).u32(1, 17).all()));
  const xattrTable = out.length;
  out.u64(valuesAt).u32(2, 0).u64(setsAt);
  const bytesUsed = out.length;
  out.bytes(Buffer.alloc((512 - (bytesUsed % 512)) % 512));

  const bytes = out.all();
  const head = new Writer();
  head.bytes('hsqs').u32(number, mkfsTime, BLOCK, 1).u16(1, 12, 0x4c0, 2, 4, 0);
  head.u64(root, bytesUsed, idTable, xattrTable, inodeTable, directoryTable, fragmentTable);
  head.u64(exportTable);
  bytes.set(head.all());
  return Uint8Array.from(bytes);
}
