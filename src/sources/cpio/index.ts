/** `cpio:`: a cpio archive, compressed or not: newc, crc, odc and the old binary form. */

import { cpioDialect } from '../../formats/cpio.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { cpioStream } from '../../formats/stream/cpio-stream.js';
import { headOf } from '../archive/head-of.js';
import { openArchive, type ArchiveKind, type Carried } from '../archive/open-archive.js';
import { defineSource } from '../define.js';
import { CpioEntries } from './cpio-entries.js';

export const cpio = defineSource({
  id: 'cpio',
  claims: (location) => CPIO_NAME.test(location) || cpioDialect(headOf(location)) !== null,
  open: (location) => openArchive(location, cpioArchive),
});

const CPIO_NAME = /\.cpio(?:\.(?:gz|xz|zst|bz2|lz4|lzma))?$/;

export const CPIO_CARRIES: Carried = {
  xattrs: 'not-carried',
  mtime: true,
  mtimeResolution: 1e9,
  ownership: true,
  hardLinks: true,
};

const cpioArchive: ArchiveKind = {
  mediaType: 'application/x-cpio',
  capture: CPIO_CARRIES,
  reads: 'content',
  read: async (chunks, target) => {
    const reader = new ByteReader(chunks, { format: 'cpio' });
    const entries = new CpioEntries(target);
    try {
      for await (const member of cpioStream(reader)) {
        target.step();
        await entries.add(member);
      }
    } finally {
      await reader.close();
    }
  },
};
