/** The fixed structures of ELF, field by field, for both classes (System V gABI, chapters 4 and 5; elf(5)). */

import type { PagedBytes } from './paged-bytes.js';

export type ElfBits = 32 | 64;

/** Fields in the order of the file: name and bytes. */
type Layout = readonly (readonly [name: string, bytes: number])[];
type Name<L extends Layout> = L[number][0];
/** All fields of a structure, raw. */
export type ElfRaw<N extends string> = Readonly<Record<N, bigint>>;

export interface ElfField {
  readonly name: string;
  /** In the file. */
  readonly offset: number;
  readonly bytes: number;
  readonly value: bigint;
}

const IDENT = [
  ['ei_mag', 4],
  ['ei_class', 1],
  ['ei_data', 1],
  ['ei_version', 1],
  ['ei_osabi', 1],
  ['ei_abiversion', 1],
  ['ei_pad', 7],
  ['e_type', 2],
  ['e_machine', 2],
  ['e_version', 4],
] as const;
const TABLES = [
  ['e_flags', 4],
  ['e_ehsize', 2],
  ['e_phentsize', 2],
  ['e_phnum', 2],
  ['e_shentsize', 2],
  ['e_shnum', 2],
  ['e_shstrndx', 2],
] as const;

const HEADER_32 = [...IDENT, ['e_entry', 4], ['e_phoff', 4], ['e_shoff', 4], ...TABLES] as const;
const HEADER_64 = [...IDENT, ['e_entry', 8], ['e_phoff', 8], ['e_shoff', 8], ...TABLES] as const;

const SEGMENT_32 = [
  ['p_type', 4],
  ['p_offset', 4],
  ['p_vaddr', 4],
  ['p_paddr', 4],
  ['p_filesz', 4],
  ['p_memsz', 4],
  ['p_flags', 4],
  ['p_align', 4],
] as const;
const SEGMENT_64 = [
  ['p_type', 4],
  ['p_flags', 4],
  ['p_offset', 8],
  ['p_vaddr', 8],
  ['p_paddr', 8],
  ['p_filesz', 8],
  ['p_memsz', 8],
  ['p_align', 8],
] as const;

const SECTION_32 = [
  ['sh_name', 4],
  ['sh_type', 4],
  ['sh_flags', 4],
  ['sh_addr', 4],
  ['sh_offset', 4],
  ['sh_size', 4],
  ['sh_link', 4],
  ['sh_info', 4],
  ['sh_addralign', 4],
  ['sh_entsize', 4],
] as const;
const SECTION_64 = [
  ['sh_name', 4],
  ['sh_type', 4],
  ['sh_flags', 8],
  ['sh_addr', 8],
  ['sh_offset', 8],
  ['sh_size', 8],
  ['sh_link', 4],
  ['sh_info', 4],
  ['sh_addralign', 8],
  ['sh_entsize', 8],
] as const;

const SYMBOL_32 = [
  ['st_name', 4],
  ['st_value', 4],
  ['st_size', 4],
  ['st_info', 1],
  ['st_other', 1],
  ['st_shndx', 2],
] as const;
const SYMBOL_64 = [
  ['st_name', 4],
  ['st_info', 1],
  ['st_other', 1],
  ['st_shndx', 2],
  ['st_value', 8],
  ['st_size', 8],
] as const;

const COMPRESSION_32 = [
  ['ch_type', 4],
  ['ch_size', 4],
  ['ch_addralign', 4],
] as const;
const COMPRESSION_64 = [
  ['ch_type', 4],
  ['ch_reserved', 4],
  ['ch_size', 8],
  ['ch_addralign', 8],
] as const;

export type ElfHeaderRaw = ElfRaw<Name<typeof HEADER_64>>;
export type ElfSegmentRaw = ElfRaw<Name<typeof SEGMENT_64>>;
export type ElfSectionRaw = ElfRaw<Name<typeof SECTION_64>>;
export type ElfSymbolRaw = ElfRaw<Name<typeof SYMBOL_64>>;
export type ElfCompressionRaw = ElfRaw<Exclude<Name<typeof COMPRESSION_64>, 'ch_reserved'>>;

const LAYOUTS = {
  header: { 32: HEADER_32, 64: HEADER_64 },
  segment: { 32: SEGMENT_32, 64: SEGMENT_64 },
  section: { 32: SECTION_32, 64: SECTION_64 },
  symbol: { 32: SYMBOL_32, 64: SYMBOL_64 },
  compression: { 32: COMPRESSION_32, 64: COMPRESSION_64 },
} as const;

interface RawOf {
  readonly header: ElfHeaderRaw;
  readonly segment: ElfSegmentRaw;
  readonly section: ElfSectionRaw;
  readonly symbol: ElfSymbolRaw;
  readonly compression: ElfCompressionRaw;
}
export type ElfStructure = keyof RawOf;

/** Bytes of a structure. */
export function structureBytes(structure: ElfStructure, bits: ElfBits): number {
  return LAYOUTS[structure][bits].reduce((sum, [, bytes]) => sum + bytes, 0);
}

/** The structure at `at`. Throws `FormatError` where it is cut. */
export function readStructure<S extends ElfStructure>(
  structure: S,
  bits: ElfBits,
  bytes: PagedBytes,
  at: number,
): RawOf[S] {
  const raw: Record<string, bigint> = {};
  let position = at;
  for (const [name, width] of LAYOUTS[structure][bits]) {
    raw[name] = bytes.unsigned(position, width);
    position += width;
  }
  // The loop above sets exactly the names of the layout.
  return raw as RawOf[S];
}

/** The fields of a structure that was read at `offset` of the file, in the order they stand there. */
export function structureFields<S extends ElfStructure>(
  structure: S,
  bits: ElfBits,
  record: { readonly offset: number; readonly raw: RawOf[S] },
): readonly ElfField[] {
  const raw: Readonly<Record<string, bigint>> = { ...record.raw };
  let offset = record.offset;
  return LAYOUTS[structure][bits].map(([name, bytes]) => {
    const field = { name, offset, bytes, value: raw[name] ?? 0n };
    offset += bytes;
    return field;
  });
}
