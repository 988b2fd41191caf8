/**
 * Maps of sparse files in tar (GNU tar manual, "Storing Sparse Files"): the old GNU format in header blocks, and PAX 0.0,
 * 0.1 and 1.0. The stored data are the regions one after another; everything between them is zeros.
 */

import { FormatError } from '../core/errors.js';
import { tarBlock, TAR_BLOCK, tarNumberAt, type TarHeader } from './tar-header.js';
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

/** How many blocks of an old GNU map follow a header of type `S`. */
export function tarSparseBlocks(bytes: Uint8Array, header: TarHeader): number {
  let count = 0;
  let more = tarBlock(bytes, header.offset)[482] !== 0;
  while (more) {
    count++;
    more = tarBlock(bytes, header.offset + count * TAR_BLOCK)[504] !== 0;
  }
  return count;
}

/** The map of a member, null when it is not sparse. Throws `FormatError` when it does not describe the stored bytes. */
export function readTarSparse(
  bytes: Uint8Array,
  header: TarHeader,
  records: readonly PaxRecord[],
  dataBytes: number,
): TarSparse | null {
  const sparse =
    header.typeflag === 'S' ? readGnu(bytes, header) : readPax(bytes, header, records, dataBytes);
  if (sparse === null) return null;
  checkMap(sparse, header.offset, dataBytes);
  return sparse;
}

function readGnu(bytes: Uint8Array, header: TarHeader): TarSparse {
  const regions: SparseRegion[] = [];
  const take = (block: Buffer, at: number, count: number, offset: number) => {
    for (let i = 0; i < count; i++) {
      const start = at + i * REGION_BYTES;
      const place = tarNumberAt(block, start, 12, offset);
      const length = tarNumberAt(block, start + 12, 12, offset);
      if (length.form === 'blank' && place.form === 'blank') return;
      regions.push({ offset: place.value, length: length.value });
    }
  };
  const block = tarBlock(bytes, header.offset);
  take(block, 386, HEADER_REGIONS, header.offset);
  const blocks = tarSparseBlocks(bytes, header);
  for (let i = 1; i <= blocks; i++) {
    const offset = header.offset + i * TAR_BLOCK;
    take(tarBlock(bytes, offset), 0, BLOCK_REGIONS, offset);
  }
  return { kind: 'gnu', realSize: tarNumberAt(block, 483, 12, header.offset).value, regions };
}

function readPax(
  bytes: Uint8Array,
  header: TarHeader,
  records: readonly PaxRecord[],
  dataBytes: number,
): TarSparse | null {
  const value = (key: string) => paxValue(records, `GNU.sparse.${key}`);
  if (value('major') !== null) {
    if (value('major') !== '1' || value('minor') !== '0')
      throw new FormatError(FORMAT, header.offset, 'an unknown version of sparse files');
    const start = header.offset + TAR_BLOCK;
    const realSize = decimal(value('realsize') ?? '', header.offset);
    return { kind: 'pax-1.0', realSize, regions: readMapInData(bytes, start, start + dataBytes) };
  }
  const size = value('size') ?? value('realsize');
  if (size === null) return null;
  const realSize = decimal(size, header.offset);
  const map = value('map');
  const kind = map === null ? 'pax-0.0' : 'pax-0.1';
  const numbers =
    map === null
      ? alternating(records, header.offset)
      : map.split(',').map((text) => decimal(text, header.offset));
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

/** 1.0: lines of decimal numbers before the data, the first their count of pairs, padded to a block. */
function readMapInData(bytes: Uint8Array, start: number, end: number): SparseRegion[] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  const next = () => {
    const newline = view.indexOf(0x0a, at);
    if (newline < 0 || newline >= end || newline - at > 20)
      throw new FormatError(FORMAT, at, 'the sparse map has no end');
    const number = decimal(view.toString('latin1', at, newline), at);
    at = newline + 1;
    return number;
  };
  const count = next();
  if (count > MAX_REGIONS) throw new FormatError(FORMAT, start, `${count} sparse regions`);
  const regions: SparseRegion[] = [];
  for (let i = 0; i < count; i++) regions.push({ offset: next(), length: next() });
  return regions;
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

/** Regions ascend, do not overlap and lie in the file; what they hold is stored. */
function checkMap({ kind, realSize, regions }: TarSparse, offset: number, dataBytes: number): void {
  let end = 0;
  let stored = 0;
  for (const region of regions) {
    if (region.offset < end || region.length < 0)
      throw new FormatError(FORMAT, offset, 'the regions of a sparse file overlap');
    end = region.offset + region.length;
    stored += region.length;
  }
  if (end > realSize || (kind === 'pax-1.0' ? stored > dataBytes : stored !== dataBytes))
    throw new FormatError(FORMAT, offset, 'the sparse map does not describe the stored bytes');
}
