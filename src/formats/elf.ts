/**
 * The skeleton of an ELF file: header, program headers, section headers (System V gABI, chapters 4 and 5), of both classes
 * and byte orders. Contents are not read, so a file of 100 MB costs a handful of small reads.
 */

import { FormatError } from '../core/errors.js';
import { windowAccess, type RandomAccess } from '../core/random-access.js';
import {
  readStructure,
  structureBytes,
  type ElfBits,
  type ElfHeaderRaw,
  type ElfSectionRaw,
  type ElfSegmentRaw,
} from './elf-layout.js';
import { addProblem, type ElfProblem } from './elf-problems.js';
import { PagedBytes } from './paged-bytes.js';

export interface ByteRange {
  /** In the file. */
  readonly offset: number;
  /** At least one. */
  readonly bytes: number;
}

export interface ElfSegment {
  readonly index: number;
  /** Of its program header. */
  readonly offset: number;
  readonly raw: ElfSegmentRaw;
  readonly type: number;
  /** Where its bytes are, cut at the end of the file; null when it has none there. */
  readonly content: ByteRange | null;
}

export interface ElfSection {
  readonly index: number;
  /** Of its section header. */
  readonly offset: number;
  readonly raw: ElfSectionRaw;
  /** Latin1 bytes; empty when the table of names does not have it. */
  readonly name: string;
  readonly type: number;
  readonly flags: bigint;
  /** Number of another section; its meaning depends on the type. */
  readonly link: number;
  /** Where its bytes are, cut at the end of the file; null when it has none there (also SHT_NOBITS). */
  readonly content: ByteRange | null;
}

export interface Elf {
  readonly input: RandomAccess;
  readonly bits: ElfBits;
  readonly littleEndian: boolean;
  readonly header: { readonly offset: 0; readonly raw: ElfHeaderRaw };
  /** e_type: 1 relocatable, 2 executable, 3 shared or PIE, 4 core. */
  readonly type: number;
  readonly machine: number;
  readonly segments: readonly ElfSegment[];
  /** With the null section at index 0. */
  readonly sections: readonly ElfSection[];
  readonly headerRange: ByteRange;
  /** The table of program headers, with the bytes that entries larger than ours have; null when there is none. */
  readonly segmentTable: ByteRange | null;
  readonly sectionTable: ByteRange | null;
  /** What did not make sense; the rest was read all the same. */
  readonly problems: readonly ElfProblem[];
}

export const SHT = {
  null: 0,
  progbits: 1,
  symtab: 2,
  strtab: 3,
  rela: 4,
  dynamic: 6,
  note: 7,
  nobits: 8,
  rel: 9,
  dynsym: 11,
} as const;
export const PT = { load: 1, dynamic: 2, interp: 3, note: 4, phdr: 6 } as const;
export const ET = { relocatable: 1, executable: 2, shared: 3, core: 4 } as const;

const FORMAT = 'elf';
const MAGIC = 0x7f454c46;
/** Section 0 holds the number that the header has no room for. */
const EXTENDED_SEGMENTS = 0xffff;
const EXTENDED_NAMES = 0xffff;
/** Object files with a section for each function have more than 65,535, but not many times more. */
const MAX_HEADERS = 200_000;
const MAX_TABLE_READ = 4 * 1024 * 1024;
const MAX_NAME = 4096;
/** All names together. */
const MAX_NAMES = 64 * 1024 * 1024;

export function isElf(head: Uint8Array): boolean {
  return (
    head.length >= 4 &&
    new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(0) === MAGIC
  );
}

/** Throws `FormatError` when there is no whole ELF header; everything behind it becomes `problems`. */
export function readElf(input: RandomAccess): Elf {
  const head = input.read(0, 64);
  if (!isElf(head)) throw new FormatError(FORMAT, 0, 'expected \\x7fELF');
  const bits = head[4] === 1 ? 32 : head[4] === 2 ? 64 : null;
  if (bits === null) throw new FormatError(FORMAT, 4, `expected class 1 or 2, found ${head[4]}`);
  if (head[5] !== 1 && head[5] !== 2)
    throw new FormatError(FORMAT, 5, `expected byte order 1 or 2, found ${head[5]}`);
  const littleEndian = head[5] === 1;
  const raw = readStructure('header', bits, PagedBytes.of(head, littleEndian, FORMAT), 0);
  const file: File = { input, bits, littleEndian, raw, problems: [] };

  const extended = readExtended(file);
  const segmentTable = tableRange(file, 'segment', extended.segments);
  const sectionTable = tableRange(file, 'section', extended.sections);
  const segments = segmentTable === null ? [] : readSegments(file, segmentTable);
  const sections =
    sectionTable === null ? [] : readSections(file, sectionTable, extended.namesIndex);
  return {
    input,
    bits,
    littleEndian,
    header: { offset: 0, raw },
    type: Number(raw.e_type),
    machine: Number(raw.e_machine),
    segments,
    sections,
    headerRange: { offset: 0, bytes: structureBytes('header', bits) },
    segmentTable,
    sectionTable,
    problems: file.problems,
  };
}

/** The first section of that name. */
export function sectionNamed(elf: Elf, name: string): ElfSection | undefined {
  return elf.sections.find((section) => section.name === name);
}

interface File {
  readonly input: RandomAccess;
  readonly bits: ElfBits;
  readonly littleEndian: boolean;
  readonly raw: ElfHeaderRaw;
  readonly problems: ElfProblem[];
}

/** Numbers of headers, from section 0 where the file header cannot hold them (gABI, e_shnum, e_shstrndx, PN_XNUM). */
function readExtended(file: File) {
  const { raw } = file;
  let sections = raw.e_shnum;
  let segments = raw.e_phnum;
  let namesIndex = raw.e_shstrndx;
  const extends0 =
    (sections === 0n && raw.e_shoff !== 0n) ||
    segments === BigInt(EXTENDED_SEGMENTS) ||
    namesIndex === BigInt(EXTENDED_NAMES);
  if (extends0 && raw.e_shoff !== 0n) {
    const bytes = structureBytes('section', file.bits);
    const at = raw.e_shoff <= BigInt(file.input.size) ? Number(raw.e_shoff) : file.input.size;
    if (at + bytes > file.input.size)
      addProblem(file.problems, at, 'section header 0 is not in the file');
    else {
      const first = readStructure('section', file.bits, tableBytes(file, at, bytes), 0);
      if (sections === 0n) sections = first.sh_size;
      if (segments === BigInt(EXTENDED_SEGMENTS) && first.sh_info !== 0n) segments = first.sh_info;
      if (namesIndex === BigInt(EXTENDED_NAMES)) namesIndex = first.sh_link;
    }
  }
  return { sections, segments, namesIndex: Number(namesIndex) };
}

function tableRange(file: File, structure: 'segment' | 'section', count: bigint): ByteRange | null {
  const { raw, bits, input, problems } = file;
  if (count === 0n) return null;
  const isSegment = structure === 'segment';
  const start = isSegment ? raw.e_phoff : raw.e_shoff;
  const entry = isSegment ? raw.e_phentsize : raw.e_shentsize;
  const at = fieldOffset(bits, isSegment ? 'phoff' : 'shoff');
  if (entry < BigInt(structureBytes(structure, bits))) {
    addProblem(problems, at, `${structure} headers of ${entry} bytes`);
    return null;
  }
  const there = start < BigInt(input.size) ? (BigInt(input.size) - start) / entry : 0n;
  let usable = count < there ? count : there;
  if (usable < count)
    addProblem(problems, at, `${count} ${structure} headers at ${start}, ${usable} in the file`);
  if (usable > BigInt(MAX_HEADERS)) {
    addProblem(problems, at, `more than ${MAX_HEADERS} ${structure} headers`);
    usable = BigInt(MAX_HEADERS);
  }
  return usable === 0n ? null : { offset: Number(start), bytes: Number(usable * entry) };
}

function readSegments(file: File, table: ByteRange): readonly ElfSegment[] {
  const entry = Number(file.raw.e_phentsize);
  const bytes = tableBytes(file, table.offset, table.bytes);
  const segments: ElfSegment[] = [];
  for (let at = 0; at < table.bytes; at += entry) {
    const raw = readStructure('segment', file.bits, bytes, at);
    const offset = table.offset + at;
    const index = segments.length;
    const content = contentRange(file, raw.p_offset, raw.p_filesz, () => ({
      offset,
      what: `segment ${index}`,
    }));
    segments.push({ index, offset, raw, type: Number(raw.p_type), content });
  }
  return segments;
}

function readSections(file: File, table: ByteRange, namesIndex: number): readonly ElfSection[] {
  const entry = Number(file.raw.e_shentsize);
  const bytes = tableBytes(file, table.offset, table.bytes);
  const sections: ElfSection[] = [];
  for (let at = 0; at < table.bytes; at += entry) {
    const raw = readStructure('section', file.bits, bytes, at);
    const offset = table.offset + at;
    const index = sections.length;
    const type = Number(raw.sh_type);
    const content =
      type === SHT.nobits || type === SHT.null
        ? null
        : contentRange(file, raw.sh_offset, raw.sh_size, () => ({
            offset,
            what: `section ${index}`,
          }));
    const link = Number(raw.sh_link);
    sections.push({ index, offset, raw, name: '', type, flags: raw.sh_flags, link, content });
  }
  return named(file, sections, namesIndex);
}

function named(
  file: File,
  sections: readonly ElfSection[],
  namesIndex: number,
): readonly ElfSection[] {
  if (namesIndex === 0) return sections;
  const range = sections[namesIndex]?.content;
  if (range === null || range === undefined) {
    addProblem(file.problems, fieldOffset(file.bits, 'shoff'), 'the names of sections are missing');
    return sections;
  }
  const table = windowAccess(file.input, range.offset, range.bytes);
  const names = new PagedBytes(table, file.littleEndian, FORMAT, range.offset);
  let left = MAX_NAMES;
  return sections.map((section) => {
    const at = Number(section.raw.sh_name);
    try {
      const { text: name } = names.text(at, Math.min(MAX_NAME, left));
      left -= name.length;
      return { ...section, name };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      addProblem(file.problems, section.offset, `section ${section.index} has no name at ${at}`);
      return section;
    }
  });
}

function contentRange(
  file: File,
  offset: bigint,
  bytes: bigint,
  where: () => { readonly offset: number; readonly what: string },
): ByteRange | null {
  if (bytes === 0n) return null;
  const size = BigInt(file.input.size);
  if (offset + bytes <= size) return { offset: Number(offset), bytes: Number(bytes) };
  const { offset: at, what } = where();
  addProblem(file.problems, at, `${what} is ${bytes} bytes at ${offset}, the file has ${size}`);
  return offset >= size ? null : { offset: Number(offset), bytes: Number(size - offset) };
}

/** One read for a whole table; entries of 65,535 bytes can make it larger than memory. */
function tableBytes({ input, littleEndian }: File, offset: number, bytes: number): PagedBytes {
  const table = windowAccess(input, offset, bytes);
  return bytes > MAX_TABLE_READ
    ? new PagedBytes(table, littleEndian, FORMAT, offset)
    : PagedBytes.of(table.read(0, bytes), littleEndian, FORMAT, offset);
}

function fieldOffset(bits: ElfBits, field: 'phoff' | 'shoff'): number {
  const word = bits / 8;
  return 24 + (field === 'phoff' ? word : 2 * word);
}
