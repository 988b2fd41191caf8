/** A PE image taken apart without a rest. */

import type { Pe } from './pe.js';
import { partition, type Extent, type Region } from './regions.js';

export type PeRegionKind =
  | 'dos-header'
  | 'dos-stub'
  | 'pe-signature'
  | 'coff-header'
  | 'optional-header'
  | 'data-directories'
  | 'optional-header-rest'
  | 'section-table'
  | 'header-padding'
  /** Raw data up to the virtual size; named as the section. */
  | 'section'
  /** Raw data beyond the virtual size. */
  | 'section-padding'
  | 'relocations'
  | 'line-numbers'
  | 'symbol-table'
  | 'string-table'
  | 'certificate-table'
  | 'gap'
  /** Behind everything that a header mentions. */
  | 'trailing';

/**
 * The regions of [0, size), in order of offset, without overlap. Where headers claim bytes twice, the fixed headers have
 * them first, then sections in the order of the table, then their padding, then the other tables.
 */
export function peRegions(pe: Pe): readonly Region<PeRegionKind>[] {
  const regions = partition<PeRegionKind>(pe.size, [...headerClaims(pe), ...bodyClaims(pe)], 'gap');
  const last = regions.at(-1);
  if (last?.kind !== 'gap') return regions;
  return [...regions.slice(0, -1), { ...last, kind: 'trailing', name: 'trailing' }];
}

function headerClaims(pe: Pe): readonly Region<PeRegionKind>[] {
  const { offset, length } = pe.optionalExtent;
  const first = pe.directories[0]?.address.offset ?? offset + length;
  const directoriesEnd = first + 8 * pe.directories.length;
  const { signature } = pe;
  return [
    claim('dos-header', { offset: 0, length: 64 }),
    claim('pe-signature', signature),
    claim('coff-header', { offset: signature.offset + 4, length: 20 }),
    claim('optional-header', { offset, length: first - offset }),
    claim('data-directories', { offset: first, length: directoriesEnd - first }),
    claim('optional-header-rest', between(directoriesEnd, offset + length)),
    claim('section-table', pe.sectionTable),
    claim('dos-stub', between(64, signature.offset)),
  ];
}

function bodyClaims(pe: Pe): readonly Region<PeRegionKind>[] {
  const sections = pe.sections;
  const tables = sections.flatMap(({ key, header }) => [
    claim(
      'relocations',
      counted(header.pointerToRelocations.value, header.numberOfRelocations.value, 10),
      `relocations of ${key}`,
    ),
    claim(
      'line-numbers',
      counted(header.pointerToLinenumbers.value, header.numberOfLinenumbers.value, 6),
      `line numbers of ${key}`,
    ),
  ]);
  return [
    ...sections.map(({ key, data }) => claim('section', data, key)),
    ...sections.map(({ key, padding }) => claim('section-padding', padding, `padding of ${key}`)),
    ...(pe.certificateTable === null ? [] : [claim('certificate-table', pe.certificateTable)]),
    claim('symbol-table', pe.symbolTable),
    claim('string-table', pe.stringTable),
    ...tables,
    claim('header-padding', between(0, pe.optional?.fields.sizeOfHeaders.value ?? 0)),
  ];
}

function claim(kind: PeRegionKind, extent: Extent, name: string = kind): Region<PeRegionKind> {
  return { kind, name, offset: extent.offset, length: extent.length };
}

function between(from: number, to: number): Extent {
  return { offset: from, length: Math.max(0, to - from) };
}

function counted(offset: number, count: number, width: number): Extent {
  return { offset, length: offset === 0 ? 0 : count * width };
}
