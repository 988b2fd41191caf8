/** Squashfs images: superblock, inodes by their paths with the contents of files, tables, and what belongs to none of them. */

import type { Fact, FactProblem } from '../../core/facts.js';
import type { RandomAccess } from '../../core/random-access.js';
import { SquashfsImage } from '../../formats/squashfs/image.js';
import { isSquashfs, readSquashfs } from '../../formats/squashfs/superblock.js';
import { fieldFacts, problemsOf } from '../common/account.js';
import { imageFacts } from '../common/image.js';
import { digestOfExtents, fillOf } from '../common/told.js';
import { defineInspector, type InspectContext, type InspectedFacts } from '../define.js';
import { isStop } from '../engine/limits.js';
import { squashfsMembers } from './squashfs-members.js';
import { tableFacts, tableRegions } from './squashfs-tables.js';

export const squashfsInspector = defineInspector({
  id: 'squashfs',
  version: 2,
  summary:
    'Squashfs 4 (Linux, `fs/squashfs/squashfs_fs.h`): superblock, compressor, every inode by its path, and the contents of files.',
  streams: false,
  claims: ({ head }) => isSquashfs(head),
  inspect: async (piece, context) => inspectSquashfs(await piece.random(), context),
});

/** Images with more have no rows. */
const MOST_INODES = 1_000_000;

async function inspectSquashfs(
  bytes: RandomAccess,
  context: InspectContext,
): Promise<InspectedFacts> {
  const superblock = readSquashfs(bytes);
  const image = openImage(bytes);
  if (!(image instanceof SquashfsImage) || superblock.inodeCount > MOST_INODES) {
    const found = await imageFacts(bytes, superblock.account, NOTES, context);
    if (image instanceof SquashfsImage) return found;
    return { ...found, problems: [...(found.problems ?? []), image] };
  }
  const problems: FactProblem[] = [...problemsOf(superblock.account)];
  const regions = tableRegions(image);
  const { tables, facts, told } = await squashfsMembers(image, context, problems);
  const inTables = await tableFacts(image, regions, context, problems);
  const dataStart = Math.min(superblock.dataStart, bytes.size);
  told.add(0, dataStart);
  for (const { offset, length } of regions) told.add(offset, length);
  return {
    facts: [
      ...fieldFacts(superblock.account, NOTES),
      ...facts,
      ...inTables,
      ...restFacts(image, told.rest({ offset: 0, length: bytes.size })),
    ],
    tables,
    problems,
  };
}

function openImage(bytes: RandomAccess): SquashfsImage | FactProblem {
  try {
    return new SquashfsImage(bytes);
  } catch (error) {
    if (!isStop(error)) throw error;
    return { offset: null, detail: error.message };
  }
}

/** Images are padded to as much, by default. */
const PADDED = 4096;

type Extents = Parameters<typeof digestOfExtents>[1];

/** What belongs to nothing: padding behind the file system, and holes in it. */
function restFacts({ bytes, superblock }: SquashfsImage, rest: Extents): readonly Fact[] {
  const { bytesUsed } = superblock;
  const inside = rest.filter(({ offset }) => offset < bytesUsed);
  const behind = rest.filter(({ offset }) => offset >= bytesUsed);
  const facts: Fact[] = [];
  const unreferenced = digestOfExtents(bytes, inside);
  const padding = fillOf(bytes, behind);
  if (unreferenced !== null)
    facts.push({
      name: 'unreferenced',
      kind: 'opaque',
      value: unreferenced,
      offset: inside[0]?.offset ?? null,
    });
  if (padding !== null)
    facts.push({ name: 'padding', kind: 'slack', value: padding, offset: bytesUsed });
  const paddedTo = multipleOf(bytes.size);
  if (paddedTo < PADDED)
    facts.push({ name: 'padded_to', kind: 'slack', value: paddedTo, offset: null });
  if (bytes.size - bytesUsed >= PADDED)
    facts.push({ name: 'padding_size', kind: 'size', value: bytes.size - bytesUsed, offset: null });
  return facts;
}

/** The greatest power of two, up to `PADDED`, that divides a size. */
function multipleOf(size: number): number {
  return size % PADDED === 0 ? PADDED : (size % PADDED) & -(size % PADDED);
}

const NOTES = {
  magic: ['s_magic', 'text'],
  inodeCount: ['inodes', 'size'],
  mkfsTime: ['mkfs_time', 'time'],
  blockSize: ['block_size', 'codec'],
  fragmentCount: ['fragments', 'size'],
  compressor: ['compression', 'codec'],
  blockLog: ['block_log', 'codec'],
  flags: ['flags', 'codec'],
  idCount: ['no_ids', 'size'],
  major: ['s_major', 'version'],
  minor: ['s_minor', 'version'],
  rootInode: ['root_inode', 'offset'],
  bytesUsed: ['bytes_used', 'size'],
  idTable: ['id_table_start', 'offset'],
  xattrTable: ['xattr_id_table_start', 'offset'],
  inodeTable: ['inode_table_start', 'offset'],
  directoryTable: ['directory_table_start', 'offset'],
  fragmentTable: ['fragment_table_start', 'offset'],
  exportTable: ['lookup_table_start', 'offset'],
  'options.header': ['options_size', 'size'],
  'options.data': ['options', 'codec'],
  'options.level': ['compression_level', 'codec'],
  'options.window': ['window_size', 'codec'],
  'options.strategies': ['strategies', 'codec'],
  'options.algorithm': ['algorithm', 'codec'],
  'options.dictionarySize': ['dictionary_size', 'codec'],
  'options.filters': ['filters', 'codec'],
  'options.version': ['lz4_version', 'codec'],
  'options.flags': ['lz4_flags', 'codec'],
} as const;
