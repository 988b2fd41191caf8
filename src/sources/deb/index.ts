/** `deb:`: a Debian package (deb(5)): the tree that it installs, and its control files below `DEBIAN`, as dpkg-deb -R has it. */

import { FormatError } from '../../core/errors.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { arMembers, type ArMember } from '../../formats/ar.js';
import { CODEC_HEAD_BYTES, detectCodec } from '../../formats/codec/detect.js';
import { decompress } from '../../formats/codec/decompress.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { chunksOf } from '../archive/chunks-of.js';
import { headOf } from '../archive/head-of.js';
import { openArchive, type ArchiveKind, type ArchiveTarget } from '../archive/open-archive.js';
import { defineSource } from '../define.js';
import { readTar, tarArchive } from '../tar/index.js';

export const deb = defineSource({
  id: 'deb',
  claims: (location) => Buffer.from(headOf(location)).toString('latin1', 0, 21) === MAGIC,
  open: (location) => openArchive(location, debPackage),
});

/** An ar archive with this member first. */
const MAGIC = '!<arch>\ndebian-binary';

const debPackage: ArchiveKind = {
  mediaType: 'application/vnd.debian.binary-package',
  capture: tarArchive.capture,
  reads: 'places',
  read: async (bytes, target) => {
    const found = new Set<string>();
    for (const member of arMembers(bytes)) {
      const part = /^(control|data)\.tar(?:\.|$)/.exec(member.name)?.[1];
      if (part === undefined || found.has(part)) continue;
      found.add(part);
      await readPart(bytes, member, target, (path) =>
        part === 'control' ? `DEBIAN/${path}` : path,
      );
    }
    for (const part of ['control', 'data'])
      if (!found.has(part)) throw new FormatError('deb', bytes.size, `expected ${part}.tar`);
  },
};

async function readPart(
  bytes: RandomAccess,
  { dataOffset, dataBytes }: ArMember,
  target: ArchiveTarget,
  rename: (path: string) => string,
): Promise<void> {
  const data = windowAccess(bytes, dataOffset, dataBytes);
  const codec = detectCodec(data.read(0, CODEC_HEAD_BYTES));
  const chunks = chunksOf(data);
  const content = codec === null ? chunks : decompress(codec, chunks, target.limits);
  const reader = new ByteReader(content, { format: 'tar' });
  try {
    await readTar(reader, target, rename);
  } finally {
    await reader.close();
  }
}
