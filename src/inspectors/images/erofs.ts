/** EROFS images: superblock, inodes by their paths with the contents of files, and what belongs to none of them. */

import { FormatError } from '../../core/errors.js';
import type { Fact, FactProblem } from '../../core/facts.js';
import { bufferAccess, type RandomAccess } from '../../core/random-access.js';
import type { ByteAccount } from '../../formats/byte-fields.js';
import { isErofs, readErofs } from '../../formats/erofs/superblock.js';
import { openErofs, type ErofsVolume } from '../../formats/erofs/volume.js';
import { ErofsTree } from '../../formats/erofs/walk.js';
import { fieldFacts, problemsOf } from '../common/account.js';
import { imageFacts } from '../common/image.js';
import { sumFacts } from '../common/sum-fact.js';
import { digestOfExtents, fillOf } from '../common/told.js';
import { defineInspector, type InspectContext, type InspectedFacts } from '../define.js';
import { areaFacts } from './erofs-areas.js';
import { erofsMembers } from './erofs-members.js';

export const erofsInspector = defineInspector({
  id: 'erofs',
  version: 2,
  summary:
    'EROFS (Linux, `fs/erofs/erofs_fs.h`), composefs as well: superblock, every inode by its path, and the contents of files.',
  streams: false,
  claims: ({ head }) => isErofs(bufferAccess(head)),
  inspect: async (piece, context) => inspectErofs(await piece.random(), context),
});

async function inspectErofs(bytes: RandomAccess, context: InspectContext): Promise<InspectedFacts> {
  const { account, checksumValid } = readErofs(bytes);
  const problems: FactProblem[] = [...problemsOf(account)];
  const volume = opened(bytes);
  if ('detail' in volume) {
    const found = await imageFacts(bytes, account, NOTES, context);
    return {
      ...found,
      facts: superblockFacts(account, checksumValid),
      problems: [...problems, volume],
    };
  }
  const image = new ErofsTree(volume);
  const { tables, told, metadata } = await erofsMembers(bytes, image, context, problems);
  for (const { offset, length } of account.fields) told.add(offset, length);
  const areas = areaFacts(volume, told);
  const layout = digestOfExtents(bytes, metadata);
  const rest = told.rest({ offset: 0, length: bytes.size });
  // Where all was understood the rest is in nobody's way.
  const isSlack = problems.length === 0;
  const left = isSlack ? fillOf(bytes, rest) : digestOfExtents(bytes, rest);
  const facts: Fact[] = [...superblockFacts(account, checksumValid), ...areas];
  if (layout !== null)
    facts.push({ name: 'metadata', kind: 'layout', value: layout, offset: metadata[0]!.offset });
  if (left !== null)
    facts.push({
      name: isSlack ? 'padding' : 'rest',
      kind: isSlack ? 'slack' : 'opaque',
      value: left,
      offset: rest[0]?.offset ?? null,
    });
  return { facts, tables, problems };
}

/** The build time is one value, though it is two fields. Images without a checksum have zero in its place. */
function superblockFacts(account: ByteAccount, checksumValid: boolean | null): Fact[] {
  const found = fieldFacts(account, NOTES);
  const isZero = found.find(({ name }) => name === 'checksum')?.value === 0;
  const facts = sumFacts(found, { checksum: checksumValid ?? isZero });
  const nanoseconds = facts.find(({ name }) => name === BUILD_TIME_NSEC)?.value ?? 0;
  return facts
    .filter(({ name }) => name !== BUILD_TIME_NSEC)
    .map((fact) =>
      fact.name !== BUILD_TIME || nanoseconds === 0
        ? fact
        : { ...fact, value: `${fact.value}.${String(nanoseconds).padStart(9, '0')}` },
    );
}

const BUILD_TIME = 'build_time';
const BUILD_TIME_NSEC = 'build_time_nsec';

function opened(bytes: RandomAccess): ErofsVolume | FactProblem {
  try {
    return openErofs(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { offset: error.offset, detail: error.message };
  }
}

const NOTES = {
  'composefs.version': ['composefs version', 'version'],
  'composefs.composefsVersion': ['composefs composefs_version', 'version'],
  checksum: 'checksum',
  featureCompat: ['feature_compat', 'flags'],
  featureIncompat: ['feature_incompat', 'flags'],
  blockBits: ['blkszbits', 'codec'],
  rootInode: ['root_nid', 'offset'],
  inodeCount: ['inos', 'size'],
  buildTime: [BUILD_TIME, 'time'],
  buildTimeNs: [BUILD_TIME_NSEC, 'number'],
  blockCount: ['blocks', 'size'],
  metadataBlock: ['meta_blkaddr', 'offset'],
  xattrBlock: ['xattr_blkaddr', 'offset'],
  uuid: ['uuid', 'random'],
  volumeName: ['volume_name', 'text'],
  compressionAlgorithms: ['available_compr_algs', 'codec'],
  deviceSlotOffset: ['devt_slotoff', 'offset'],
  packedInode: ['packed_nid', 'offset'],
} as const;
