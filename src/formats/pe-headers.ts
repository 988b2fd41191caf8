/** Headers of PE/COFF images ("PE Format", Microsoft): fields in the order of the file. */

import { FormatError } from '../core/errors.js';
import type { RandomAccess } from '../core/random-access.js';
import { layoutLength, readFields, type Field, type FieldsOf } from './fields.js';
import type { Extent } from './regions.js';

export const PE_FORMAT = 'pe';

export interface PeDirectory {
  /** Place in the table: 4 is the security directory. */
  readonly index: number;
  readonly name: string;
  /** Relative virtual address; the security directory alone has an offset in the file. */
  readonly address: Field<number>;
  readonly size: Field<number>;
}

export interface PeHeaders {
  readonly dos: FieldsOf<typeof DOS>;
  /** The four bytes `PE\0\0`. */
  readonly signature: Extent;
  readonly coff: FieldsOf<typeof COFF>;
  /** Null when there is none, or none of a known kind. */
  readonly optional: PeOptionalHeader | null;
  /** What `sizeOfOptionalHeader` says, cut at the end of the file. */
  readonly optionalExtent: Extent;
  readonly directories: readonly PeDirectory[];
  readonly sectionTable: Extent;
}

export type PeOptionalHeader =
  | { readonly kind: 'pe32'; readonly fields: FieldsOf<typeof PE32> }
  | { readonly kind: 'pe32+'; readonly fields: FieldsOf<typeof PE32_PLUS> };

export function isPe(input: RandomAccess): boolean {
  const head = input.read(0, DOS_BYTES);
  if (head.length < DOS_BYTES || head[0] !== 0x4d || head[1] !== 0x5a) return false;
  const at = new DataView(head.buffer, head.byteOffset).getUint32(0x3c, true);
  const magic = input.read(at, 4);
  return magic.length === 4 && PE_MAGIC.every((byte, i) => magic[i] === byte);
}

/** Throws `FormatError` when the file is no PE or ends inside a fixed header; `problems` takes the rest. */
export function readPeHeaders(input: RandomAccess, problems: FormatError[]): PeHeaders {
  if (!isPe(input)) throw new FormatError(PE_FORMAT, 0, 'expected MZ and the magic number PE');
  const dos = readFields(PE_FORMAT, DOS, input.read(0, DOS_BYTES), 0);
  const signature = { offset: dos.lfanew.value, length: 4 };
  const coffAt = signature.offset + 4;
  const coff = readFields(PE_FORMAT, COFF, input.read(coffAt, COFF_BYTES), coffAt);
  const optionalAt = coffAt + COFF_BYTES;
  const bytes = input.read(optionalAt, coff.sizeOfOptionalHeader.value);
  if (bytes.length < coff.sizeOfOptionalHeader.value)
    problems.push(new FormatError(PE_FORMAT, optionalAt, 'the optional header is cut off'));
  const optional = optionalHeader(bytes, optionalAt, problems);
  const tableAt = optionalAt + coff.sizeOfOptionalHeader.value;
  return {
    dos,
    signature,
    coff,
    optional,
    optionalExtent: { offset: optionalAt, length: bytes.length },
    directories: optional === null ? [] : directories(optional, bytes, optionalAt),
    sectionTable: sectionTable(input, tableAt, coff.numberOfSections.value, problems),
  };
}

function optionalHeader(
  bytes: Uint8Array,
  at: number,
  problems: FormatError[],
): PeOptionalHeader | null {
  if (bytes.length === 0) return null;
  const magic = bytes[0]! + 256 * (bytes[1] ?? 0);
  if (magic !== MAGIC.PE32 && magic !== MAGIC.PE32_PLUS) {
    problems.push(new FormatError(PE_FORMAT, at, `an optional header of kind ${magic}`));
    return null;
  }
  try {
    if (magic === MAGIC.PE32)
      return { kind: 'pe32', fields: readFields(PE_FORMAT, PE32, bytes, at) };
    return { kind: 'pe32+', fields: readFields(PE_FORMAT, PE32_PLUS, bytes, at) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    problems.push(error);
    return null;
  }
}

/** As many as the file says, and as fit into the optional header. */
function directories(header: PeOptionalHeader, bytes: Uint8Array, at: number): PeDirectory[] {
  const start = layoutLength(header.kind === 'pe32' ? PE32 : PE32_PLUS);
  const fit = Math.floor((bytes.length - start) / DIRECTORY_BYTES);
  const count = Math.min(header.fields.numberOfRvaAndSizes.value, fit);
  return Array.from({ length: count }, (_, index) => {
    const from = start + index * DIRECTORY_BYTES;
    const entry = bytes.subarray(from, from + DIRECTORY_BYTES);
    const { address, size } = readFields(PE_FORMAT, DIRECTORY, entry, at + from);
    return { index, name: DIRECTORY_NAMES[index] ?? `directory-${index}`, address, size };
  });
}

function sectionTable(
  input: RandomAccess,
  offset: number,
  count: number,
  problems: FormatError[],
): Extent {
  const fit = Math.max(0, Math.floor((input.size - offset) / SECTION_BYTES));
  if (fit < count)
    problems.push(new FormatError(PE_FORMAT, offset, `${count} sections are said, ${fit} fit`));
  return { offset, length: Math.min(count, fit) * SECTION_BYTES };
}

const PE_MAGIC = [0x50, 0x45, 0, 0];
const MAGIC = { PE32: 0x10b, PE32_PLUS: 0x20b } as const;
const DOS_BYTES = 64;
const COFF_BYTES = 20;
const DIRECTORY_BYTES = 8;
export const SECTION_BYTES = 40;

/** Names of the 16 data directories that are defined. */
const DIRECTORY_NAMES: readonly string[] = [
  'export',
  'import',
  'resource',
  'exception',
  'security',
  'base-relocation',
  'debug',
  'architecture',
  'global-pointer',
  'tls',
  'load-config',
  'bound-import',
  'import-address',
  'delay-import',
  'clr',
  'reserved',
];

const DOS = {
  magic: 'u16',
  cblp: 'u16',
  cp: 'u16',
  crlc: 'u16',
  cparhdr: 'u16',
  minalloc: 'u16',
  maxalloc: 'u16',
  ss: 'u16',
  sp: 'u16',
  csum: 'u16',
  ip: 'u16',
  cs: 'u16',
  lfarlc: 'u16',
  ovno: 'u16',
  reserved: 8,
  oemid: 'u16',
  oeminfo: 'u16',
  reserved2: 20,
  lfanew: 'u32',
} as const;

const COFF = {
  machine: 'u16',
  numberOfSections: 'u16',
  timeDateStamp: 'u32',
  pointerToSymbolTable: 'u32',
  numberOfSymbols: 'u32',
  sizeOfOptionalHeader: 'u16',
  characteristics: 'u16',
} as const;

const OPTIONAL_START = {
  magic: 'u16',
  majorLinkerVersion: 'u8',
  minorLinkerVersion: 'u8',
  sizeOfCode: 'u32',
  sizeOfInitializedData: 'u32',
  sizeOfUninitializedData: 'u32',
  addressOfEntryPoint: 'u32',
  baseOfCode: 'u32',
} as const;

const OPTIONAL_MIDDLE = {
  sectionAlignment: 'u32',
  fileAlignment: 'u32',
  majorOperatingSystemVersion: 'u16',
  minorOperatingSystemVersion: 'u16',
  majorImageVersion: 'u16',
  minorImageVersion: 'u16',
  majorSubsystemVersion: 'u16',
  minorSubsystemVersion: 'u16',
  win32VersionValue: 'u32',
  sizeOfImage: 'u32',
  sizeOfHeaders: 'u32',
  checkSum: 'u32',
  subsystem: 'u16',
  dllCharacteristics: 'u16',
} as const;

const PE32 = {
  ...OPTIONAL_START,
  baseOfData: 'u32',
  imageBase: 'u32',
  ...OPTIONAL_MIDDLE,
  sizeOfStackReserve: 'u32',
  sizeOfStackCommit: 'u32',
  sizeOfHeapReserve: 'u32',
  sizeOfHeapCommit: 'u32',
  loaderFlags: 'u32',
  numberOfRvaAndSizes: 'u32',
} as const;

const PE32_PLUS = {
  ...OPTIONAL_START,
  imageBase: 'u64',
  ...OPTIONAL_MIDDLE,
  sizeOfStackReserve: 'u64',
  sizeOfStackCommit: 'u64',
  sizeOfHeapReserve: 'u64',
  sizeOfHeapCommit: 'u64',
  loaderFlags: 'u32',
  numberOfRvaAndSizes: 'u32',
} as const;

const DIRECTORY = { address: 'u32', size: 'u32' } as const;
