/** `tar:`: a tar archive, compressed or not (gzip, xz, zstd, lz4, bzip2, lzma). */

import { closeSync, openSync, readSync } from 'node:fs';

import { joinPath, ROOT_PATH } from '../../core/path.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { tarStream, type TarStreamMember } from '../../formats/stream/tar-stream.js';
import { isTar } from '../../formats/tar.js';
import type { TarSparse } from '../../formats/tar-sparse.js';
import { openArchive, type ArchiveKind, type ArchiveTarget } from '../archive/open-archive.js';
import type { ChunkHasher, ContentDigests } from '../archive/hash-content.js';
import { defineSource } from '../define.js';
import { nodeOfMember, typeOfMember } from './member-node.js';

export const tar = defineSource({
  id: 'tar',
  claims: (location) => TAR_NAME.test(location) || isTar(headOf(location)),
  open: (location) => openArchive(location, tarArchive),
});

const TAR_NAME = /\.(?:tar|tar\.(?:gz|xz|zst|bz2|lz4|lzma)|t[gx]z|tzst|tbz2?)$/;

export const tarArchive: ArchiveKind = {
  mediaType: 'application/x-tar',
  capture: { xattrs: 'all', mtime: true, ownership: true, hardLinks: true },
  read: async (chunks, target) => {
    const reader = new ByteReader(chunks, { format: 'tar' });
    try {
      for await (const member of tarStream(reader)) {
        target.step();
        await addMember(member, target);
      }
    } finally {
      await reader.close();
    }
  },
};

/** Adds one member to the tree; for layers of images as well. */
export async function addMember(streamed: TarStreamMember, target: ArchiveTarget): Promise<void> {
  const { member } = streamed;
  if (member.header.typeflag === '1') {
    target.tree.link(member.path, member.linkTarget);
    return;
  }
  const type = typeOfMember(member);
  if (type === null) {
    const detail = `left out: a member of type ${JSON.stringify(member.header.typeflag)}`;
    target.tree.diagnostics.push({
      code: 'format',
      path: joinPath(ROOT_PATH, member.path),
      detail,
    });
    return;
  }
  const content = type === 'file' ? await readContent(streamed, target) : null;
  target.tree.add(member.path, nodeOfMember(member, type, content));
}

async function readContent(
  { member, data }: TarStreamMember,
  { hasher, kept }: ArchiveTarget,
): Promise<ContentDigests> {
  const content = hasher();
  const name = member.path.replace(/^(?:\.?\/)+/, '');
  const keeps = member.sparse === null && kept.wants(name, data.size);
  const chunks: Uint8Array[] = [];
  const write = member.sparse === null ? content.update : sparseWriter(member.sparse, content);
  const whole = data.tryAll();
  if (whole !== null) {
    write(whole);
    if (keeps) chunks.push(Uint8Array.from(whole));
  } else {
    for await (const chunk of data.chunks()) {
      write(chunk);
      if (keeps) chunks.push(Uint8Array.from(chunk));
    }
  }
  if (keeps) kept.keep(joinPath(ROOT_PATH, name), Buffer.concat(chunks));
  if (member.sparse !== null) fillUp(member.sparse, content);
  return content.finish();
}

const ZEROS = new Uint8Array(1024 * 1024);
/** Holes are hashed as zeros, a MiB at a time: this many bytes take some minutes. */
const MOST_HOLES = 2 ** 42;

function zeros(count: number, content: ChunkHasher): void {
  for (let left = Math.min(count, MOST_HOLES); left > 0; left -= ZEROS.length)
    content.update(left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS);
}

/** Takes the stored regions one after another and puts the holes between them. */
function sparseWriter(sparse: TarSparse, content: ChunkHasher): (bytes: Uint8Array) => void {
  let region = 0;
  let inRegion = 0;
  let written = 0;
  return (bytes) => {
    let rest = bytes;
    while (rest.length > 0 && region < sparse.regions.length) {
      const { offset, length } = sparse.regions[region]!;
      if (inRegion === 0 && offset > written) {
        zeros(offset - written, content);
        written = offset;
      }
      const part = rest.subarray(0, length - inRegion);
      content.update(part);
      written += part.length;
      inRegion += part.length;
      rest = rest.subarray(part.length);
      if (inRegion === length) [region, inRegion] = [region + 1, 0];
    }
  };
}

/** The hole behind the last region. */
function fillUp({ regions, realSize }: TarSparse, content: ChunkHasher): void {
  const end = regions.reduce(
    (most, { offset, length }) => (length > 0 ? offset + length : most),
    0,
  );
  zeros(realSize - end, content);
}

function headOf(location: string): Uint8Array {
  try {
    const fd = openSync(location, 'r');
    try {
      const head = Buffer.alloc(512);
      return head.subarray(0, readSync(fd, head, 0, head.length, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return new Uint8Array(0);
  }
}
