/** The header of an ELF file and its program headers. */

import type { Fact, FactColumn, FactKind, FactTable, FactValue } from '../../core/facts.js';
import type { Elf, ElfSegment } from '../../formats/elf.js';
import { structureBytes, structureFields } from '../../formats/elf-layout.js';
import { bigFact } from '../common/fact-number.js';
import { digestOfExtents } from '../common/told.js';

/** Fields that say what the file is, or where things lie; those of one possible value are told when they have another. */
export function headerFacts(elf: Elf): Fact[] {
  const usual = usualValues(elf);
  const facts = structureFields('header', elf.bits, elf.header).flatMap(
    ({ name, offset, value }): Fact[] => {
      if (name === 'ei_mag' || usual.get(name) === value) return [];
      return [{ name, kind: KINDS[name] ?? 'number', value: bigFact(value), offset }];
    },
  );
  const { e_phentsize, e_shentsize } = elf.header.raw;
  return [
    ...facts,
    ...entryRest(elf, 'program headers', elf.segments, 'segment', Number(e_phentsize)),
    ...entryRest(elf, 'section headers', elf.sections, 'section', Number(e_shentsize)),
  ];
}

export function segmentTable(elf: Elf): FactTable {
  return {
    name: 'segment',
    ordered: true,
    columns: SEGMENT_COLUMNS,
    rows: elf.segments.map((segment) => ({
      key: SEGMENT_NAMES.get(segment.type) ?? `0x${segment.type.toString(16)}`,
      values: SEGMENT_COLUMNS.map(({ name }) => segmentValue(segment, name)),
      offset: segment.offset,
      part: null,
    })),
  };
}

function usualValues({ bits }: Elf): ReadonlyMap<string, bigint> {
  return new Map([
    ['ei_version', 1n],
    ['ei_abiversion', 0n],
    ['ei_pad', 0n],
    ['e_version', 1n],
    ['e_flags', 0n],
    ['e_ehsize', BigInt(structureBytes('header', bits))],
    ['e_phentsize', BigInt(structureBytes('segment', bits))],
    ['e_shentsize', BigInt(structureBytes('section', bits))],
  ]);
}

/** Bytes that entries have beyond the fields known here. */
function entryRest(
  elf: Elf,
  name: string,
  entries: readonly { readonly offset: number }[],
  structure: 'segment' | 'section',
  entryBytes: number,
): Fact[] {
  const known = structureBytes(structure, elf.bits);
  if (entryBytes <= known || entries.length === 0) return [];
  const rests = entries.map(({ offset }) => ({
    offset: offset + known,
    length: Math.min(entryBytes - known, Math.max(0, elf.input.size - offset - known)),
  }));
  const value = digestOfExtents(elf.input, rests);
  return [{ name: `rest of ${name}`, kind: 'opaque', value, offset: rests[0]!.offset }];
}

function segmentValue({ raw }: ElfSegment, name: string): FactValue {
  // Almost always the virtual address again.
  if (name === 'p_paddr' && raw.p_paddr === raw.p_vaddr) return null;
  const fields: Readonly<Record<string, bigint>> = { ...raw };
  return bigFact(fields[name] ?? 0n);
}

const KINDS: Readonly<Record<string, FactKind>> = {
  ei_pad: 'slack',
  e_entry: 'offset',
  e_phoff: 'offset',
  e_shoff: 'offset',
  e_flags: 'flags',
  e_ehsize: 'size',
  e_phentsize: 'size',
  e_phnum: 'size',
  e_shentsize: 'size',
  e_shnum: 'size',
  e_shstrndx: 'offset',
};

const SEGMENT_COLUMNS: readonly FactColumn[] = [
  { name: 'p_flags', kind: 'flags' },
  { name: 'p_offset', kind: 'offset' },
  { name: 'p_vaddr', kind: 'offset' },
  { name: 'p_paddr', kind: 'offset' },
  { name: 'p_filesz', kind: 'size' },
  { name: 'p_memsz', kind: 'size' },
  { name: 'p_align', kind: 'size' },
];

const SEGMENT_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'NULL'],
  [1, 'LOAD'],
  [2, 'DYNAMIC'],
  [3, 'INTERP'],
  [4, 'NOTE'],
  [5, 'SHLIB'],
  [6, 'PHDR'],
  [7, 'TLS'],
  [0x6474e550, 'GNU_EH_FRAME'],
  [0x6474e551, 'GNU_STACK'],
  [0x6474e552, 'GNU_RELRO'],
  [0x6474e553, 'GNU_PROPERTY'],
]);
