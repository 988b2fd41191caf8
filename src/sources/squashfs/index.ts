/** `squashfs:`: the tree of a squashfs image, read at places: nothing is unpacked. */

import { SquashfsImage } from '../../formats/squashfs/image.js';
import { isSquashfs } from '../../formats/squashfs/superblock.js';
import { headOf } from '../archive/head-of.js';
import { openArchive, type ArchiveKind } from '../archive/open-archive.js';
import { defineSource } from '../define.js';
import { addContents } from './add-contents.js';
import { addInodes } from './add-inodes.js';

export const squashfs = defineSource({
  id: 'squashfs',
  claims: (location) => isSquashfs(headOf(location)),
  open: (location) => openArchive(location, squashfsImage),
});

const squashfsImage: ArchiveKind = {
  mediaType: 'application/vnd.squashfs',
  capture: {
    xattrs: 'all',
    mtime: true,
    mtimeResolution: 1e9,
    ownership: true,
    hardLinks: true,
  },
  reads: 'places',
  read: async (bytes, target) => {
    const image = new SquashfsImage(bytes);
    const { flags, account } = image.superblock;
    for (const { detail } of account.problems)
      target.tree.diagnostics.push({ code: 'format', path: null, detail: `superblock: ${detail}` });
    if (flags.includes('no-xattrs')) target.carries({ xattrs: 'not-carried' });
    const { files, links } = await addInodes(image, target);
    await addContents(image, files, target);
    for (const { path, first } of links) target.tree.link(path, first);
  },
};
