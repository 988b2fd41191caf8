/** Tables of squashfs whose records are found by number: metadata blocks, and a list of where they lie. */

import { FormatError } from '../../core/errors.js';
import type { RandomAccess } from '../../core/random-access.js';
import { METADATA_BYTES, type Metadata, type MetadataPlace } from './metadata.js';
import { SQUASHFS } from './superblock.js';

export interface LookupTable {
  readonly name: string;
  readonly count: number;
  readonly recordBytes: number;
  /** Of the list. */
  readonly start: number;
  /** Entries of the list, 8 bytes each. */
  readonly blockCount: number;
}

export function lookupTable(
  name: string,
  start: number,
  count: number,
  recordBytes: number,
): LookupTable {
  const blockCount = Math.ceil((count * recordBytes) / METADATA_BYTES);
  return { name, start, count, recordBytes, blockCount };
}

/** Where the block number `block` of a table lies. Throws `FormatError`. */
export function blockOfTable(image: RandomAccess, table: LookupTable, block: number): number {
  const at = table.start + 8 * block;
  const bytes = at + 8 <= image.size ? Buffer.from(image.read(at, 8)) : Buffer.alloc(0);
  const offset = bytes.length < 8 ? null : bytes.readBigUInt64LE(0);
  if (offset === null || offset >= BigInt(image.size))
    throw new FormatError(SQUASHFS, at, `no block ${block} of the table of ${table.name}`);
  return Number(offset);
}

/** Record number `index`. Throws `FormatError`. */
export async function recordOf(
  image: RandomAccess,
  metadata: Metadata,
  table: LookupTable,
  index: number,
): Promise<Buffer> {
  if (index >= table.count)
    throw new FormatError(
      SQUASHFS,
      table.start,
      `no number ${index} in the table of ${table.name}`,
    );
  const at = index * table.recordBytes;
  const block = blockOfTable(image, table, Math.floor(at / METADATA_BYTES));
  const place: MetadataPlace = { block, offset: at % METADATA_BYTES };
  return metadata.cursor(place).take(table.recordBytes);
}
