/**
 * Tar archives member by member (POSIX.1-2017 pax; GNU tar manual, "Tar Internals"): v7, ustar, pax and GNU, with the
 * extension headers as they are. Nothing is copied: data is named by its offsets.
 */

import { FormatError } from '../core/errors.js';
import { isZeroBlock, readTarHeader, TAR_BLOCK, type TarHeader } from './tar-header.js';
import { paxValue, readPaxRecords, type PaxRecord } from './tar-pax.js';
import { readTarSparse, tarSparseBlocks, type TarSparse } from './tar-sparse.js';

/** A header that says more about the next member (`x`, `L`, `K`) or all that follow (`g`). */
export type TarExtension =
  | {
      readonly kind: 'pax' | 'global';
      readonly header: TarHeader;
      readonly records: readonly PaxRecord[];
    }
  /** GNU's long name (`L`) or link target (`K`), up to the first NUL. */
  | { readonly kind: 'long-name' | 'long-link'; readonly header: TarHeader; readonly text: string };

export interface TarMember {
  /** Of its first block, extension headers included. */
  readonly offset: number;
  /** In their order, those after the member before. */
  readonly extensions: readonly TarExtension[];
  readonly header: TarHeader;
  /** What counts when all headers have had their say, latin1 bytes. */
  readonly path: string;
  readonly linkTarget: string;
  /** Of the first stored byte; of the map where GNU keeps more of it than the header holds. */
  readonly dataOffset: number;
  /** Stored bytes, padding and blocks of an old GNU sparse map not counted. */
  readonly dataBytes: number;
  /** 512-byte blocks of an old GNU sparse map between header and data. */
  readonly sparseBlocks: number;
  /** Of the block after it: data is padded to 512 bytes. */
  readonly end: number;
  /** The map of a sparse file, null for any other. */
  readonly sparse: TarSparse | null;
}

/** What follows the last member. */
export interface TarEnd {
  readonly offset: number;
  /** Whole blocks of zeros; POSIX wants two, and most writers fill up to 20 blocks. */
  readonly zeroBlocks: number;
  /** Of the first byte that is not zero after them; null when there is none. */
  readonly trailingOffset: number | null;
  /** Global headers with no member after them. */
  readonly extensions: readonly TarExtension[];
}

/** Types without data, whatever their size field says (GNU tar, Go and Python agree). */
const WITHOUT_DATA = '123456';
const FORMAT = 'tar';
/** Stops archives made of nothing but headers from filling the memory. */
const MAX_MEMBERS = 4_000_000;
const MAX_EXTENSION_BYTES = 64 * 2 ** 20;

/** Whether the first bytes can be a tar archive: a header with a right checksum. */
export function isTar(head: Uint8Array): boolean {
  if (head.length < TAR_BLOCK || head[0] === 0) return false;
  try {
    readTarHeader(head, 0);
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/** Yields the members and returns what follows them. Throws `FormatError` where the bytes make no sense. */
export function* tarMembers(bytes: Uint8Array): Generator<TarMember, TarEnd> {
  let offset = 0;
  for (let count = 0; ; count++) {
    const start = offset;
    const extensions: TarExtension[] = [];
    let header = headerAt(bytes, offset);
    for (; header !== null && 'xgLK'.includes(header.typeflag); header = headerAt(bytes, offset)) {
      if (extensions.length === MAX_MEMBERS)
        throw new FormatError(FORMAT, offset, 'too many extension headers');
      extensions.push(readExtension(bytes, header));
      offset = paddedEnd(offset + TAR_BLOCK + header.size.value);
    }
    if (header === null) return readEnd(bytes, offset, extensions);
    if (count === MAX_MEMBERS) throw new FormatError(FORMAT, offset, 'too many members');
    const member = readMember(bytes, start, extensions, header);
    yield member;
    offset = member.end;
  }
}

function headerAt(bytes: Uint8Array, offset: number): TarHeader | null {
  if (offset >= bytes.length || isZeroBlock(bytes, offset)) return null;
  // Fewer than 512 bytes are the end of a cut archive, or zeros that fill up.
  if (offset + TAR_BLOCK > bytes.length && firstNonZero(bytes, offset) === null) return null;
  return readTarHeader(bytes, offset);
}

function readExtension(bytes: Uint8Array, header: TarHeader): TarExtension {
  const start = header.offset + TAR_BLOCK;
  const size = header.size.value;
  if (size < 0 || size > MAX_EXTENSION_BYTES || paddedEnd(start + size) > bytes.length)
    throw new FormatError(FORMAT, header.offset + 124, `an extension header of ${size} bytes`);
  if (header.typeflag === 'x' || header.typeflag === 'g')
    return {
      kind: header.typeflag === 'x' ? 'pax' : 'global',
      header,
      records: readPaxRecords(bytes, start, start + size),
    };
  const text = latin1(bytes, start, start + size);
  const nul = text.indexOf('\0');
  return {
    kind: header.typeflag === 'L' ? 'long-name' : 'long-link',
    header,
    text: nul < 0 ? text : text.slice(0, nul),
  };
}

function readMember(
  bytes: Uint8Array,
  offset: number,
  extensions: readonly TarExtension[],
  header: TarHeader,
): TarMember {
  const records = extensions.flatMap((e) => (e.kind === 'pax' ? e.records : []));
  const dataOffset = header.offset + TAR_BLOCK;
  const sparseBlocks = header.typeflag === 'S' ? tarSparseBlocks(bytes, header) : 0;
  const dataBytes = WITHOUT_DATA.includes(header.typeflag) ? 0 : sizeOf(header, records);
  const end = paddedEnd(dataOffset + sparseBlocks * TAR_BLOCK + dataBytes);
  if (dataBytes < 0 || end > bytes.length)
    throw new FormatError(
      FORMAT,
      header.offset + 124,
      `data of ${dataBytes} bytes leaves the file`,
    );
  const long = (kind: 'long-name' | 'long-link') =>
    extensions.findLast((e) => e.kind === kind) as { readonly text: string } | undefined;
  const { prefix, name } = header;
  return {
    offset,
    extensions,
    header,
    path:
      paxValue(records, 'GNU.sparse.name') ??
      paxValue(records, 'path') ??
      long('long-name')?.text ??
      (prefix === '' ? name : `${prefix}/${name}`),
    linkTarget: paxValue(records, 'linkpath') ?? long('long-link')?.text ?? header.linkname,
    dataOffset,
    dataBytes,
    sparseBlocks,
    end,
    sparse: readTarSparse(bytes, header, records, dataBytes),
  };
}

function sizeOf(header: TarHeader, records: readonly PaxRecord[]): number {
  const text = paxValue(records, 'size');
  if (text === null) return header.size.value;
  const size = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(size))
    throw new FormatError(FORMAT, header.offset, 'the size record is not a number');
  return size;
}

function readEnd(bytes: Uint8Array, offset: number, extensions: readonly TarExtension[]): TarEnd {
  const trailingOffset = firstNonZero(bytes, offset);
  const zeros = (trailingOffset ?? bytes.length) - offset;
  return { offset, zeroBlocks: Math.floor(zeros / TAR_BLOCK), trailingOffset, extensions };
}

function firstNonZero(bytes: Uint8Array, offset: number): number | null {
  for (let i = offset; i < bytes.length; i++) if (bytes[i] !== 0) return i;
  return null;
}

function paddedEnd(end: number): number {
  return Math.ceil(end / TAR_BLOCK) * TAR_BLOCK;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    start,
    end,
  );
}
