/**
 * Maps of sparse files in tar (GNU tar manual, "Storing Sparse Files"): the old GNU format in header blocks, and PAX 0.0,
 * 0.1 and 1.0. The stored data are the regions one after another; everything between them is zeros.
 */

import { FormatError } from '../core/errors.js';
import { TAR_BLOCK, tarNumberAt, type TarHeader } from './tar-header.js';
import { paxValue, type PaxRecord } from './tar-pax.js';

export interface TarSparse {
  readonly kind: 'gnu' | 'pax-0.0' | 'pax-0.1' | 'pax-1.0';
  /** Bytes of the file with its holes. */
  readonly realSize: number;
  /** Region by region: where it goes in the file, and its bytes; one of length 0 marks the end. */
  readonly regions: readonly SparseRegion[];
}

export interface SparseRegion {
  readonly offset: number;
  readonly length: number;
}

const FORMAT = 'tar';
/** Entries in the header itself and in each block after it. */
const HEADER_REGIONS = 4;
const BLOCK_REGIONS = 21;
const REGION_BYTES = 24;
const MAX_REGIONS = 1_000_000;
/** Most blocks that an old GNU map may have behind its header. */
export const MAX_SPARSE_BLOCKS = Math.ceil(MAX_REGIONS / BLOCK_REGIONS);

/** Whether a block of an old GNU map follows: after the header itself (`isHeader`), or after another such block. */
export function hasMoreSparse(block: Uint8Array, isHeader: boolean): boolean {
  return block[isHeader ? 482 : 504] !== 0;
}

export interface TarSparseInput {
  readonly header: TarHeader;
  /** The header's 512 bytes. */
  readonly block: Buffer;
  /** The map beyond it: whole blocks, those of old GNU or those that PAX 1.0 keeps in front of the data. */
  readonly map: Uint8Array;
  readonly records: readonly PaxRecord[];
  /** Stored bytes, the map of PAX 1.0 included. */
  readonly dataBytes: number;
}

/** The map of a member, null when it is not sparse. Throws `FormatError` when it does not describe the stored bytes. */
export function readTarSparse(input: TarSparseInput): TarSparse | null {
  const sparse = input.header.typeflag === 'S' ? readGnu(input) : readPax(input);
  if (sparse === null) return null;
  const inMap = sparse.kind === 'pax-1.0' ? input.map.length : 0;
  checkMap(sparse, input.header.offset, input.dataBytes - inMap);
  return sparse;
}

/** Whether the map is in front of the data (PAX 1.0). Throws `FormatError` for a version that is not known. */
export function hasMapInData(header: TarHeader, records: readonly PaxRecord[]): boolean {
  const major = paxValue(records, 'GNU.sparse.major');
  if (major === null || header.typeflag === 'S') return false;
  if (major !== '1' || paxValue(records, 'GNU.sparse.minor') !== '0')
    throw new FormatError(FORMAT, header.offset, 'an unknown version of sparse files');
  return true;
}

/** Lines of decimal numbers in front of the data (PAX 1.0), the first the count of pairs that follow; block by block. */
export class SparseMapLines {
  private readonly numbers: number[] = [];
  private digits = '';

  /** Takes a block; true when the map is complete, and the rest of the block is padding. */
  feed(block: Uint8Array, offset: number): boolean {
    for (let at = 0; at < block.length; at++) {
      const byte = block[at]!;
      if (byte !== 0x0a) {
        if (this.digits.length > 15)
          throw new FormatError(FORMAT, offset + at, 'the sparse map has no end');
        this.digits += String.fromCharCode(byte);
        continue;
      }
      this.numbers.push(decimal(this.digits, offset + at));
      this.digits = '';
      const count = this.numbers[0]!;
      if (count > MAX_REGIONS) throw new FormatError(FORMAT, offset, `${count} sparse regions`);
      if (this.numbers.length === 1 + 2 * count) return true;
    }
    return false;
  }

  regions(offset: number): readonly SparseRegion[] {
    return pairs(this.numbers.slice(1), offset);
  }
}

function readGnu({ header, block, map }: TarSparseInput): TarSparse {
  const regions: SparseRegion[] = [];
  const take = (from: Buffer, at: number, count: number, offset: number) => {
    for (let i = 0; i < count; i++) {
      const start = at + i * REGION_BYTES;
      const place = tarNumberAt(from, start, 12, offset);
      const length = tarNumberAt(from, start + 12, 12, offset);
      if (length.form === 'blank' && place.form === 'blank') return;
      regions.push({ offset: place.value, length: length.value });
    }
  };
  take(block, 386, HEADER_REGIONS, header.offset);
  for (let at = 0; at < map.length; at += TAR_BLOCK) {
    const more = Buffer.from(map.buffer, map.byteOffset + at, TAR_BLOCK);
    take(more, 0, BLOCK_REGIONS, header.offset + TAR_BLOCK + at);
  }
  return { kind: 'gnu', realSize: tarNumberAt(block, 483, 12, header.offset).value, regions };
}

function readPax({ header, map, records }: TarSparseInput): TarSparse | null {
  const value = (key: string) => paxValue(records, `GNU.sparse.${key}`);
  if (hasMapInData(header, records)) {
    const realSize = decimal(value('realsize') ?? '', header.offset);
    const lines = new SparseMapLines();
    const start = header.offset + TAR_BLOCK;
    if (!lines.feed(map, start)) throw new FormatError(FORMAT, start, 'the sparse map has no end');
    return { kind: 'pax-1.0', realSize, regions: lines.regions(start) };
  }
  const size = value('size') ?? value('realsize');
  if (size === null) return null;
  const realSize = decimal(size, header.offset);
  const inRecord = value('map');
  const kind = inRecord === null ? 'pax-0.0' : 'pax-0.1';
  const numbers =
    inRecord === null
      ? alternating(records, header.offset)
      : inRecord.split(',').map((text) => decimal(text, header.offset));
  return { kind, realSize, regions: pairs(numbers, header.offset) };
}

/** 0.0: a record for each offset and each length, in turn. */
function alternating(records: readonly PaxRecord[], offset: number): number[] {
  const numbers: number[] = [];
  for (const { key, value } of records) {
    const place = key === 'GNU.sparse.offset';
    if (!place && key !== 'GNU.sparse.numbytes') continue;
    if (place !== (numbers.length % 2 === 0))
      throw new FormatError(
        FORMAT,
        offset,
        'offsets and lengths of the sparse map do not alternate',
      );
    numbers.push(decimal(value, offset));
  }
  return numbers;
}

function pairs(numbers: readonly number[], offset: number): SparseRegion[] {
  if (numbers.length % 2 !== 0 || numbers.length > 2 * MAX_REGIONS)
    throw new FormatError(FORMAT, offset, `${numbers.length} numbers in a sparse map`);
  const regions: SparseRegion[] = [];
  for (let i = 0; i < numbers.length; i += 2)
    regions.push({ offset: numbers[i]!, length: numbers[i + 1]! });
  return regions;
}

function decimal(text: string, offset: number): number {
  if (!/^\d{1,15}$/.test(text)) throw new FormatError(FORMAT, offset, 'not a decimal number');
  return Number(text);
}

/** Regions ascend, do not overlap and lie in the file; what they hold is stored, and nothing else. */
function checkMap({ realSize, regions }: TarSparse, offset: number, dataBytes: number): void {
  let end = 0;
  let stored = 0;
  for (const region of regions) {
    if (region.offset < end || region.length < 0)
      throw new FormatError(FORMAT, offset, 'the regions of a sparse file overlap');
    end = region.offset + region.length;
    stored += region.length;
  }
  if (end > realSize || stored !== dataBytes)
    throw new FormatError(FORMAT, offset, 'the sparse map does not describe the stored bytes');
}
