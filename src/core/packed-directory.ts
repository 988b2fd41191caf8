/**
 * The packed form of one directory: what crosses from workers to the main thread, what the digests are
 * taken over, and what a store turns into rows.
 *
 * `records` holds one record per entry in byte order of the names, little-endian, without padding:
 *
 *     u16 name length, name
 *     u8  coverage (0 full, 1 unreadable, 2 unstable, 3 mount point), and in the higher bits what is not known (core/coverage.ts)
 *     u32 st_mode, u32 uid, u32 gid
 *     file:        u64 size, u8 digests (1 XXH64, 2 SHA-256), [8 bytes XXH64], [32 bytes SHA-256]
 *     symlink:     u16 target length, target
 *     char, block: u32 major, u32 minor
 *     u16 number of xattrs, each: u16 name length, name, u32 value length, value
 *
 * Times are apart, so that a digest without them is one hash over `records`. Inode numbers, device numbers,
 * link counts, directory sizes, atime and ctime are volatile and never part of it.
 */

import { coverageByte, readCoverage } from './coverage.js';
import {
  stMode,
  typeOfMode,
  type Coverage,
  type Entry,
  type Omittable,
  type Xattr,
} from './entry.js';
import { FormatError } from './errors.js';
import type { TreePath } from './path.js';

export interface PackedDirectory {
  readonly path: TreePath;
  /** Number of entries. */
  readonly count: number;
  readonly records: Uint8Array;
  /** One per entry, nanoseconds since 1970. */
  readonly mtimesNs: BigInt64Array;
  /** The entries that are directories with a listing of their own, in order. */
  readonly subdirectories: readonly { readonly ordinal: number; readonly name: string }[];
  /** Entries whose inode has more than one name; `inode` is equal for names of the same inode. */
  readonly multiplyLinked: readonly {
    readonly ordinal: number;
    readonly name: string;
    readonly inode: string;
  }[];
  /** Sum of the sizes of the regular files here. */
  readonly sizeBytes: number;
}

const HAS_XXH64 = 1;
const HAS_SHA256 = 2;

/** Appends records to one growing buffer; the hot path of a scan writes its fields without an `Entry` in between. */
export class RecordWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(initialBytes = 64 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** The bytes from `start` on; valid until the next write. */
  view(start = 0): Uint8Array {
    return this.#buffer.subarray(start, this.#length);
  }

  reset(): void {
    this.#length = 0;
  }

  /** Takes back what was written since `length` was this. */
  truncate(length: number): void {
    this.#length = length;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  head(
    name: string,
    coverage: Coverage,
    mode: number,
    uid: number,
    gid: number,
    unknown?: readonly Omittable[],
  ): void {
    this.#reserve(name.length + 15);
    this.#short(name);
    const b = this.#buffer;
    b[this.#length] = coverageByte(coverage, unknown);
    b.writeUInt32LE(mode, this.#length + 1);
    b.writeUInt32LE(uid, this.#length + 5);
    b.writeUInt32LE(gid, this.#length + 9);
    this.#length += 13;
  }

  file(size: number, xxh64: Uint8Array | null, sha256: Uint8Array | null): void {
    this.#reserve(49);
    const b = this.#buffer;
    b.writeUInt32LE(size >>> 0, this.#length);
    b.writeUInt32LE(Math.floor(size / 0x1_0000_0000), this.#length + 4);
    b[this.#length + 8] = (xxh64 === null ? 0 : HAS_XXH64) | (sha256 === null ? 0 : HAS_SHA256);
    this.#length += 9;
    if (xxh64 !== null) this.#bytes(xxh64);
    if (sha256 !== null) this.#bytes(sha256);
  }

  symlink(target: string): void {
    this.#reserve(target.length + 2);
    this.#short(target);
  }

  device(major: number, minor: number): void {
    this.#reserve(8);
    this.#buffer.writeUInt32LE(major, this.#length);
    this.#buffer.writeUInt32LE(minor, this.#length + 4);
    this.#length += 8;
  }

  /** Must be the last part of a record; sorted by name. */
  xattrs(xattrs: readonly Xattr[]): void {
    this.#reserve(2);
    this.#length = this.#buffer.writeUInt16LE(xattrs.length, this.#length);
    for (const { name, value } of xattrs) {
      this.#reserve(name.length + value.length + 6);
      this.#short(name);
      this.#length = this.#buffer.writeUInt32LE(value.length, this.#length);
      this.#length += this.#buffer.write(value, this.#length, 'latin1');
    }
  }

  /** A whole record that was written before. */
  raw(record: Uint8Array): void {
    this.#reserve(record.length);
    this.#bytes(record);
  }

  #short(text: string): void {
    this.#length = this.#buffer.writeUInt16LE(text.length, this.#length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  #bytes(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}

/** Writes one entry; the counterpart of `readRecord`. */
export function writeRecord(writer: RecordWriter, entry: Entry): void {
  const { name, coverage, uid, gid, unknown } = entry;
  writer.head(name, coverage, stMode(entry), uid, gid, unknown);
  if (entry.type === 'file') writer.file(entry.size, entry.xxh64, entry.sha256);
  else if (entry.type === 'symlink') writer.symlink(entry.target ?? '');
  else if (entry.type === 'char' || entry.type === 'block')
    writer.device(entry.rdev?.major ?? 0, entry.rdev?.minor ?? 0);
  writer.xattrs(entry.xattrs);
}

/** An entry as its record holds it: the time is kept apart and the link set is known only for a whole tree. */
export type RecordedEntry = Omit<Entry, 'mtimeNs' | 'link'>;

/** Reads the record at `offset`; throws `FormatError` when it is not whole. */
export function readRecord(
  records: Uint8Array,
  offset: number,
): { entry: RecordedEntry; next: number } {
  const b = Buffer.from(records.buffer, records.byteOffset, records.byteLength);
  let at = offset;
  const need = (bytes: number): number => {
    const start = at;
    if (start + bytes > b.length)
      throw new FormatError(
        'directory record',
        start,
        `expected ${bytes} bytes, found ${b.length - start}`,
      );
    at += bytes;
    return start;
  };
  const text = (length: number): string => {
    const start = need(length);
    return b.toString('latin1', start, start + length);
  };
  const name = text(b.readUInt16LE(need(2)));
  const coverage = readCoverage(b[need(1)]!);
  const mode = b.readUInt32LE(need(4));
  const type = typeOfMode(mode);
  if (coverage === null || type === null)
    throw new FormatError(
      'directory record',
      offset,
      `unknown coverage or type in mode 0${mode.toString(8)}`,
    );
  const uid = b.readUInt32LE(need(4));
  const gid = b.readUInt32LE(need(4));
  let size = 0;
  let xxh64: Uint8Array | null = null;
  let sha256: Uint8Array | null = null;
  let target: string | null = null;
  let rdev: Entry['rdev'] = null;
  if (type === 'file') {
    size = Number(b.readBigUInt64LE(need(8)));
    const digests = b[need(1)]!;
    if (digests & HAS_XXH64) xxh64 = b.subarray(need(8), at);
    if (digests & HAS_SHA256) sha256 = b.subarray(need(32), at);
  } else if (type === 'symlink') {
    target = text(b.readUInt16LE(need(2)));
  } else if (type === 'char' || type === 'block') {
    rdev = { major: b.readUInt32LE(need(4)), minor: b.readUInt32LE(need(4)) };
  }
  const xattrs: Xattr[] = [];
  for (let left = b.readUInt16LE(need(2)); left > 0; left--) {
    const xattrName = text(b.readUInt16LE(need(2)));
    xattrs.push({ name: xattrName, value: text(b.readUInt32LE(need(4))) });
  }
  const entry: RecordedEntry = {
    name,
    type,
    ...coverage,
    mode: mode & 0o7777,
    uid,
    gid,
    size,
    target,
    rdev,
    xattrs,
    xxh64,
    sha256,
  };
  return { entry, next: at };
}

/** Yields the entries of a packed directory in order. */
export function* unpackDirectory(
  directory: Pick<PackedDirectory, 'records' | 'count'>,
): Generator<RecordedEntry> {
  let offset = 0;
  for (let i = 0; i < directory.count; i++) {
    const { entry, next } = readRecord(directory.records, offset);
    yield entry;
    offset = next;
  }
}

/** Packs entries that are not in a hurry; they are sorted here. `inodeOf` names the inode of multiply linked entries. */
export function packDirectory(
  path: TreePath,
  entries: readonly Entry[],
  inodeOf: (entry: Entry) => string | null,
): PackedDirectory {
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const writer = new RecordWriter(sorted.length * 96 + 64);
  for (const entry of sorted) writeRecord(writer, entry);
  const numbered = sorted.map((entry, ordinal) => ({ entry, ordinal }));
  return {
    path,
    count: sorted.length,
    records: Uint8Array.from(writer.view()),
    mtimesNs: BigInt64Array.from(sorted, (entry) => entry.mtimeNs),
    subdirectories: numbered
      .filter(({ entry }) => hasListing(entry))
      .map(({ entry, ordinal }) => ({ ordinal, name: entry.name })),
    multiplyLinked: numbered.flatMap(({ entry, ordinal }) => {
      const inode = inodeOf(entry);
      return inode === null ? [] : [{ ordinal, name: entry.name, inode }];
    }),
    sizeBytes: sorted.reduce((sum, entry) => sum + entry.size, 0),
  };
}

/** Whether the entry is a directory whose listing is part of the manifest. */
export function hasListing(entry: Pick<Entry, 'type' | 'coverage'>): boolean {
  return entry.type === 'directory' && entry.coverage === 'full';
}
