/** Squashfs images: the superblock, which knows when the image was made; the rest by blocks. */

import { isSquashfs, readSquashfs } from '../../formats/squashfs/superblock.js';
import { imageFacts } from '../common/image.js';
import { defineInspector } from '../define.js';

export const squashfsInspector = defineInspector({
  id: 'squashfs',
  version: 1,
  summary:
    'Squashfs 4 (Linux, `fs/squashfs/squashfs_fs.h`): time, compressor and tables of the superblock; the rest by blocks.',
  streams: false,
  claims: ({ head }) => isSquashfs(head),
  inspect: async (piece, context) => {
    const image = await piece.random();
    return imageFacts(image, readSquashfs(image).account, NOTES, context);
  },
});

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
} as const;
