/** PE/COFF images: EFI programs and unified kernel images. */

import type { Fact, FactRow } from '../../core/facts.js';
import { bufferAccess, windowAccess, type RandomAccess } from '../../core/random-access.js';
import { isPe } from '../../formats/pe-headers.js';
import { peRegions, type PeRegionKind } from '../../formats/pe-regions.js';
import type { PeSection } from '../../formats/pe-sections.js';
import { readPe, type Pe } from '../../formats/pe.js';
import type { Extent, Region } from '../../formats/regions.js';
import { digestOfExtents, fillOf, Told } from '../common/told.js';
import { defineInspector, type InspectContext, type InspectedFacts } from '../define.js';
import { peHeaderFacts, peSectionValues, peTables, PE_SECTION_COLUMNS } from './pe-facts.js';

export const peInspector = defineInspector({
  id: 'pe',
  version: 1,
  summary:
    'PE/COFF images and unified kernel images (UAPI): headers, times, sections, and what is in them; certificate table.',
  streams: false,
  claims: ({ head }) => isPe(bufferAccess(head)),
  inspect: async (piece, context) => inspectPe(await piece.random(), context),
});

async function inspectPe(input: RandomAccess, context: InspectContext): Promise<InspectedFacts> {
  const pe = readPe(input);
  context.spend(pe.sections.length + pe.debug.length);
  const told = new Told();
  const facts = peHeaderFacts(pe, input, told);
  const tables = peTables(pe, input, told);
  const regions = peRegions(pe);
  const pieces = piecesByKey(pe, regions, 'section', '');
  const paddings = piecesByKey(pe, regions, 'section-padding', 'padding of ');
  const rows: FactRow[] = [];
  const headers = pe.sections.map((section) => peSectionValues(section, told));
  for (const [index, section] of pe.sections.entries())
    rows.push(
      await sectionRow(
        input,
        section,
        { values: headers[index]!, padding: fillOf(input, paddings.get(section.key) ?? []) },
        pieces.get(section.key) ?? [],
        told,
        context,
      ),
    );
  for (const { kind, name, offset, length } of regions) {
    if (kind !== 'trailing') continue;
    const part = await context.part('appended', windowAccess(input, offset, length));
    const values = [...PE_SECTION_COLUMNS.map(() => null), null, null, null];
    rows.push({ key: name, values, offset, part });
  }
  const columns = [
    ...PE_SECTION_COLUMNS,
    { name: 'content', kind: 'opaque' } as const,
    { name: 'derived', kind: 'digest' } as const,
    { name: 'padding', kind: 'slack' } as const,
  ];
  return {
    facts: [...facts, ...otherRegions(pe, input, told)],
    tables: [{ name: '', ordered: true, columns, rows }, ...tables],
    problems: pe.problems.map(({ offset, message }) => ({ offset, detail: message })),
  };
}

/** Code is a digest; what else is in a section may be a format of its own. */
async function sectionRow(
  input: RandomAccess,
  section: PeSection,
  { values, padding }: { readonly values: FactRow['values']; readonly padding: string | null },
  extents: readonly Extent[],
  told: Told,
  context: InspectContext,
): Promise<FactRow> {
  const { name, data, header } = section;
  const [only] = extents;
  const isCode = (header.characteristics.value & CODE) !== 0 || only === undefined;
  const isDerived = DERIVED.test(name);
  if (isCode || isDerived || extents.length > 1 || told.touches(only)) {
    const digest = digestOfExtents(
      input,
      extents.flatMap((extent) => told.rest(extent)),
    );
    const digests = isDerived ? [null, digest] : [digest, null];
    return {
      key: section.key,
      values: [...values, ...digests, padding],
      offset: data.offset,
      part: null,
    };
  }
  // Texts may end in NULs, which are counted.
  const zeros = TEXTS.has(name) ? zerosBehind(input, only) : 0;
  const bytes = windowAccess(input, only.offset, only.length - zeros);
  const part = await context.part(name, bytes, FORMATS[name]);
  return {
    key: section.key,
    values: [...values, zeros === 0 ? null : `${zeros} NULs behind`, null, padding],
    offset: data.offset,
    part,
  };
}

/** Whatever headers do not tell and sections do not hold. */
function otherRegions(pe: Pe, input: RandomAccess, told: Told): Fact[] {
  const regions = peRegions(pe);
  const rest = (...kinds: readonly string[]): readonly Extent[] =>
    regions.filter(({ kind }) => kinds.includes(kind)).flatMap((region) => told.rest(region));
  const opaque = (name: string, kinds: readonly string[]): Fact[] => {
    const extents = rest(...kinds);
    const value = digestOfExtents(input, extents);
    return value === null
      ? []
      : [{ name, kind: 'opaque', value, offset: extents[0]?.offset ?? null }];
  };
  const slack = ['header-padding', 'gap'];
  return [
    ...opaque('DOS stub', ['dos-stub', 'dos-header']),
    ...opaque('headers', ['optional-header', 'data-directories', 'optional-header-rest']),
    ...opaque('section table', ['section-table', 'coff-header', 'pe-signature']),
    ...opaque('relocations', ['relocations', 'line-numbers']),
    ...opaque('symbol table', ['symbol-table']),
    ...opaque('string table', ['string-table']),
    ...opaque('certificate table', ['certificate-table']),
    { name: 'padding', kind: 'slack', value: fillOf(input, rest(...slack)), offset: null },
  ];
}

function zerosBehind(input: RandomAccess, { offset, length }: Extent): number {
  if (length > 1024 * 1024) return 0;
  const bytes = input.read(offset, length);
  let zeros = 0;
  while (zeros < bytes.length && bytes[bytes.length - 1 - zeros] === 0) zeros++;
  return zeros;
}

/** What is left to each section where several claim the same bytes; its pieces are named `x`, `x#2`. */
function piecesByKey(
  { sections }: Pe,
  regions: readonly Region<PeRegionKind>[],
  kind: PeRegionKind,
  prefix: string,
): ReadonlyMap<string, readonly Extent[]> {
  const keys = new Set(sections.map(({ key }) => key));
  const pieces = new Map<string, Extent[]>();
  for (const region of regions) {
    if (region.kind !== kind) continue;
    const name = region.name.slice(prefix.length);
    const key = keys.has(name) ? name : name.replace(/#\d+$/, '');
    const known = pieces.get(key);
    if (known === undefined) pieces.set(key, [region]);
    else known.push(region);
  }
  return pieces;
}

const CODE = 0x20;
const DERIVED = /^\.(?:reloc|pdata|xdata|rela|dynamic|dynsym|dynstr)$/;
const TEXTS: ReadonlySet<string> = new Set([
  '.osrel',
  '.cmdline',
  '.uname',
  '.sbat',
  '.pcrsig',
  '.pcrpkey',
  '.profile',
]);
/** What the sections of a unified kernel image hold (UAPI, "Unified Kernel Image"). */
const FORMATS: Readonly<Record<string, string>> = {
  '.initrd': 'initramfs',
  '.ucode': 'initramfs',
  '.osrel': 'os-release',
  '.profile': 'os-release',
  '.cmdline': 'text',
  '.uname': 'text',
  '.sbat': 'text',
  '.linux': 'linux-kernel',
  '.pcrsig': 'pcrsig',
};
