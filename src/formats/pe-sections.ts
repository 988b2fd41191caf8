/** The section table of a PE image, and the way from addresses to offsets in the file. */

import type { RandomAccess } from '../core/random-access.js';
import { readFields, zeroEnded, type FieldsOf } from './fields.js';
import { PE_FORMAT, SECTION_BYTES, type PeHeaders } from './pe-headers.js';
import { nameCounter, partition, type Extent } from './regions.js';

export interface PeSection {
  readonly index: number;
  /** One character per byte; long names are those of the string table. */
  readonly name: string;
  /** `name`, or `name#2` for a second section of that name. */
  readonly key: string;
  readonly header: FieldsOf<typeof SECTION>;
  /** What is loaded from the file: up to the virtual size, cut at the end of the file. */
  readonly data: Extent;
  /** Bytes of the raw data beyond the virtual size. */
  readonly padding: Extent;
  /** The file ends before the raw data does. */
  readonly isCut: boolean;
}

export function readPeSections(input: RandomAccess, headers: PeHeaders): readonly PeSection[] {
  const { offset, length } = headers.sectionTable;
  const table = input.read(offset, length);
  const strings = peStringTable(input, headers);
  const keyOf = nameCounter();
  return Array.from({ length: Math.floor(table.length / SECTION_BYTES) }, (_, index) => {
    const at = index * SECTION_BYTES;
    const record = table.subarray(at, at + SECTION_BYTES);
    const header = readFields(PE_FORMAT, SECTION, record, offset + at);
    const name = sectionName(input, strings, header.name.value);
    return { index, name, key: keyOf(name), header, ...rawData(input.size, header) };
  });
}

/** Symbols of 18 bytes each, as far as they are in the file; of length 0 when there are none. */
export function peSymbolTable(input: RandomAccess, { coff }: PeHeaders): Extent {
  const offset = coff.pointerToSymbolTable.value;
  if (offset === 0 || offset >= input.size) return { offset: 0, length: 0 };
  return { offset, length: Math.min(coff.numberOfSymbols.value * 18, input.size - offset) };
}

/** Behind the symbols, with the four bytes of its length; of length 0 when there is none. */
export function peStringTable(input: RandomAccess, headers: PeHeaders): Extent {
  const symbols = peSymbolTable(input, headers);
  const offset = symbols.offset + symbols.length;
  if (symbols.offset === 0 || offset + 4 > input.size) return { offset: 0, length: 0 };
  const bytes = input.read(offset, 4);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  return { offset, length: Math.min(Math.max(length, 4), input.size - offset) };
}

/**
 * Finds where the byte of an address is in the file, null when it is not there. Of sections at the same address the first
 * counts.
 */
export function peOffsetFinder(
  headers: PeHeaders,
  sections: readonly PeSection[],
): (address: number) => number | null {
  const byKey = new Map(sections.map((section) => [section.key, section]));
  // Address space as a partition, so that many sections at one place do not make every search long.
  const space = partition<string>(
    ADDRESS_SPACE,
    sections.map(({ key, header, data, padding }) => ({
      kind: key,
      name: key,
      offset: header.virtualAddress.value,
      length: data.length + padding.length,
    })),
    'gap',
  );
  const headersEnd = headers.optional?.fields.sizeOfHeaders.value ?? 0;
  return (address) => {
    const piece = space[lastAtOrBefore(space, address)];
    // A section may have the name of a gap, and then an address lies in it only if it is within its data.
    const section = piece === undefined ? undefined : byKey.get(piece.kind);
    const within = address - (section?.header.virtualAddress.value ?? 0);
    if (
      section !== undefined &&
      within >= 0 &&
      within < section.data.length + section.padding.length
    )
      return section.data.offset + within;
    return address < headersEnd ? address : null;
  };
}

function lastAtOrBefore(space: readonly Extent[], address: number): number {
  let low = 0;
  let high = space.length;
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if (space[middle]!.offset <= address) low = middle;
    else high = middle;
  }
  return low;
}

function sectionName(input: RandomAccess, strings: Extent, bytes: Uint8Array): string {
  const name = zeroEnded(bytes);
  const reference = /^\/(\d{1,7})$/.exec(name)?.[1];
  if (reference === undefined || Number(reference) >= strings.length) return name;
  const from = Number(reference);
  return zeroEnded(
    input.read(strings.offset + from, Math.min(LONGEST_NAME, strings.length - from)),
  );
}

/** Raw data at offset 0 is none: uninitialised sections say so. */
function rawData(
  size: number,
  header: FieldsOf<typeof SECTION>,
): Pick<PeSection, 'data' | 'padding' | 'isCut'> {
  const pointer = header.pointerToRawData.value;
  const wanted = pointer === 0 ? 0 : header.sizeOfRawData.value;
  const offset = Math.min(pointer, size);
  const raw = Math.min(wanted, size - offset);
  const virtualSize = header.virtualSize.value;
  const length = virtualSize === 0 ? raw : Math.min(virtualSize, raw);
  return {
    data: { offset, length },
    padding: { offset: offset + length, length: raw - length },
    isCut: raw < wanted,
  };
}

const LONGEST_NAME = 255;
const ADDRESS_SPACE = 2 ** 32;

const SECTION = {
  name: 8,
  virtualSize: 'u32',
  virtualAddress: 'u32',
  sizeOfRawData: 'u32',
  pointerToRawData: 'u32',
  pointerToRelocations: 'u32',
  pointerToLinenumbers: 'u32',
  numberOfRelocations: 'u16',
  numberOfLinenumbers: 'u16',
  characteristics: 'u32',
} as const;
