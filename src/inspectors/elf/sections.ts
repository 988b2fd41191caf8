/** Sections of an ELF file: their headers, and digests or parts for the bytes that no field tells. */

import type { Fact, FactColumn, FactRow, FactTable } from '../../core/facts.js';
import { windowAccess } from '../../core/random-access.js';
import { SHT, type Elf, type ElfSection } from '../../formats/elf.js';
import type { ElfRegion } from '../../formats/elf-regions.js';
import type { Extent } from '../../formats/regions.js';
import { bigFact } from '../common/fact-number.js';
import { digestOfExtents, fillOf, type Told } from '../common/told.js';
import type { InspectContext } from '../define.js';

/**
 * What the bytes of a section mean: code and data of their own; what follows from code, names and places elsewhere in the file;
 * what only places them.
 */
export type SectionSort = 'content' | 'derived' | 'layout';

/** `sorts`: by index, for sections that were looked into already. */
export async function sectionTable(
  elf: Elf,
  regions: readonly ElfRegion[],
  told: Told,
  sorts: ReadonlyMap<number, SectionSort>,
  context: InspectContext,
): Promise<FactTable> {
  const pieces = piecesByIndex(regions, 'section');
  const rows: FactRow[] = [];
  for (const section of elf.sections) {
    if (section.index === 0 && isEmpty(section)) continue;
    rows.push(
      await sectionRow(elf, section, pieces.get(section.index) ?? [], told, sorts, context),
    );
  }
  for (const [index, extents] of piecesByIndex(regions, 'segment')) {
    const content = digestOfExtents(
      elf.input,
      extents.flatMap((extent) => told.rest(extent)),
    );
    rows.push({
      key: `segment ${index}`,
      values: [...HEADER_COLUMNS.map(() => null), content, null, null],
      offset: extents[0]!.offset,
      part: null,
    });
  }
  return { name: 'section', ordered: true, columns: COLUMNS, rows };
}

/** Alignment, and what nothing points to: told when it is not zero. */
export function paddingFact({ input }: Elf, regions: readonly ElfRegion[]): Fact {
  const gaps = regions.filter(({ kind }) => kind === 'gap').map(extentOf);
  return { name: 'padding', kind: 'slack', value: fillOf(input, gaps), offset: null };
}

/** What is appended: file systems of AppImages, archives, signatures. */
export async function trailingTable(
  { input }: Elf,
  regions: readonly ElfRegion[],
  context: InspectContext,
): Promise<FactTable[]> {
  const region = regions.find(({ kind }) => kind === 'trailing');
  if (region === undefined) return [];
  const { offset, bytes } = region;
  const part = await context.part('appended', windowAccess(input, offset, bytes));
  const rows = [{ key: 'appended', values: [bytes], offset, part }];
  return [{ name: '', ordered: true, columns: [{ name: 'size', kind: 'size' }], rows }];
}

async function sectionRow(
  elf: Elf,
  section: ElfSection,
  pieces: readonly Extent[],
  told: Told,
  sorts: ReadonlyMap<number, SectionSort>,
  context: InspectContext,
): Promise<FactRow> {
  const sort = sorts.get(section.index) ?? sortOf(section, elf);
  const [only] = pieces;
  const asPart =
    sort === 'content' && pieces.length === 1 && isData(section) && !told.touches(only!);
  const digest = asPart
    ? null
    : digestOfExtents(
        elf.input,
        pieces.flatMap((piece) => told.rest(piece)),
      );
  return {
    key: section.name === '' ? `section ${section.index}` : section.name,
    values: [
      ...HEADER_COLUMNS.map(({ name }) => headerValue(section, name)),
      sort === 'content' ? digest : null,
      sort === 'derived' ? digest : null,
      sort === 'layout' ? digest : null,
    ],
    offset: section.content?.offset ?? section.offset,
    part: asPart
      ? await context.part(
          section.name,
          windowAccess(elf.input, only!.offset, only!.length),
          WELL_KNOWN.test(section.name) ? 'blocks' : undefined,
        )
      : null,
  };
}

/** Where values may speak for themselves: data and what else is no machine code. */
function isData({ type, flags, content, name }: ElfSection): boolean {
  const isPlain =
    type === SHT.progbits && (flags & (EXECUTABLE | COMPRESSED)) === 0n && !ADDRESSES.test(name);
  const bytes = content?.bytes ?? 0;
  return isPlain && bytes >= SMALLEST_PART && bytes <= LARGEST_PART;
}

function sortOf({ type, flags, name }: ElfSection, { type: fileType }: Elf): SectionSort {
  if (DERIVED_TYPES.has(type) || (flags & COMPRESSED) !== 0n) return 'derived';
  // In object files these are inputs of the linker that nothing else tells.
  if (fileType === RELOCATABLE && name === '.eh_frame') return 'content';
  return DERIVED_NAMES.test(name) ? 'derived' : 'content';
}

function headerValue({ raw }: ElfSection, name: string) {
  const fields: Readonly<Record<string, bigint>> = { ...raw };
  const value = fields[name] ?? 0n;
  return value === 0n ? null : bigFact(value);
}

function isEmpty({ raw }: ElfSection): boolean {
  return Object.values(raw).every((value) => value === 0n);
}

function piecesByIndex(
  regions: readonly ElfRegion[],
  kind: 'section' | 'segment',
): ReadonlyMap<number, readonly Extent[]> {
  const found = new Map<number, Extent[]>();
  for (const region of regions) {
    if (region.kind !== kind || region.index === null) continue;
    const known = found.get(region.index);
    if (known === undefined) found.set(region.index, [extentOf(region)]);
    else known.push(extentOf(region));
  }
  return found;
}

function extentOf({ offset, bytes }: ElfRegion): Extent {
  return { offset, length: bytes };
}

const RELOCATABLE = 1;
const EXECUTABLE = 4n;
const COMPRESSED = 0x800n;
/** Below this a digest says as much as blocks do: no value in them would be told. */
const SMALLEST_PART = 12;
/** Above it, blocks would cost more than the rest of the file. */
const LARGEST_PART = 8 * 1024 * 1024;
/** Mostly addresses, or strings of which most are names of types. */
const ADDRESSES = /^\.(?:data\.rel|z?debug_)/;
/** Never another file by what they begin with. */
const WELL_KNOWN = /^\.(?:rodata|data|tdata)/;

/** String tables, relocations, hashes and versions of symbols, groups: they follow from names and places. */
const DERIVED_TYPES: ReadonlySet<number> = new Set([
  2, 3, 4, 5, 6, 9, 11, 17, 18, 19, 0x6ffffff6, 0x6ffffffd, 0x6ffffffe, 0x6fffffff,
]);
/** Tables of addresses that linkers make, and debug information, which follows from sources, paths and code. */
const DERIVED_NAMES =
  /^\.(?:eh_frame(?:_hdr)?|got|plt|gnu\.hash|(?:pre)?init_array|fini_array|ctors|dtors|gdb_index|opd|orc_unwind|z?debug_(?!str$|str\.dwo|line_str$|abbrev))/;

const HEADER_COLUMNS: readonly FactColumn[] = [
  { name: 'sh_name', kind: 'offset' },
  { name: 'sh_type', kind: 'number' },
  { name: 'sh_flags', kind: 'flags' },
  { name: 'sh_addr', kind: 'offset' },
  { name: 'sh_offset', kind: 'offset' },
  { name: 'sh_size', kind: 'size' },
  { name: 'sh_link', kind: 'offset' },
  { name: 'sh_info', kind: 'offset' },
  { name: 'sh_addralign', kind: 'size' },
  { name: 'sh_entsize', kind: 'size' },
];

const COLUMNS: readonly FactColumn[] = [
  ...HEADER_COLUMNS,
  { name: 'content', kind: 'opaque' },
  // Tables of places.
  { name: 'derived', kind: 'offset' },
  { name: 'layout', kind: 'layout' },
];
