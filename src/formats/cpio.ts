/**
 * cpio archives member by member (cpio(5) of libarchive; Linux Documentation/driver-api/early-userspace/
 * buffer-format.rst): newc, its variant with sums, POSIX odc and the old binary one of both byte orders. Several archives may
 * follow each other with zeros between them, as initramfs images have it. Nothing is copied: data is named by its offsets.
 * One parser for bytes in memory and for streams.
 */

import { FormatError } from '../core/errors.js';
import { membersOf, takeZeros, type Steps } from './steps.js';

/** `crc` is newc with a sum of the data bytes, no CRC. */
export type CpioDialect = 'newc' | 'crc' | 'odc' | 'bin-le' | 'bin-be';

export interface CpioHeader {
  readonly ino: number;
  /** With the file type bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  /** Seconds. */
  readonly mtime: number;
  /** Of the data. */
  readonly sizeBytes: number;
  /** odc and bin have one number for both parts: it is in the minor one. */
  readonly devmajor: number;
  readonly devminor: number;
  readonly rdevmajor: number;
  readonly rdevminor: number;
  /** Of the name with its NUL. */
  readonly nameBytes: number;
  /** Sum of the data bytes in `crc`, 0 in newc and absent (0) elsewhere. */
  readonly check: number;
}

export interface CpioMember {
  readonly dialect: CpioDialect;
  /** Of the header. */
  readonly offset: number;
  readonly header: CpioHeader;
  /** Zero bytes in front of it: between archives, or before the first. */
  readonly zerosBefore: number;
  /** Header, name and padding as they are; a view. */
  readonly raw: Uint8Array;
  /** Latin1 bytes. */
  readonly path: string;
  readonly dataOffset: number;
  /** Offset behind data and padding. */
  readonly end: number;
  /** The member that ends one archive; another may follow. */
  readonly isTrailer: boolean;
  /** Which of the archives, from 0. */
  readonly archive: number;
}

export interface CpioEnd {
  /** Of the first byte that belongs to no member; zeros before it are padding. */
  readonly offset: number;
  /** Zero bytes before `offset` that belong to no member. */
  readonly zerosBefore: number;
  /** Whether the last archive has its trailer. */
  readonly isComplete: boolean;
}

export interface CpioStepOptions {
  /** Size of the input where it is known: sizes beyond it are refused at the header. */
  readonly limit?: number;
  /** Ends behind the first trailer. */
  readonly single?: boolean;
  /** As Linux has it: an archive without a trailer ends where no member follows, and nothing at all is no fault. */
  readonly trailerOptional?: boolean;
}

const FORMAT = 'cpio';
const TRAILER = 'TRAILER!!!';
/** Linux allows 4,096; others write longer ones. */
const MAX_NAME = 65_536;
const MAX_MEMBERS = 100_000_000;

type Field = keyof CpioHeader;
/** Name of a field, offset and width, in each dialect. */
type Layout = readonly (readonly [Field, number, number])[];

const NEWC: Layout = (
  [
    'ino',
    'mode',
    'uid',
    'gid',
    'nlink',
    'mtime',
    'sizeBytes',
    'devmajor',
    'devminor',
    'rdevmajor',
    'rdevminor',
    'nameBytes',
    'check',
  ] as const
).map((field, i) => [field, 6 + i * 8, 8] as const);
const ODC: Layout = [
  ['devminor', 6, 6],
  ['ino', 12, 6],
  ['mode', 18, 6],
  ['uid', 24, 6],
  ['gid', 30, 6],
  ['nlink', 36, 6],
  ['rdevminor', 42, 6],
  ['mtime', 48, 11],
  ['nameBytes', 59, 6],
  ['sizeBytes', 65, 11],
];
const BIN: Layout = [
  ['devminor', 2, 2],
  ['ino', 4, 2],
  ['mode', 6, 2],
  ['uid', 8, 2],
  ['gid', 10, 2],
  ['nlink', 12, 2],
  ['rdevminor', 14, 2],
  ['mtime', 16, 4],
  ['nameBytes', 20, 2],
  ['sizeBytes', 22, 4],
];
const SHAPE = {
  newc: { layout: NEWC, bytes: 110, align: 4 },
  crc: { layout: NEWC, bytes: 110, align: 4 },
  odc: { layout: ODC, bytes: 76, align: 1 },
  'bin-le': { layout: BIN, bytes: 26, align: 2 },
  'bin-be': { layout: BIN, bytes: 26, align: 2 },
} as const satisfies Record<CpioDialect, unknown>;
/** Enough to read the header of any dialect. */
export const CPIO_LOOK = 110;
const NO_HEADER: CpioHeader = {
  ino: 0,
  mode: 0,
  uid: 0,
  gid: 0,
  nlink: 0,
  mtime: 0,
  sizeBytes: 0,
  devmajor: 0,
  devminor: 0,
  rdevmajor: 0,
  rdevminor: 0,
  nameBytes: 0,
  check: 0,
};

/** The dialect of the header at an offset; null where none begins. */
export function cpioDialect(bytes: Uint8Array, offset = 0): CpioDialect | null {
  const magic = latin1(bytes, offset, offset + 6);
  if (magic === '070701') return 'newc';
  if (magic === '070702') return 'crc';
  if (magic === '070707') return 'odc';
  if (magic.startsWith('\xc7\x71')) return 'bin-le';
  return magic.startsWith('\x71\xc7') ? 'bin-be' : null;
}

/**
 * Yields the members, trailers too, and returns where they end: at what is neither a member nor zeros (a compressed
 * archive, say) or at the end. Throws `FormatError` where a header makes no sense.
 */
export function cpioMembers(bytes: Uint8Array): Generator<CpioMember, CpioEnd> {
  return membersOf(bytes, cpioSteps({ limit: bytes.length }));
}

/** The same for whoever feeds it. */
export function* cpioSteps(options: CpioStepOptions = {}): Steps<CpioMember, CpioEnd> {
  const { limit = Infinity, single = false, trailerOptional = false } = options;
  let offset = 0;
  let archive = 0;
  let isComplete = true;
  for (let count = 0; ; count++) {
    // Within an archive members follow each other; between archives zeros may stand.
    const zerosBefore: number = isComplete ? yield* takeZeros() : 0;
    offset += zerosBefore;
    const look = yield -CPIO_LOOK;
    const dialect = cpioDialect(look);
    if (dialect === null) {
      const mayEnd =
        count > 0 ? isComplete || trailerOptional : trailerOptional && look.length === 0;
      if (mayEnd) return { offset, zerosBefore, isComplete };
      throw new FormatError(FORMAT, offset, 'expected the magic number of a member');
    }
    if (count === MAX_MEMBERS) throw new FormatError(FORMAT, offset, 'too many members');
    const member: CpioMember = yield* cpioMemberAt({
      look,
      offset,
      dialect,
      archive,
      zerosBefore,
      limit,
    });
    yield member;
    offset = member.end;
    isComplete = member.isTrailer;
    if (!isComplete) continue;
    if (single) return { offset, zerosBefore: 0, isComplete };
    archive++;
  }
}

/** The header and name of a member, padded, as every writer could have written them (digits A to F in upper case). */
export function cpioHeaderBytes(dialect: CpioDialect, header: CpioHeader, path: string): Buffer {
  const { layout, bytes, align } = SHAPE[dialect];
  const block = Buffer.alloc(padded(bytes + path.length + 1, align));
  if (dialect.startsWith('bin')) block.writeUInt16LE(0o070707, 0);
  else block.write(dialect === 'odc' ? '070707' : dialect === 'crc' ? '070702' : '070701');
  for (const [field, at, width] of layout) {
    const value = header[field];
    if (width === 2) block.writeUInt16LE(value, at);
    else if (width === 4) writeMiddleEndian(block, at, value);
    else block.write(digits(dialect, value, width), at, 'latin1');
  }
  if (dialect === 'bin-be') block.subarray(0, bytes).swap16();
  block.write(path, bytes, 'latin1');
  return block;
}

/** Largest value a field can hold, by dialect. */
export function cpioLimit(dialect: CpioDialect, field: Field): number {
  const width = SHAPE[dialect].layout.find(([name]) => name === field)?.[2] ?? 0;
  if (width === 2 || width === 4) return 2 ** (8 * width) - 1;
  return (dialect === 'odc' ? 8 : 16) ** width - 1;
}

/** Where a member begins, for parsers that know more than cpio. */
export interface CpioPlace {
  /** The bytes of the header, looked at and not taken, and those that follow: 110 or up to the end. */
  readonly look: Uint8Array;
  readonly offset: number;
  readonly dialect: CpioDialect;
  readonly archive: number;
  readonly zerosBefore: number;
  readonly limit: number;
}

/** Takes header, name and padding of one member; the bytes are where `look` was. Throws `FormatError`. */
export function* cpioMemberAt(place: CpioPlace): Generator<number, CpioMember, Uint8Array> {
  const { look, offset, dialect, archive, zerosBefore, limit } = place;
  const shape = SHAPE[dialect];
  if (look.length < shape.bytes) throw new FormatError(FORMAT, offset, 'a header is cut');
  const header = readHeader(look, offset, dialect);
  const { nameBytes, sizeBytes } = header;
  const nameStart = offset + shape.bytes;
  if (nameBytes < 1 || nameBytes > MAX_NAME || nameStart + nameBytes > limit)
    throw new FormatError(FORMAT, offset, `a name of ${nameBytes} bytes`);
  // Offsets are aligned from the start of the member: archives that follow others may begin anywhere.
  const headBytes = padded(shape.bytes + nameBytes, shape.align);
  const end = offset + headBytes + padded(sizeBytes, shape.align);
  if (end > limit)
    throw new FormatError(FORMAT, offset, `data of ${sizeBytes} bytes leaves the file`);
  const raw = yield headBytes;
  if (raw.length < headBytes) throw new FormatError(FORMAT, offset + raw.length, 'a name is cut');
  const name = latin1(raw, shape.bytes, shape.bytes + nameBytes);
  if (name.indexOf('\0') !== nameBytes - 1)
    throw new FormatError(FORMAT, nameStart, 'a name without its NUL at the end');
  const path = name.slice(0, -1);
  return {
    dialect,
    offset,
    zerosBefore,
    raw,
    header,
    path,
    dataOffset: offset + headBytes,
    end,
    isTrailer: path === TRAILER && sizeBytes === 0,
    archive,
  };
}

function readHeader(bytes: Uint8Array, offset: number, dialect: CpioDialect): CpioHeader {
  const { layout, bytes: length } = SHAPE[dialect];
  let block = Buffer.from(bytes.buffer, bytes.byteOffset, length);
  if (dialect === 'bin-be') block = Buffer.from(block).swap16();
  const values: Record<Field, number> = { ...NO_HEADER };
  for (const [field, at, width] of layout) {
    if (width === 2) values[field] = block.readUInt16LE(at);
    // 32 bits are two words, the upper one first, as on a PDP-11.
    else if (width === 4)
      values[field] = block.readUInt16LE(at) * 65536 + block.readUInt16LE(at + 2);
    else values[field] = readDigits(block, at, width, dialect === 'odc', offset);
  }
  return values;
}

function readDigits(block: Buffer, at: number, width: number, octal: boolean, offset: number) {
  let value = 0;
  for (let i = at; i < at + width; i++) {
    const byte = block[i]!;
    // Digits, or letters with the bit that makes them lower case.
    const digit = byte < 0x3a ? byte - 0x30 : (byte | 0x20) - 0x57;
    if (digit < 0 || digit > (octal ? 7 : 15) || (byte >= 0x3a && digit < 10))
      throw new FormatError(
        FORMAT,
        offset + at,
        `not a number: ${JSON.stringify(block.toString('latin1', at, at + width))}`,
      );
    value = value * (octal ? 8 : 16) + digit;
  }
  return value;
}

function digits(dialect: CpioDialect, value: number, width: number): string {
  return value
    .toString(dialect === 'odc' ? 8 : 16)
    .toUpperCase()
    .padStart(width, '0');
}

function writeMiddleEndian(block: Buffer, at: number, value: number): void {
  block.writeUInt16LE(value >>> 16, at);
  block.writeUInt16LE(value & 0xffff, at + 2);
}

function padded(length: number, align: number): number {
  return Math.ceil(length / align) * align;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    start,
    end,
  );
}
