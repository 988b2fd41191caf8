/**
 * The members of a tar archive put together from their headers (POSIX.1-2017 pax; GNU tar manual, "Tar Internals"), for bytes
 * in memory and for streams: v7, ustar, pax and GNU. Every byte is handed on as it is: the header, the extension headers with
 * their data and padding, sparse maps; the data and its padding are the driver's.
 */

import { FormatError } from '../core/errors.js';
import { takeZeros, type Steps } from './steps.js';
import { isZeroBlock, readTarHeaderBlock, TAR_BLOCK, type TarHeader } from './tar-header.js';
import { paxValue, readPaxRecords, type PaxRecord } from './tar-pax.js';
import {
  hasMapInData,
  hasMoreSparse,
  MAX_SPARSE_BLOCKS,
  readTarSparse,
  SparseMapLines,
  type TarSparse,
} from './tar-sparse.js';

/** A header that says more about the next member (`x`, `L`, `K`) or all that follow (`g`). */
export type TarExtension = {
  readonly header: TarHeader;
  /** Header block, data and padding as they are; a view. */
  readonly raw: Uint8Array;
} & (
  | { readonly kind: 'pax' | 'global'; readonly records: readonly PaxRecord[] }
  /** GNU's long name (`L`) or link target (`K`), up to the first NUL. */
  | { readonly kind: 'long-name' | 'long-link'; readonly text: string }
);

export interface TarMember {
  /** Of its first block, extension headers included. */
  readonly offset: number;
  /** Zero bytes in front of it: the end of the archive before, in concatenated archives. */
  readonly zerosBefore: number;
  /** In their order, those after the member before. */
  readonly extensions: readonly TarExtension[];
  readonly header: TarHeader;
  /** The header's 512 bytes; a view. */
  readonly block: Buffer;
  /** Records of all global headers so far by key, the last one of each; never changed, but replaced. */
  readonly globals: ReadonlyMap<string, string>;
  /** What counts when all headers have had their say, latin1 bytes. */
  readonly path: string;
  readonly linkTarget: string;
  /** Of the first byte behind the header: of the map where there is one. */
  readonly dataOffset: number;
  /** Stored bytes: with the map of PAX 1.0, without that of old GNU, without padding. */
  readonly dataBytes: number;
  /** 512-byte blocks of an old GNU sparse map between header and data. */
  readonly sparseBlocks: number;
  /** Those blocks, or those of the map that PAX 1.0 has at the start of the data; a view, mostly empty. */
  readonly map: Uint8Array;
  /** Of the content itself, behind any map; `contentBytes` from there. */
  readonly contentOffset: number;
  /** Stored bytes of content: the file's size, or what a sparse file has outside its holes. */
  readonly contentBytes: number;
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
  /** Of what follows the archive: `trailingOffset`, or the end of the input. */
  readonly end: number;
  /** Extension headers with no member after them. */
  readonly extensions: readonly TarExtension[];
}

export interface TarStepOptions {
  /** Size of the archive where it is known: sizes beyond it are refused at the header. */
  readonly limit?: number;
  /** Goes on where another archive follows the zeros at the end of one, as `tar --ignore-zeros` does. */
  readonly concatenated?: boolean;
}

/** Types without data, whatever their size field says (GNU tar, Go and Python agree). */
const WITHOUT_DATA = '123456';
const FORMAT = 'tar';
/** Stops archives made of nothing but headers from filling the memory. */
const MAX_MEMBERS = 100_000_000;
const MAX_EXTENSIONS = 10_000;
/** Of all extension headers of one member together. */
const MAX_EXTENSION_BYTES = 64 * 2 ** 20;
const MAX_GLOBALS = 1_000;
const NO_GLOBALS: ReadonlyMap<string, string> = new Map();
const NOTHING = new Uint8Array(0);
const NO_EXTENSIONS: readonly TarExtension[] = [];

/** The members, then the end: zeros are taken, what follows them is not. */
export function* tarSteps(options: TarStepOptions = {}): Steps<TarMember, TarEnd> {
  const { limit = Infinity, concatenated = false } = options;
  let offset = 0;
  let globals = NO_GLOBALS;
  let zerosBefore = 0;
  for (let count = 0; ; count++) {
    const start = offset;
    let extensions = NO_EXTENSIONS;
    let extensionBytes = 0;
    for (;;) {
      const look = yield -TAR_BLOCK;
      if (isEnd(look)) {
        const zeros = yield* takeZeros();
        if (concatenated && extensions.length === 0 && zeros > 0 && zeros % TAR_BLOCK === 0) {
          zerosBefore = zeros;
          if (isTarHeader(yield -TAR_BLOCK)) break;
        }
        return endOf(offset, zeros, (yield -1).length, extensions);
      }
      const block = toBuffer(look);
      const header = headerIn(block, offset);
      if (!isExtension(header.typeflag)) {
        if (count === MAX_MEMBERS) throw new FormatError(FORMAT, offset, 'too many members');
        yield TAR_BLOCK;
        const parts = { start, zerosBefore, extensions, header, block, globals, limit };
        const member = yield* readMember(parts);
        yield member;
        offset = member.end;
        zerosBefore = 0;
        break;
      }
      const bytes = extensionSize(header, extensions.length, extensionBytes, limit);
      const raw = yield bytes;
      if (raw.length < bytes)
        throw new FormatError(FORMAT, offset + raw.length, 'an extension header is cut');
      const extension = readExtension(header, raw);
      extensions = [...extensions, extension];
      if (extension.kind === 'global') globals = withGlobals(globals, extension);
      extensionBytes += bytes;
      offset += bytes;
    }
    offset += zerosBefore;
  }
}

/** Whether the first bytes are a header with a right checksum. */
export function isTarHeader(head: Uint8Array): boolean {
  if (head.length < TAR_BLOCK || head[0] === 0) return false;
  try {
    readTarHeaderBlock(toBuffer(head.subarray(0, TAR_BLOCK)), 0);
    return true;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

/** The value of a record that counts for a member: its own, or that of the global headers; null without one. */
export function tarValue(member: TarMember, key: string): string | null {
  return recordValue(ownRecords(member.extensions), member.globals, key);
}

function isEnd(block: Uint8Array): boolean {
  if (block.length === TAR_BLOCK) return block[0] === 0 && isZeroBlock(block, 0);
  // Fewer than 512 bytes are the end of a cut archive, or zeros that fill up.
  return block.every((byte) => byte === 0);
}

function endOf(
  offset: number,
  zeros: number,
  trailing: number,
  extensions: readonly TarExtension[],
): TarEnd {
  const end = offset + zeros;
  const trailingOffset = trailing > 0 ? end : null;
  return { offset, zeroBlocks: Math.floor(zeros / TAR_BLOCK), trailingOffset, end, extensions };
}

function headerIn(block: Buffer, offset: number): TarHeader {
  if (block.length < TAR_BLOCK)
    throw new FormatError(
      FORMAT,
      offset,
      `a block of 512 bytes is cut at ${offset + block.length}`,
    );
  return readTarHeaderBlock(block, offset);
}

function isExtension(typeflag: string): boolean {
  return typeflag === 'x' || typeflag === 'g' || typeflag === 'L' || typeflag === 'K';
}

/** Bytes of the whole extension, header and padding included. */
function extensionSize(header: TarHeader, count: number, before: number, limit: number): number {
  const size = header.size.value;
  const bytes = TAR_BLOCK + padded(size);
  if (size < 0 || before + bytes > MAX_EXTENSION_BYTES || header.offset + bytes > limit)
    throw new FormatError(FORMAT, header.offset + 124, `an extension header of ${size} bytes`);
  if (count === MAX_EXTENSIONS)
    throw new FormatError(FORMAT, header.offset, 'too many extension headers');
  return bytes;
}

function readExtension(header: TarHeader, raw: Uint8Array): TarExtension {
  const end = TAR_BLOCK + header.size.value;
  if (header.typeflag === 'x' || header.typeflag === 'g')
    return {
      kind: header.typeflag === 'x' ? 'pax' : 'global',
      header,
      raw,
      records: readPaxRecords(raw, TAR_BLOCK, end, header.offset),
    };
  const text = toBuffer(raw).toString('latin1', TAR_BLOCK, end);
  const nul = text.indexOf('\0');
  return {
    kind: header.typeflag === 'L' ? 'long-name' : 'long-link',
    header,
    raw,
    text: nul < 0 ? text : text.slice(0, nul),
  };
}

function withGlobals(
  globals: ReadonlyMap<string, string>,
  { header, records }: TarExtension & { readonly kind: 'pax' | 'global' },
): ReadonlyMap<string, string> {
  const all = new Map(globals);
  for (const { key, value } of records) all.set(key, value);
  if (all.size > MAX_GLOBALS)
    throw new FormatError(FORMAT, header.offset, `more than ${MAX_GLOBALS} global records`);
  return all;
}

interface MemberParts {
  readonly start: number;
  readonly zerosBefore: number;
  readonly extensions: readonly TarExtension[];
  readonly header: TarHeader;
  readonly block: Buffer;
  readonly globals: ReadonlyMap<string, string>;
  readonly limit: number;
}

/** Reads what is between the header and the content: sparse maps. */
function* readMember(parts: MemberParts): Generator<number, TarMember, Uint8Array> {
  const { start, zerosBefore, extensions, header, block, globals, limit } = parts;
  const records = ownRecords(extensions);
  const dataOffset = header.offset + TAR_BLOCK;
  const dataBytes = withoutData(header) ? 0 : sizeOf(header, records, globals);
  if (dataBytes < 0 || dataOffset + padded(dataBytes) > limit)
    throw new FormatError(
      FORMAT,
      header.offset + 124,
      `data of ${dataBytes} bytes leaves the file`,
    );
  let map: Uint8Array = NOTHING;
  if (header.typeflag === 'S') map = yield* takeGnuMap(block, dataOffset);
  else if (hasMapInData(header, records)) map = yield* takeMapLines(dataOffset, dataBytes);
  const sparseBlocks = header.typeflag === 'S' ? map.length / TAR_BLOCK : 0;
  const end = dataOffset + sparseBlocks * TAR_BLOCK + padded(dataBytes);
  if (end > limit)
    throw new FormatError(
      FORMAT,
      header.offset + 124,
      `data of ${dataBytes} bytes leaves the file`,
    );
  const { prefix, name } = header;
  const value = (key: string) => recordValue(records, globals, key);
  return {
    offset: start,
    zerosBefore,
    extensions,
    header,
    block,
    globals,
    path:
      paxValue(records, 'GNU.sparse.name') ??
      value('path') ??
      longText(extensions, 'long-name') ??
      (prefix === '' ? name : `${prefix}/${name}`),
    linkTarget: value('linkpath') ?? longText(extensions, 'long-link') ?? header.linkname,
    dataOffset,
    dataBytes,
    sparseBlocks,
    map,
    contentOffset: dataOffset + map.length,
    contentBytes: sparseBlocks > 0 ? dataBytes : dataBytes - map.length,
    end,
    sparse: readTarSparse({ header, block, map, records, dataBytes }),
  };
}

function withoutData({ typeflag }: TarHeader): boolean {
  return WITHOUT_DATA.includes(typeflag);
}

function* takeGnuMap(header: Buffer, offset: number): Generator<number, Uint8Array, Uint8Array> {
  const blocks: Uint8Array[] = [];
  let more = hasMoreSparse(header, true);
  while (more) {
    if (blocks.length === MAX_SPARSE_BLOCKS)
      throw new FormatError(FORMAT, offset, 'a sparse map of too many blocks');
    const block = yield TAR_BLOCK;
    if (block.length < TAR_BLOCK)
      throw new FormatError(FORMAT, offset + blocks.length * TAR_BLOCK, 'a sparse map is cut');
    blocks.push(block);
    more = hasMoreSparse(block, false);
  }
  return blocks.length === 0 ? NOTHING : Buffer.concat(blocks);
}

function* takeMapLines(
  offset: number,
  dataBytes: number,
): Generator<number, Uint8Array, Uint8Array> {
  const blocks: Uint8Array[] = [];
  const lines = new SparseMapLines();
  for (let length = 0; ; length += TAR_BLOCK) {
    if (length + TAR_BLOCK > dataBytes)
      throw new FormatError(FORMAT, offset + length, 'the sparse map has no end');
    const block = yield TAR_BLOCK;
    if (block.length < TAR_BLOCK)
      throw new FormatError(FORMAT, offset + length, 'a sparse map is cut');
    blocks.push(block);
    if (lines.feed(block, offset + length)) return Buffer.concat(blocks);
  }
}

function ownRecords(extensions: readonly TarExtension[]): readonly PaxRecord[] {
  if (extensions.length === 0) return NO_RECORDS;
  const [only] = extensions;
  if (extensions.length === 1) return only!.kind === 'pax' ? only!.records : NO_RECORDS;
  return extensions.flatMap((e) => (e.kind === 'pax' ? e.records : []));
}

const NO_RECORDS: readonly PaxRecord[] = [];

/** An empty value in a record takes back that of a global header too (pax, "Extended Header Keyword Precedence"). */
function recordValue(
  records: readonly PaxRecord[],
  globals: ReadonlyMap<string, string>,
  key: string,
): string | null {
  if (globals.size === 0 || records.some((record) => record.key === key))
    return paxValue(records, key);
  const value = globals.get(key) ?? '';
  return value === '' ? null : value;
}

function longText(
  extensions: readonly TarExtension[],
  kind: 'long-name' | 'long-link',
): string | undefined {
  for (let i = extensions.length - 1; i >= 0; i--) {
    const extension = extensions[i]!;
    if (extension.kind === kind && 'text' in extension) return extension.text;
  }
  return undefined;
}

function sizeOf(
  header: TarHeader,
  records: readonly PaxRecord[],
  globals: ReadonlyMap<string, string>,
): number {
  const text = recordValue(records, globals, 'size');
  if (text === null) return header.size.value;
  const size = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(size))
    throw new FormatError(FORMAT, header.offset, 'the size record is not a number');
  return size;
}

function padded(length: number): number {
  return Math.ceil(length / TAR_BLOCK) * TAR_BLOCK;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
