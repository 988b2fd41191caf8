/**
 * Caches of fontconfig (`fcint.h`, "FcCache"): an image of structures in memory, whose pointers are offsets from the
 * structure that holds them. What varies is the checksum, which is the mtime of the directory, and the order of fonts.
 */

import { FormatError } from '../core/errors.js';
import { dissect, toOffset, type ByteAccount, type Dissector } from './byte-fields.js';

export interface FontconfigCache {
  /** Bytes of a pointer: 4 or 8. */
  readonly wordSize: 4 | 8;
  readonly littleEndian: boolean;
  /** 8 since fontconfig 2.13.93, 9 since 2.14.90. */
  readonly version: number;
  /** The directory that the cache is of. */
  readonly directory: string;
  readonly subdirectories: readonly string[];
  readonly fonts: readonly FontconfigPattern[];
  /** mtime of the directory, in seconds, cut to 32 bits, and its nanoseconds. */
  readonly checksum: number;
  readonly checksumNano: bigint;
  /** The header's fields; strings, fonts and their values are covered, padding is in the gaps. */
  readonly account: ByteAccount;
}

export interface FontconfigPattern {
  readonly offset: number;
  readonly elements: readonly FontconfigElement[];
}

export interface FontconfigElement {
  readonly offset: number;
  /** Number of the property, and its name where it is one of fontconfig's own, such as `family`. */
  readonly object: number;
  readonly name: string | null;
  readonly values: readonly FontconfigValue[];
}

/** A value with its binding (0 weak, 1 strong, 2 same). Sets of characters and languages are told as hex. */
export interface FontconfigValue {
  readonly offset: number;
  readonly kind:
    | 'void'
    | 'int'
    | 'double'
    | 'string'
    | 'bool'
    | 'matrix'
    | 'charset'
    | 'langset'
    | 'range'
    | 'other';
  readonly value: string;
  readonly binding: number;
}

export function isFontconfigCache(head: Uint8Array): boolean {
  return magicOrder(head) !== null;
}

/** Throws `FormatError` when the header is none; damage behind it is in the account's problems. */
export function readFontconfigCache(bytes: Uint8Array): FontconfigCache {
  const littleEndian = magicOrder(bytes);
  if (littleEndian === null) throw new FormatError('fontconfig-cache', 0, 'no magic number');
  const input = dissect('fontconfig-cache', bytes, littleEndian);
  const wordSize = isSize(bytes, littleEndian) ? 8 : 4;
  const header = wordSize === 8 ? input.struct(HEADER_64, 0, '') : input.struct(HEADER_32, 0, '');
  const memory = memoryOf(input, wordSize);
  const directoryAt = toOffset(BigInt(header.directory));
  const fonts = input.attempt(() => readFonts(memory, toOffset(BigInt(header.set)))) ?? [];
  const directory = input.attempt(() => input.text(directoryAt)) ?? '';
  const listAt = toOffset(BigInt(header.subdirectories));
  const subdirectories =
    input.attempt(() =>
      memory
        .words(listAt, header.subdirectoryCount)
        .map((offset) => input.attempt(() => input.text(listAt + offset)) ?? ''),
    ) ?? [];
  if (toOffset(BigInt(header.size)) !== bytes.length)
    input.problem(8, `${header.size} bytes expected, ${bytes.length} found`);
  return {
    wordSize,
    littleEndian,
    version: header.version,
    directory,
    subdirectories,
    fonts,
    checksum: header.checksum,
    checksumNano: header.checksumNano,
    account: input.account(),
  };
}

/** What readers of an image need: words of its width, and pointers, which are odd when they are offsets. */
interface Memory {
  readonly input: Dissector;
  readonly wordSize: 4 | 8;
  words(at: number, count: number): readonly number[];
  pointer(base: number, word: number): number;
  /** Sets of characters by their place: fonts of a family share them. */
  readonly charsets: Map<number, string>;
}

function memoryOf(input: Dissector, wordSize: 4 | 8): Memory {
  return {
    input,
    wordSize,
    charsets: new Map(),
    words(at, count) {
      const bytes = input.bytes(at, count * wordSize);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return Array.from({ length: count }, (_, i) =>
        wordSize === 4
          ? view.getInt32(4 * i, input.littleEndian)
          : Number(view.getBigInt64(8 * i, input.littleEndian)),
      );
    },
    pointer: (base, word) => (word % 2 === 0 ? word : base + word - 1),
  };
}

function readFonts(memory: Memory, at: number): readonly FontconfigPattern[] {
  const counts = memory.input.struct({ count: 's32', capacity: 's32' }, at, 'set');
  const fontsAt = memory.pointer(at, memory.words(at + 8, 1)[0]!);
  return memory
    .words(fontsAt, counts.count)
    .flatMap(
      (word) => memory.input.attempt(() => readPattern(memory, memory.pointer(at, word))) ?? [],
    );
}

function readPattern(memory: Memory, offset: number): FontconfigPattern {
  const { input, wordSize } = memory;
  const { count } = input.struct({ count: 's32', capacity: 's32' }, offset, `font@${offset}`);
  const elementsAt = offset + memory.words(offset + 8, 1)[0]!;
  input.struct({ references: 's32' }, offset + 8 + wordSize, `font@${offset}`);
  if (count < 0 || count > input.size / 8)
    throw new FormatError('fontconfig-cache', offset, `${count} properties of a font`);
  const elements: FontconfigElement[] = [];
  for (let i = 0; i < count; i++) {
    const element = input.attempt(() => readElement(memory, elementsAt + i * 2 * wordSize));
    if (element === undefined) break;
    elements.push(element);
  }
  return { offset, elements };
}

function readElement(memory: Memory, offset: number): FontconfigElement {
  const { object } = memory.input.struct({ object: 's32' }, offset);
  const values: FontconfigValue[] = [];
  const word = memory.words(offset + memory.wordSize, 1)[0]!;
  let at = word === 0 ? 0 : memory.pointer(offset, word);
  while (at !== 0) {
    const next = memory.words(at, 1)[0]!;
    const value = memory.input.attempt(() => readValue(memory, at + memory.wordSize));
    if (value === undefined) break;
    values.push(value);
    at = next === 0 ? 0 : memory.pointer(at, next);
  }
  return { offset, object, name: OBJECTS[object - 1] ?? null, values };
}

function readValue(memory: Memory, offset: number): FontconfigValue {
  const { input, wordSize, littleEndian } = { ...memory, littleEndian: memory.input.littleEndian };
  const { type } = input.struct({ type: 's32' }, offset);
  // The union holds a double, which is aligned to 8 bytes wherever the format is used with 8; to 4 on i386.
  const unionAt = offset + (wordSize === 8 ? 8 : 4);
  const { binding } = input.struct({ binding: 's32' }, unionAt + 8);
  const kind = KINDS[type] ?? 'other';
  const target = (): number => memory.pointer(offset, memory.words(unionAt, 1)[0]!);
  const value = (): string => {
    switch (kind) {
      case 'int':
      case 'bool':
        return String(input.struct({ value: 's32' }, unionAt).value);
      case 'double':
        return double(input.bytes(unionAt, 8), littleEndian);
      case 'string':
        return input.text(target());
      case 'matrix':
        return hexAt(memory, target(), 32);
      case 'range':
        return hexAt(memory, target(), 16);
      case 'charset':
        return charset(memory, target());
      case 'langset':
        return langset(memory, target());
      case 'void':
      case 'other':
        return hexAt(memory, unionAt, 8);
    }
  };
  return { offset, kind, value: value(), binding };
}

/** As a number where that tells every bit, in hex otherwise. */
function double(bytes: Uint8Array, littleEndian: boolean): string {
  const value = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, littleEndian);
  if (Number.isNaN(value)) return Buffer.from(bytes).toString('hex');
  return Object.is(value, -0) ? '-0' : String(value);
}

function charset(memory: Memory, at: number): string {
  const known = memory.charsets.get(at);
  if (known !== undefined) return known;
  const { count } = memory.input.struct({ references: 's32', count: 's32' }, at, `charset@${at}`);
  const [leaves, numbers] = memory.words(at + 8, 2);
  const leafBytes = memory
    .words(at + leaves!, count)
    .map((offset) => hexAt(memory, at + leaves! + offset, 32));
  const told = `${hexAt(memory, at + numbers!, 2 * count)}:${leafBytes.join('')}`;
  memory.charsets.set(at, told);
  return told;
}

function langset(memory: Memory, at: number): string {
  const [extra] = memory.words(at, 1);
  const { count } = memory.input.struct({ count: 'u32' }, at + memory.wordSize);
  return `${extra === 0 ? '' : `${extra}:`}${hexAt(memory, at + memory.wordSize + 4, 4 * count)}`;
}

function hexAt(memory: Memory, at: number, length: number): string {
  return Buffer.from(memory.input.bytes(at, length)).toString('hex');
}

function magicOrder(head: Uint8Array): boolean | null {
  const magic = Buffer.from(head.subarray(0, 4)).toString('hex');
  return magic === '04fc02fc' ? true : magic === 'fc02fc04' ? false : null;
}

/** Whether the size of the file stands there as a 64-bit number; a file that was cut short is told by its high half. */
function isSize(bytes: Uint8Array, littleEndian: boolean): boolean {
  if (bytes.length < 16) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getBigUint64(8, littleEndian);
  const narrow = view.getUint32(8, littleEndian);
  return size === BigInt(bytes.length) || (narrow !== bytes.length && size < 1n << 32n);
}

const HEADER_64 = {
  magic: 'u32',
  version: 's32',
  size: 's64',
  directory: 's64',
  subdirectories: 's64',
  subdirectoryCount: 's32',
  padding: 'hex4',
  set: 's64',
  checksum: 's32',
  padding2: 'hex4',
  checksumNano: 's64',
} as const;
const HEADER_32 = {
  magic: 'u32',
  version: 's32',
  size: 's32',
  directory: 's32',
  subdirectories: 's32',
  subdirectoryCount: 's32',
  set: 's32',
  checksum: 's32',
  checksumNano: 's64',
} as const;

/** By FcType. */
const KINDS: Readonly<Record<number, FontconfigValue['kind']>> = {
  0: 'void',
  1: 'int',
  2: 'double',
  3: 'string',
  4: 'bool',
  5: 'matrix',
  6: 'charset',
  8: 'langset',
  9: 'range',
};

/** Names of the properties in the order of their numbers, from 1 on (`fcobjs.h`). */
const OBJECTS = (
  'family familylang style stylelang fullname fullnamelang slant weight width size aspect pixelsize spacing foundry ' +
  'antialias hintstyle hinting verticallayout autohint globaladvance file index rasterizer outline scalable dpi rgba ' +
  'scale minspace charwidth charheight matrix charset lang fontversion capability fontformat embolden embeddedbitmap ' +
  'decorative lcdfilter namelang fontfeatures prgname hash postscriptname color symbol fontvariations variable ' +
  'fonthashint order'
).split(' ');
