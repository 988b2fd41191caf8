/**
 * Hashes of the last scan of the same tree, so that unchanged files need not be read again. A file of its own,
 * droppable at any time; never part of a build's record.
 *
 * An entry is taken from the cache when device, inode, size, mtime and ctime are what they were, and the ctime
 * was more than two seconds old when that scan began: within the tick of the file system's clock a file can
 * change twice with one ctime. ctime covers mode, owner, xattrs and content alike.
 *
 * Layout: a header line of JSON; per directory four u32 (path, count, records, device lengths), path, device,
 * padding to 8, i64 mtimes, i64 stat keys, records, padding to 8; at the end the XXH64 of all before it.
 */

import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

import type { TreePath } from '../../core/path.js';
import type { Stat } from '../../fs/native.js';
import type { ContentHasher, StreamHasher } from '../../util/hashing.js';
import { STAT_KEY_WORDS, type ScannedDirectory } from './wire.js';

const FORMAT = 'repro-audit stat cache 1';
const SETTLED_NS = 2_000_000_000n;
const HEAD_BYTES = 16;
const TRAILER_BYTES = 8;

interface Header {
  readonly format: string;
  /** What the hashes cover; a cache of another capture is not used. */
  readonly word: string;
  /** Nanoseconds since 1970, decimal. */
  readonly scanStartedNs: string;
}

/** The bytes of a whole cache file in memory that threads share, or null when there is none that can be used. */
export function loadStatCache(
  file: string,
  word: string,
  hasher: ContentHasher,
): SharedArrayBuffer | null {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return null;
  }
  try {
    const size = fstatSync(fd).size;
    const shared = new SharedArrayBuffer(size);
    const bytes = new Uint8Array(shared);
    for (let at = 0; at < size;) {
      const length = readSync(fd, bytes, at, Math.min(size - at, 1 << 20), null);
      if (length === 0) return null;
      at += length;
    }
    return isSound(bytes, word, hasher) ? shared : null;
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

function isSound(bytes: Uint8Array, word: string, hasher: ContentHasher): boolean {
  if (bytes.length < TRAILER_BYTES) return false;
  const body = bytes.length - TRAILER_BYTES;
  const stream = hasher.stream(false);
  for (let at = 0; at < body; at += 1 << 16)
    stream.update(bytes.subarray(at, Math.min(body, at + (1 << 16))));
  const digest = new Uint8Array(TRAILER_BYTES);
  stream.digest(digest, null);
  if (!digest.every((byte, i) => byte === bytes[body + i])) return false;
  const header = readHeader(bytes);
  return header !== null && header.format === FORMAT && header.word === word;
}

function readHeader(bytes: Uint8Array): Header | null {
  const end = bytes.indexOf(0x0a);
  try {
    return JSON.parse(Buffer.from(bytes.slice(0, end)).toString('utf8')) as Header;
  } catch {
    return null;
  }
}

/** Looks directories up in a loaded cache. */
export class StatCacheReader {
  readonly #view: DataView;
  readonly #bytes: Buffer;
  readonly #offsets = new Map<string, number>();
  readonly #settledBefore: bigint;

  constructor(shared: SharedArrayBuffer) {
    this.#bytes = Buffer.from(shared);
    this.#view = new DataView(shared);
    this.#settledBefore = BigInt(readHeader(this.#bytes)!.scanStartedNs) - SETTLED_NS;
    const end = this.#bytes.length - TRAILER_BYTES;
    for (let at = align(this.#bytes.indexOf(0x0a) + 1); at < end; at = this.#layout(at).next) {
      const pathLength = this.#view.getUint32(at, true);
      this.#offsets.set(
        this.#bytes.toString('latin1', at + HEAD_BYTES, at + HEAD_BYTES + pathLength),
        at,
      );
    }
  }

  find(path: TreePath): CachedDirectory | null {
    const at = this.#offsets.get(path);
    return at === undefined
      ? null
      : new CachedDirectory(this.#bytes, this.#view, this.#layout(at), this.#settledBefore);
  }

  #layout(at: number): DirectoryLayout {
    const [path, count, records, device] = [0, 4, 8, 12].map((i) =>
      this.#view.getUint32(at + i, true),
    ) as [number, number, number, number];
    const deviceAt = at + HEAD_BYTES + path;
    const mtimesAt = align(deviceAt + device);
    const keysAt = mtimesAt + count * 8;
    const recordsAt = keysAt + count * 8 * STAT_KEY_WORDS;
    return { deviceAt, mtimesAt, keysAt, recordsAt, count, next: align(recordsAt + records) };
  }
}

interface DirectoryLayout {
  readonly deviceAt: number;
  readonly mtimesAt: number;
  readonly keysAt: number;
  readonly recordsAt: number;
  readonly count: number;
  readonly next: number;
}

/** The entries of one directory as the last scan left them; must be asked in byte order of the names. */
export class CachedDirectory {
  readonly device: string;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #layout: DirectoryLayout;
  readonly #settledBefore: bigint;
  #index = 0;
  #at: number;

  constructor(bytes: Buffer, view: DataView, layout: DirectoryLayout, settledBefore: bigint) {
    this.#bytes = bytes;
    this.#view = view;
    this.#layout = layout;
    this.#settledBefore = settledBefore;
    this.#at = layout.recordsAt;
    const deviceEnd = bytes.indexOf(0, layout.deviceAt);
    this.device = bytes.toString('latin1', layout.deviceAt, deviceEnd);
  }

  /** The record of an entry that has not changed since; null when it has, or is new. */
  find(name: string, st: Stat): Uint8Array | null {
    while (this.#index < this.#layout.count) {
      const nameEnd = this.#at + 2 + this.#view.getUint16(this.#at, true);
      const cachedName = this.#bytes.toString('latin1', this.#at + 2, nameEnd);
      if (cachedName > name) return null;
      const record = this.#bytes.subarray(this.#at, this.#recordEnd(nameEnd));
      const index = this.#index;
      this.#index += 1;
      this.#at += record.length;
      if (cachedName === name)
        return this.#bytes[nameEnd] === 0 && this.#matches(index, st) ? record : null;
    }
    return null;
  }

  #matches(index: number, st: Stat): boolean {
    const key = this.#layout.keysAt + index * 8 * STAT_KEY_WORDS;
    const ctimeNs = this.#view.getBigInt64(key + 16, true);
    return (
      ctimeNs === st.ctimeNs &&
      ctimeNs < this.#settledBefore &&
      this.#view.getBigInt64(this.#layout.mtimesAt + index * 8, true) === st.mtimeNs &&
      this.#view.getBigInt64(key, true) === BigInt.asIntN(64, st.ino) &&
      this.#view.getBigInt64(key + 8, true) === BigInt(st.size)
    );
  }

  /** Skips the parts of a record that follow its name; see `core/packed-directory.ts`. */
  #recordEnd(nameEnd: number): number {
    const view = this.#view;
    const type = (view.getUint32(nameEnd + 1, true) >>> 12) & 0xf;
    let at = nameEnd + 13;
    if (type === 0o10) {
      const digests = view.getUint8(at + 8);
      at += 9 + (digests & 1 ? 8 : 0) + (digests & 2 ? 32 : 0);
    } else if (type === 0o12) at += 2 + view.getUint16(at, true);
    else if (type === 0o2 || type === 0o6) at += 8;
    let xattrs = view.getUint16(at, true);
    for (at += 2; xattrs > 0; xattrs--) {
      at += 2 + view.getUint16(at, true);
      at += 4 + view.getUint32(at, true);
    }
    return at;
  }
}

/** Writes a new cache beside the old one and takes its place when the scan ends well. */
export class StatCacheWriter {
  readonly #file: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #hash: StreamHasher;
  #parts: Buffer[] = [];
  #pendingBytes = 0;
  #failed = false;

  private constructor(file: string, temporary: string, fd: number, hasher: ContentHasher) {
    this.#file = file;
    this.#temporary = temporary;
    this.#fd = fd;
    this.#hash = hasher.stream(false);
  }

  /** Null when the folder cannot be written: a cache is never worth failing for. */
  static create(
    file: string,
    word: string,
    scanStartedNs: bigint,
    hasher: ContentHasher,
  ): StatCacheWriter | null {
    const temporary = `${file}.${process.pid}`;
    try {
      makeFolder(dirname(dirname(file)));
      makeFolder(dirname(file));
      const writer = new StatCacheWriter(file, temporary, openSync(temporary, 'wx', 0o600), hasher);
      const header: Header = { format: FORMAT, word, scanStartedNs: scanStartedNs.toString() };
      const line = `${JSON.stringify(header)}\n`;
      writer.#write(padded(Buffer.from(line)));
      return writer;
    } catch {
      return null;
    }
  }

  add(directory: ScannedDirectory): void {
    const { path, device, count, records, mtimesNs, statKeys } = directory;
    if (statKeys === null) return;
    const head = Buffer.alloc(HEAD_BYTES);
    for (const [i, value] of [path.length, count, records.length, device.length + 1].entries())
      head.writeUInt32LE(value, i * 4);
    this.#write(
      padded(
        Buffer.concat([head, Buffer.from(path, 'latin1'), Buffer.from(`${device}\0`, 'latin1')]),
      ),
    );
    this.#write(bytesOf(mtimesNs));
    this.#write(bytesOf(statKeys));
    this.#write(padded(Buffer.from(records.buffer, records.byteOffset, records.length)));
  }

  commit(): void {
    this.#flush();
    const digest = new Uint8Array(TRAILER_BYTES);
    this.#hash.digest(digest, null);
    this.#orFail(() => {
      writeAll(this.#fd, digest);
      renameSync(this.#temporary, this.#file);
    });
    if (this.#failed) rmSync(this.#temporary, { force: true });
    closeSync(this.#fd);
  }

  abort(): void {
    closeSync(this.#fd);
    rmSync(this.#temporary, { force: true });
  }

  #write(part: Buffer): void {
    this.#parts.push(part);
    this.#pendingBytes += part.length;
    if (this.#pendingBytes >= 1 << 20) this.#flush();
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#parts);
    this.#hash.update(bytes);
    this.#orFail(() => writeAll(this.#fd, bytes));
    this.#parts = [];
    this.#pendingBytes = 0;
  }

  /** A full disk ends the cache, not the scan. */
  #orFail(action: () => void): void {
    if (this.#failed) return;
    try {
      action();
    } catch {
      this.#failed = true;
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** One level: Node's recursive mkdir never returns in /proc, and a home that does not exist is not ours to make. */
function makeFolder(path: string): void {
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
}

function align(offset: number): number {
  return (offset + 7) & ~7;
}

function padded(bytes: Buffer): Buffer {
  const padding = align(bytes.length) - bytes.length;
  return padding === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(padding)]);
}

function bytesOf(array: BigInt64Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
