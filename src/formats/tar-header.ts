/**
 * The 512-byte header block of tar (POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"),
 * field by field as it was written: digits, padding, terminator, base-256. No field is interpreted here beyond its value.
 */

import { FormatError } from '../core/errors.js';

export const TAR_BLOCK = 512;

/** `v7` has no magic number; `gnu` is `ustar  \0` (old GNU), `ustar` is POSIX's, also of pax archives. */
export type TarDialect = 'v7' | 'ustar' | 'gnu';

/** How a number is written: `blank` is a field of NUL and space only and counts as 0. */
export type TarNumberForm = 'octal' | 'base256' | 'blank';

export interface TarNumber {
  readonly value: number;
  readonly form: TarNumberForm;
  /** The field as it is, latin1: width, padding and terminator. */
  readonly raw: string;
}

export interface TarHeader {
  /** Of the block in the archive. */
  readonly offset: number;
  readonly dialect: TarDialect;
  /** Up to the first NUL, latin1 bytes; without the prefix. */
  readonly name: string;
  readonly mode: TarNumber;
  readonly uid: TarNumber;
  readonly gid: TarNumber;
  readonly size: TarNumber;
  readonly mtime: TarNumber;
  readonly checksum: TarNumber;
  /** Old writers summed signed bytes; both agree where no byte is above 127. */
  readonly checksumKind: 'unsigned' | 'signed';
  /** One character; `\0` is a regular file of v7. */
  readonly typeflag: string;
  readonly linkname: string;
  /** Magic and version, eight bytes. */
  readonly magic: string;
  /** `''` in v7. */
  readonly uname: string;
  readonly gname: string;
  readonly devmajor: TarNumber;
  readonly devminor: TarNumber;
  /** `''` unless the dialect is ustar: the others keep something else there. */
  readonly prefix: string;
}

/** Where each field starts and how many bytes it has. */
export const TAR_FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  typeflag: [156, 1],
  linkname: [157, 100],
  magic: [257, 8],
  uname: [265, 32],
  gname: [297, 32],
  devmajor: [329, 8],
  devminor: [337, 8],
  prefix: [345, 155],
  /** GNU only, from here. */
  atime: [345, 12],
  ctime: [357, 12],
  multiVolumeOffset: [369, 12],
  isExtended: [482, 1],
  realSize: [483, 12],
} as const satisfies Record<string, readonly [number, number]>;
export type TarFieldName = keyof typeof TAR_FIELD;

const FORMAT = 'tar';
const BLANK: TarNumber = { value: 0, form: 'blank', raw: '' };

/** Reads one header block; throws `FormatError` when the checksum fails or a number is none. */
export function readTarHeader(bytes: Uint8Array, offset: number): TarHeader {
  return readTarHeaderBlock(tarBlock(bytes, offset), offset);
}

/** The same for a block alone; `offset` is where it is in the archive. */
export function readTarHeaderBlock(block: Buffer, offset: number): TarHeader {
  // One conversion for all numbers: fields so short become strings of their own, that do not hold on to it.
  const text = block.toString('latin1', 0, TAR_BLOCK);
  const number = (field: TarFieldName): TarNumber => {
    const [start, length] = TAR_FIELD[field];
    return numberOf(block, start, text.slice(start, start + length), offset);
  };
  const checksum = number('checksum');
  const checksumKind = matchChecksum(block, checksum, offset);
  const magic = text.slice(257, 265);
  const dialect: TarDialect =
    magic === 'ustar  \0' ? 'gnu' : magic.startsWith('ustar') ? 'ustar' : 'v7';
  const named = dialect !== 'v7';
  return {
    offset,
    dialect,
    name: tarString(block, 'name'),
    mode: number('mode'),
    uid: number('uid'),
    gid: number('gid'),
    size: number('size'),
    mtime: number('mtime'),
    checksum,
    checksumKind,
    typeflag: text[156]!,
    linkname: tarString(block, 'linkname'),
    magic,
    uname: named ? tarString(block, 'uname') : '',
    gname: named ? tarString(block, 'gname') : '',
    devmajor: named ? number('devmajor') : BLANK,
    devminor: named ? number('devminor') : BLANK,
    prefix: dialect === 'ustar' ? tarString(block, 'prefix') : '',
  };
}

/** The block at an offset, without a copy; throws `FormatError` when the archive ends before it does. */
export function tarBlock(bytes: Uint8Array, offset: number): Buffer {
  if (offset + TAR_BLOCK > bytes.length)
    throw new FormatError(FORMAT, offset, `a block of 512 bytes is cut at ${bytes.length}`);
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, TAR_BLOCK);
}

export function isZeroBlock(bytes: Uint8Array, offset: number): boolean {
  for (let i = offset; i < offset + TAR_BLOCK; i++) if (bytes[i] !== 0) return false;
  return offset + TAR_BLOCK <= bytes.length;
}

/** A field as it is, latin1. */
export function tarText(block: Buffer, field: TarFieldName): string {
  const [start, length] = TAR_FIELD[field];
  return block.toString('latin1', start, start + length);
}

/**
 * A number in octal (padding, digits, NUL or space) or base-256 (first bit set, two's complement, big-endian): those of sparse
 * maps, which are no header fields, and any other.
 */
export function tarNumberAt(
  block: Buffer,
  start: number,
  length: number,
  offset: number,
): TarNumber {
  const raw = block.toString('latin1', start, start + length);
  return numberOf(block, start, raw, offset);
}

function numberOf(block: Buffer, start: number, raw: string, offset: number): TarNumber {
  const end = start + raw.length;
  if ((block[start]! & 0x80) !== 0)
    return { value: base256(block, start, raw.length, offset), form: 'base256', raw };
  let at = start;
  while (at < end && block[at] === 0x20) at++;
  const digits = at;
  let value = 0;
  for (; at < end && block[at]! >= 0x30 && block[at]! <= 0x37; at++)
    value = value * 8 + block[at]! - 0x30;
  const form = at === digits ? 'blank' : 'octal';
  for (; at < end; at++)
    if (block[at] !== 0x20 && block[at] !== 0)
      throw new FormatError(FORMAT, offset + start, `not an octal number: ${raw}`);
  return { value, form, raw };
}

/** The sum of all bytes of a header, its checksum field taken as spaces. */
export function tarChecksum(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < 148; i++) sum += block[i]!;
  for (let i = 156; i < TAR_BLOCK; i++) sum += block[i]!;
  return sum;
}

function tarString(block: Buffer, field: TarFieldName): string {
  const [start, length] = TAR_FIELD[field];
  let end = start;
  while (end < start + length && block[end] !== 0) end++;
  return end === start ? '' : block.toString('latin1', start, end);
}

function base256(block: Buffer, start: number, length: number, offset: number): number {
  let value = BigInt(block[start]! & 0x7f);
  for (let i = start + 1; i < start + length; i++) value = (value << 8n) | BigInt(block[i]!);
  if ((block[start]! & 0x40) !== 0) value -= 1n << BigInt(length * 8 - 1);
  const number = Number(value);
  if (!Number.isSafeInteger(number))
    throw new FormatError(FORMAT, offset + start, `${value} is beyond 2^53`);
  return number;
}

function matchChecksum(block: Buffer, found: TarNumber, offset: number): 'unsigned' | 'signed' {
  const unsigned = tarChecksum(block);
  if (found.form === 'octal' && found.value === unsigned) return 'unsigned';
  let signed = unsigned;
  for (let i = 0; i < TAR_BLOCK; i++) if ((i < 148 || i >= 156) && block[i]! > 127) signed -= 256;
  if (found.form === 'octal' && found.value === signed) return 'signed';
  throw new FormatError(
    FORMAT,
    offset + 148,
    `the checksum is ${unsigned}, the header says ${found.value}`,
  );
}
