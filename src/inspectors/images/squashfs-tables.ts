/** Tables of squashfs images: their bytes as they lie there, and what they hold. */

import { createHash } from 'node:crypto';

import type { Fact, FactProblem } from '../../core/facts.js';
import {
  blockOfTable,
  lookupTable,
  type LookupTable,
} from '../../formats/squashfs/lookup-table.js';
import type { SquashfsImage } from '../../formats/squashfs/image.js';
import { regionDigest } from '../common/region-digest.js';
import type { InspectContext } from '../define.js';
import { isStop } from '../engine/limits.js';

/** A table with all that belongs to it, up to the next one. */
export interface TableRegion {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  /** Where its metadata ends; a list of where that lies may follow. */
  readonly metadataEnd: number;
}

/** By offset; together they are all that lies behind the data, up to the end of the file system. */
export function tableRegions(image: SquashfsImage): readonly TableRegion[] {
  const { superblock, bytes } = image;
  const { inodeTable, directoryTable, exportTable, inodeCount, bytesUsed } = superblock;
  const end = Math.min(bytesUsed, bytes.size);
  const starts = [
    { name: 'inode_table', offset: inodeTable, list: null },
    { name: 'directory_table', offset: directoryTable, list: null },
    listed(image, 'fragment_table', image.fragments),
    listed(
      image,
      'lookup_table',
      exportTable === null ? null : lookupTable('exports', exportTable, inodeCount, 8),
    ),
    listed(image, 'id_table', image.ids),
    image.xattrs === null
      ? null
      : {
          name: 'xattr_id_table',
          offset: image.xattrs.valuesStart,
          list: superblock.xattrTable,
        },
  ]
    .filter((start) => start !== null)
    .filter(({ offset }) => offset < end)
    .toSorted((a, b) => a.offset - b.offset);
  return starts.map(({ name, offset, list }, i) => {
    const next = Math.min(end, starts[i + 1]?.offset ?? end);
    const metadataEnd = list !== null && list >= offset && list < next ? list : next;
    return { name, offset, length: next - offset, metadataEnd };
  });
}

/** The metadata of a table lies in front of the list of its blocks. */
function listed(
  image: SquashfsImage,
  name: string,
  table: LookupTable | null,
): { readonly name: string; readonly offset: number; readonly list: number } | null {
  if (table === null) return null;
  const { start } = table;
  try {
    const first = table.blockCount === 0 ? start : blockOfTable(image.bytes, table, 0);
    return { name, offset: Math.min(first, start), list: start };
  } catch (error) {
    if (!isStop(error)) throw error;
    return { name, offset: start, list: start };
  }
}

/** For each table its bytes (`stream`), and what they hold once decompressed (`layout`). */
export async function tableFacts(
  image: SquashfsImage,
  regions: readonly TableRegion[],
  context: Pick<InspectContext, 'spend'>,
  problems: FactProblem[],
): Promise<readonly Fact[]> {
  const facts: Fact[] = [];
  for (const region of regions) {
    const { name, offset } = region;
    facts.push({ name, kind: 'stream', value: regionDigest(image.bytes, region), offset });
    const hash = createHash('sha256');
    try {
      for (let at = offset; at < region.metadataEnd;) {
        context.spend(0);
        const { content, end } = await image.metadata.block(at);
        hash.update(content);
        at = end;
      }
    } catch (error) {
      if (!isStop(error)) throw error;
      problems.push({ offset, detail: `${name}: ${error.message}` });
    }
    const value = hash.digest('hex').slice(0, 32);
    facts.push({ name: `${name} content`, kind: 'layout', value, offset: null });
  }
  return facts;
}
