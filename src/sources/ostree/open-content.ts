/** Content objects of every repository mode: the header that is part of their checksum, and their bytes. */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
} from 'node:fs';
import { createInflateRaw, inflateRawSync } from 'node:zlib';

import type { Xattr } from '../../core/entry.js';
import { errnoOf, FormatError } from '../../core/errors.js';
import { AT_FDCWD, nativeCalls, systemError } from '../../fs/native.js';
import {
  archiveHeaderLength,
  readArchiveHeader,
  readDirMeta,
  readXattrList,
  type OstreeFileHeader,
} from '../../formats/ostree-objects.js';
import { objectFile, readWhole, type ObjectFolder, type Repository } from './repository.js';

export interface OpenContent {
  readonly header: OstreeFileHeader;
  /** Bytes of a regular file as its header or the file system tells them; 0 for a symbolic link. */
  readonly size: number;
  /** Where the bytes lie as they are; null where they are compressed. */
  readonly plain: { readonly fd: number } | null;
  /** All bytes at once. Throws `FormatError` when there are more or fewer than `size`. */
  bytes(): Uint8Array;
  /** The same in pieces. */
  chunks(): AsyncIterable<Uint8Array>;
  close(): void;
}

/** Null when no repository has it. Throws `FormatError` for a header that makes no sense, and system errors. */
export function openContent(repository: Repository, checksum: string): OpenContent | null {
  for (const folder of repository) {
    try {
      return OPENERS[folder.mode](folder, checksum);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error;
    }
  }
  return null;
}

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CHUNK_BYTES = 256 * 1024;
/** The least that zlib takes as the size of a piece. */
const MIN_PIECE_BYTES = 64;
/** A header with xattrs; ACLs and capabilities are small, a kernel takes 64 KiB of each. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
/** Longest link target and xattr name (Linux `<linux/limits.h>`). */
const [MAX_TARGET, MAX_XATTR_NAME, MAX_XATTRS] = [4096, 255, 65_535];

type Opener = (folder: ObjectFolder, checksum: string) => OpenContent;

const OPENERS: Readonly<Record<ObjectFolder['mode'], Opener>> = {
  archive: openArchived,
  bare: (folder, checksum) => openBare(folder, checksum, (place) => xattrsOf(place)),
  'bare-user': openBareUser,
  // Neither owners nor xattrs are kept: only what has none of them is named by its checksum.
  'bare-user-only': (folder, checksum) => openBare(folder, checksum, () => [], { uid: 0, gid: 0 }),
  'bare-split-xattrs': (folder, checksum) =>
    openBare(folder, checksum, () => splitXattrs(folder, checksum)),
};

function openArchived(folder: ObjectFolder, checksum: string): OpenContent {
  const fd = openSync(objectFile(folder, checksum, 'filez'), READ);
  try {
    const fileSize = fstatSync(fd).size;
    let start = readAt(fd, 0, Math.min(fileSize, CHUNK_BYTES));
    const headerLength = archiveHeaderLength(start);
    if (headerLength > Math.min(fileSize, MAX_HEADER_BYTES))
      throw new FormatError('ostree filez', 0, `a header of ${headerLength} bytes`);
    if (headerLength > start.length) start = readAt(fd, 0, headerLength);
    const header = checked(readArchiveHeader(start));
    const { size } = header;
    if (isLink(header)) {
      if (fileSize !== headerLength || size !== 0)
        throw new FormatError('ostree filez', headerLength, 'a symbolic link with content');
      closeSync(fd);
      return linkContent(header);
    }
    return {
      header,
      size,
      plain: null,
      bytes: () => {
        const whole = start.length === fileSize ? start : readAt(fd, 0, fileSize);
        return inflated(whole.subarray(headerLength), size);
      },
      chunks: () => inflatedChunks(fd, headerLength, fileSize, size),
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** An open file, or a symbolic link by its path. */
type Place = { readonly fd: number } | { readonly path: string };

function openBare(
  folder: ObjectFolder,
  checksum: string,
  xattrs: (place: Place) => readonly Xattr[],
  owner: { readonly uid: number; readonly gid: number } | null = null,
): OpenContent {
  const file = objectFile(folder, checksum, 'file');
  const fd = openUnlessLink(file);
  if (fd === null) {
    const { uid, gid, mode } = lstatSync(file);
    const target = readlinkSync(file, 'latin1');
    const list = xattrs({ path: file });
    const header = checked({ uid, gid, ...owner, mode, rdev: 0, target, xattrs: list });
    return linkContent(header);
  }
  return fileContent(fd, ({ uid, gid, mode }) => ({
    uid: owner?.uid ?? uid,
    gid: owner?.gid ?? gid,
    mode,
    rdev: 0,
    target: '',
    xattrs: xattrs({ fd }),
  }));
}

/** What the object is stands in an xattr; a symbolic link is a file that holds its target and a NUL. */
function openBareUser(folder: ObjectFolder, checksum: string): OpenContent {
  const file = objectFile(folder, checksum, 'file');
  const fd = openUnlessLink(file);
  if (fd === null) throw new FormatError('ostree object', 0, 'a symbolic link, expected a file');
  const content = fileContent(fd, () => {
    const meta = xattrsOf({ fd }).find(({ name }) => name === 'user.ostreemeta');
    if (meta === undefined) throw new FormatError('ostree object', 0, 'no user.ostreemeta');
    return { ...readDirMeta(Buffer.from(meta.value, 'latin1')), rdev: 0, target: '' };
  });
  if (!isLink(content.header)) return content;
  try {
    if (content.size > MAX_TARGET + 1)
      throw new FormatError('ostree object', 0, `a link target of ${content.size} bytes`);
    const target = Buffer.from(content.bytes()).toString('latin1').replace(/\0$/, '');
    return linkContent(checked({ ...content.header, target }));
  } finally {
    content.close();
  }
}

/** Null for a symbolic link. */
function openUnlessLink(file: string): number | null {
  try {
    return openSync(file, READ);
  } catch (error) {
    if (errnoOf(error) === 'ELOOP') return null;
    throw error;
  }
}

function fileContent(
  fd: number,
  headerOf: (stats: { uid: number; gid: number; mode: number }) => OstreeFileHeader,
): OpenContent {
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile()) throw new FormatError('ostree object', 0, 'no regular file');
    const { size } = stats;
    return {
      header: checked(headerOf(stats)),
      size,
      plain: { fd },
      bytes: () => complete(readAt(fd, 0, size), size),
      chunks: async function* () {
        for (let at = 0; at < size;) {
          const chunk = readAt(fd, at, Math.min(CHUNK_BYTES, size - at));
          if (chunk.length === 0) throw wrongSize(at, size);
          at += chunk.length;
          yield chunk;
        }
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function linkContent(header: OstreeFileHeader): OpenContent {
  return {
    header,
    size: 0,
    plain: null,
    bytes: () => new Uint8Array(0),
    chunks: async function* () {},
    close: () => {},
  };
}

function isLink({ mode }: OstreeFileHeader): boolean {
  return (mode & S_IFMT) === S_IFLNK;
}

function checked<H extends OstreeFileHeader>(header: H): H {
  const { mode, target, xattrs } = header;
  const type = mode & S_IFMT;
  if ((type !== S_IFREG && type !== S_IFLNK) || mode > 0o177777)
    throw new FormatError('ostree object', 0, `mode 0${mode.toString(8)} is neither file nor link`);
  if (target.length > MAX_TARGET || xattrs.length > MAX_XATTRS)
    throw new FormatError('ostree object', 0, 'a link target or a list of xattrs without measure');
  if (xattrs.some(({ name }) => name.length > MAX_XATTR_NAME))
    throw new FormatError('ostree object', 0, 'the name of an xattr without measure');
  return header;
}

function splitXattrs(folder: ObjectFolder, checksum: string): readonly Xattr[] {
  const bytes = readWhole(objectFile(folder, checksum, 'file-xattrs-link'), MAX_HEADER_BYTES);
  if (bytes === null) throw new FormatError('ostree object', 0, 'no file-xattrs-link beside it');
  return readXattrList(bytes);
}

function xattrsOf(place: Place): readonly Xattr[] {
  const calls = nativeCalls();
  if (calls === null) throw systemError(-95, 'flistxattr', 'xattrs need native calls');
  const at = 'fd' in place ? null : Buffer.from(place.path, 'utf8').toString('latin1');
  const names = 'fd' in place ? calls.listXattrs(place.fd) : calls.listXattrsAt(AT_FDCWD, at!);
  if (typeof names === 'number') {
    if (names === -95) return [];
    throw systemError(names, 'listxattr', at ?? '');
  }
  // Those without a value are no part of any checksum: ostree does not read them.
  return names.toSorted().flatMap((name) => {
    const value =
      'fd' in place ? calls.getXattr(place.fd, name) : calls.getXattrAt(AT_FDCWD, at!, name);
    if (typeof value === 'number') throw systemError(value, 'getxattr', name);
    return value.length === 0 ? [] : [{ name, value: Buffer.from(value).toString('latin1') }];
  });
}

function readAt(fd: number, offset: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

function inflated(compressed: Uint8Array, size: number): Uint8Array {
  try {
    // One piece of output for what is small: nothing is joined, and no more is set aside than is needed.
    const chunkSize = Math.max(MIN_PIECE_BYTES, Math.min(size + 1, CHUNK_BYTES));
    return complete(inflateRawSync(compressed, { chunkSize, maxOutputLength: size + 1 }), size);
  } catch (error) {
    throw inflateTrouble(error);
  }
}

async function* inflatedChunks(
  fd: number,
  start: number,
  end: number,
  size: number,
): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  let offset = start;
  const feed = (): void => {
    for (;;) {
      const chunk = readAt(fd, offset, Math.min(CHUNK_BYTES, end - offset));
      offset += chunk.length;
      if (chunk.length === 0) return void inflate.end();
      if (!inflate.write(chunk)) return void inflate.once('drain', feed);
    }
  };
  feed();
  let total = 0;
  try {
    for await (const chunk of inflate as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > size) throw wrongSize(total, size);
      yield chunk;
    }
  } catch (error) {
    throw inflateTrouble(error);
  } finally {
    inflate.destroy();
  }
  if (total !== size) throw wrongSize(total, size);
}

function complete(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw wrongSize(bytes.length, size);
  return bytes;
}

function wrongSize(found: number, size: number): FormatError {
  return new FormatError('ostree object', 0, `expected ${size} bytes, found ${found}`);
}

function inflateTrouble(error: unknown): unknown {
  const code = errnoOf(error);
  return code?.startsWith('Z_') === true || code === 'ERR_BUFFER_TOO_LARGE'
    ? new FormatError('ostree filez', 0, `cannot be inflated to its size: ${code}`)
    : error;
}
