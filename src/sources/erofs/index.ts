/** `erofs:`: the tree of an EROFS image, composefs images among them, read at places: nothing is unpacked. */

import { bufferAccess } from '../../core/random-access.js';
import { isErofs } from '../../formats/erofs/superblock.js';
import { openErofs } from '../../formats/erofs/volume.js';
import { ErofsTree } from '../../formats/erofs/walk.js';
import { headOf } from '../archive/head-of.js';
import { openArchive, type ArchiveKind } from '../archive/open-archive.js';
import { defineSource } from '../define.js';
import { addTree } from './add-tree.js';

export const erofs = defineSource({
  id: 'erofs',
  claims: (location) => isErofs(bufferAccess(headOf(location, 1028))),
  open: (location) => openArchive(location, erofsImage),
});

const erofsImage: ArchiveKind = {
  mediaType: 'application/vnd.erofs',
  // Short inodes have the build time for a time of their own: that is what the kernel shows.
  capture: {
    xattrs: 'all',
    mtime: true,
    mtimeResolution: 1,
    ownership: true,
    hardLinks: true,
  },
  reads: 'places',
  read: async (bytes, target) => {
    const volume = openErofs(bytes);
    const { account, checksumValid } = volume.superblock;
    const problems = account.problems.map(({ detail }) => detail);
    if (checksumValid === false) problems.push('its checksum is another');
    for (const problem of problems)
      target.tree.diagnostics.push({
        code: 'format',
        path: null,
        detail: `the superblock: ${problem}`,
      });
    await addTree(new ErofsTree(volume), target);
  },
};
