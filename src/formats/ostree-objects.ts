/**
 * Objects of ostree repositories (ostree, `ostree-core.h`): serialised GVariants whose 32-bit numbers are big-endian. A
 * content object is named by the SHA-256 of its header and bytes, every other object by that of its bytes. Names, targets
 * and xattrs are latin1 strings, one character per byte; checksums are 64 hex digits.
 */

import type { Xattr } from '../core/entry.js';
import { FormatError } from '../core/errors.js';
import {
  arrayElements,
  LOOSE,
  stringAt,
  tupleMembers,
  writeArray,
  writeTuple,
  type ByteSpan,
  type Shape,
} from './gvariant.js';

/** `(a(say)a(sayay))`. */
export interface OstreeDirTree {
  /** Files and symbolic links, in byte order of their names. */
  readonly files: readonly { readonly name: string; readonly checksum: string }[];
  readonly directories: readonly {
    readonly name: string;
    readonly tree: string;
    readonly meta: string;
  }[];
}

/** `(uuua(ayay))`: of a directory; in bare-user repositories of every object. */
export interface OstreeDirMeta {
  readonly uid: number;
  readonly gid: number;
  /** Full `st_mode`. */
  readonly mode: number;
  /** As they stand there: ostree sorts them by name. */
  readonly xattrs: readonly Xattr[];
}

/** `(uuuusa(ayay))`: what precedes the bytes of a file in its checksum. */
export interface OstreeFileHeader extends OstreeDirMeta {
  /** Zero in all that ostree writes. */
  readonly rdev: number;
  /** Of a symbolic link, else empty. */
  readonly target: string;
}

/** The head of a `.filez`; raw deflate (RFC 1951) follows. */
export interface OstreeArchiveHeader extends OstreeFileHeader {
  /** Bytes of the file when inflated. */
  readonly size: number;
  /** Bytes of the head, where the compressed content begins. */
  readonly length: number;
}

/** Throws `FormatError`, also for names that are none and for entries out of order. */
export function readDirTree(bytes: Uint8Array): OstreeDirTree {
  const [files, directories] = tupleMembers(bytes, whole(bytes), [LOOSE, LOOSE]) as [
    ByteSpan,
    ByteSpan,
  ];
  const tree: OstreeDirTree = {
    files: arrayElements(bytes, files, LOOSE).map((element) => {
      const [name, checksum] = tupleMembers(bytes, element, FILE) as [ByteSpan, ByteSpan];
      return { name: fileName(bytes, name), checksum: checksumAt(bytes, checksum) };
    }),
    directories: arrayElements(bytes, directories, LOOSE).map((element) => {
      const [name, tree, meta] = tupleMembers(bytes, element, DIRECTORY) as [
        ByteSpan,
        ByteSpan,
        ByteSpan,
      ];
      return {
        name: fileName(bytes, name),
        tree: checksumAt(bytes, tree),
        meta: checksumAt(bytes, meta),
      };
    }),
  };
  inOrder(tree.files);
  inOrder(tree.directories);
  const names = new Set(tree.files.map(({ name }) => name));
  if (tree.directories.some(({ name }) => names.has(name)))
    throw new FormatError('ostree dirtree', directories.start, 'a name that is there twice');
  return tree;
}

/** Entries have to be sorted by name already. */
export function writeDirTree({ files, directories }: OstreeDirTree): Uint8Array {
  const loose = (...members: readonly Uint8Array[]): Uint8Array =>
    writeTuple(members.map((bytes) => ({ bytes, shape: LOOSE })));
  return loose(
    writeArray(
      files.map(({ name, checksum }) => loose(cString(name), Buffer.from(checksum, 'hex'))),
      LOOSE,
    ),
    writeArray(
      directories.map(({ name, tree, meta }) =>
        loose(cString(name), Buffer.from(tree, 'hex'), Buffer.from(meta, 'hex')),
      ),
      LOOSE,
    ),
  );
}

export function readDirMeta(bytes: Uint8Array): OstreeDirMeta {
  const [, , , xattrs] = tupleMembers(bytes, whole(bytes), [U32, U32, U32, LOOSE]);
  const view = viewOf(bytes);
  return {
    uid: view.getUint32(0),
    gid: view.getUint32(4),
    mode: view.getUint32(8),
    xattrs: xattrsAt(bytes, xattrs!),
  };
}

export function writeDirMeta({ uid, gid, mode, xattrs }: OstreeDirMeta): Uint8Array {
  const numbers = Buffer.alloc(12);
  for (const [i, number] of [uid, gid, mode].entries()) numbers.writeUInt32BE(number, 4 * i);
  return Buffer.concat([numbers, writeXattrs(xattrs)]);
}

/** `a(ayay)`, the content of a `.file-xattrs` object. */
export function readXattrList(bytes: Uint8Array): readonly Xattr[] {
  return xattrsAt(bytes, whole(bytes));
}

/** Names end in a NUL here. */
export function writeXattrs(xattrs: readonly Xattr[]): Uint8Array {
  if (xattrs.length === 0) return NOTHING;
  return writeArray(
    xattrs.map(({ name, value }) =>
      writeTuple([
        { bytes: cString(name), shape: LOOSE },
        { bytes: Buffer.from(value, 'latin1'), shape: LOOSE },
      ]),
    ),
    LOOSE,
  );
}

/** What is hashed before the bytes of a file: length, four zeros, variant. */
export function writeFileHeader({
  uid,
  gid,
  mode,
  rdev,
  target,
  xattrs,
}: OstreeFileHeader): Uint8Array {
  const numbers = Buffer.alloc(16);
  for (const [i, number] of [uid, gid, mode, rdev].entries()) numbers.writeUInt32BE(number, 4 * i);
  return withLength(
    writeTuple([
      { bytes: numbers, shape: { alignment: 4, fixedSize: 16 } },
      { bytes: cString(target), shape: LOOSE },
      { bytes: writeXattrs(xattrs), shape: LOOSE },
    ]),
  );
}

/** Bytes of the head of a `.filez`, from its first four; its whole head has to be read. Throws for fewer. */
export function archiveHeaderLength(start: Uint8Array): number {
  if (start.length < 8) throw new FormatError('ostree filez', start.length, 'no header');
  return 8 + viewOf(start).getUint32(0);
}

/** `bytes` begin the file and hold the whole head. */
export function readArchiveHeader(bytes: Uint8Array): OstreeArchiveHeader {
  const length = archiveHeaderLength(bytes);
  const view = viewOf(bytes);
  if (length > bytes.length || view.getUint32(4) !== 0)
    throw new FormatError('ostree filez', 0, `a header of ${length} bytes in ${bytes.length}`);
  const variant = bytes.subarray(8, length);
  const shapes = [U64, U32, U32, U32, U32, LOOSE, LOOSE];
  const [, , , , , target, xattrs] = tupleMembers(variant, whole(variant), shapes);
  return {
    size: Number(view.getBigUint64(8)),
    uid: view.getUint32(16),
    gid: view.getUint32(20),
    mode: view.getUint32(24),
    rdev: view.getUint32(28),
    target: stringAt(variant, target!),
    xattrs: xattrsAt(variant, xattrs!),
    length,
  };
}

export function writeArchiveHeader(header: Omit<OstreeArchiveHeader, 'length'>): Uint8Array {
  const numbers = Buffer.alloc(24);
  numbers.writeBigUInt64BE(BigInt(header.size), 0);
  for (const [i, number] of [header.uid, header.gid, header.mode, header.rdev].entries())
    numbers.writeUInt32BE(number, 8 + 4 * i);
  return withLength(
    writeTuple([
      { bytes: numbers, shape: { alignment: 8, fixedSize: 24 } },
      { bytes: cString(header.target), shape: LOOSE },
      { bytes: writeXattrs(header.xattrs), shape: LOOSE },
    ]),
  );
}

const NOTHING = new Uint8Array(0);
const U32: Shape = { alignment: 4, fixedSize: 4 };
const U64: Shape = { alignment: 8, fixedSize: 8 };
const FILE: readonly Shape[] = [LOOSE, LOOSE];
const DIRECTORY: readonly Shape[] = [LOOSE, LOOSE, LOOSE];

function whole(bytes: Uint8Array): ByteSpan {
  return { start: 0, end: bytes.length };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function cString(latin1: string): Uint8Array {
  return Buffer.from(`${latin1}\0`, 'latin1');
}

function withLength(variant: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeUInt32BE(variant.length);
  return Buffer.concat([length, variant]);
}

function xattrsAt(bytes: Uint8Array, span: ByteSpan): readonly Xattr[] {
  if (span.start === span.end) return [];
  return arrayElements(bytes, span, LOOSE).map((element) => {
    const [name, value] = tupleMembers(bytes, element, FILE) as [ByteSpan, ByteSpan];
    return {
      name: stringAt(bytes, name),
      value: Buffer.from(bytes.subarray(value.start, value.end)).toString('latin1'),
    };
  });
}

/** 32 bytes as hex digits. */
export function checksumAt(bytes: Uint8Array, { start, end }: ByteSpan): string {
  if (end - start !== 32)
    throw new FormatError('ostree', start, `expected a checksum of 32 bytes, found ${end - start}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex', start, end);
}

function fileName(bytes: Uint8Array, span: ByteSpan): string {
  const name = stringAt(bytes, span);
  if (name === '' || name === '.' || name === '..' || name.includes('/'))
    throw new FormatError('ostree dirtree', span.start, 'a name that no file can have');
  return name;
}

function inOrder(entries: readonly { readonly name: string }[]): void {
  for (let i = 1; i < entries.length; i++)
    if (entries[i - 1]!.name >= entries[i]!.name)
      throw new FormatError('ostree dirtree', 0, `entries out of order at ${i}`);
}
