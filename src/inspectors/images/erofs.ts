/** EROFS images: the superblock with time and UUID; the rest by blocks. */

import { bufferAccess } from '../../core/random-access.js';
import { isErofs, readErofs } from '../../formats/erofs/superblock.js';
import { imageFacts } from '../common/image.js';
import { defineInspector } from '../define.js';

export const erofsInspector = defineInspector({
  id: 'erofs',
  version: 1,
  summary:
    'EROFS (Linux, `fs/erofs/erofs_fs.h`): time, UUID and label of the superblock; the rest by blocks.',
  streams: false,
  claims: ({ head }) => isErofs(bufferAccess(head)),
  inspect: async (piece, context) => {
    const image = await piece.random();
    return imageFacts(image, readErofs(image).account, NOTES, context);
  },
});

const NOTES = {
  checksum: 'checksum',
  featureCompat: ['feature_compat', 'flags'],
  featureIncompat: ['feature_incompat', 'flags'],
  blockBits: ['blkszbits', 'codec'],
  rootInode: ['root_nid', 'offset'],
  inodeCount: ['inos', 'size'],
  buildTime: ['build_time', 'time'],
  buildTimeNs: ['build_time_nsec', 'number'],
  blockCount: ['blocks', 'size'],
  metadataBlock: ['meta_blkaddr', 'offset'],
  xattrBlock: ['xattr_blkaddr', 'offset'],
  uuid: ['uuid', 'random'],
  volumeName: ['volume_name', 'text'],
  compressionAlgorithms: ['available_compr_algs', 'codec'],
  deviceSlotOffset: ['devt_slotoff', 'offset'],
  packedInode: ['packed_nid', 'offset'],
} as const;
