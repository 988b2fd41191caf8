/** `tar:`: a tar archive, compressed or not (gzip, xz, zstd, lz4, bzip2, lzma). */

import { joinPath, ROOT_PATH } from '../../core/path.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { tarStream, type TarStreamMember } from '../../formats/stream/tar-stream.js';
import { isTar } from '../../formats/tar.js';
import { headOf } from '../archive/head-of.js';
import type { ContentDigests } from '../archive/hash-content.js';
import { openArchive, type ArchiveKind, type ArchiveTarget } from '../archive/open-archive.js';
import { readContent, type ContentTarget } from '../archive/read-content.js';
import type { Node } from '../archive/tree-builder.js';
import { defineSource } from '../define.js';
import { nodeOfMember, typeOfMember } from './member-node.js';
import { PaxCapture } from './pax-capture.js';
import { fillUp, sparseWriter } from './sparse-content.js';

export const tar = defineSource({
  id: 'tar',
  claims: (location) => TAR_NAME.test(location) || isTar(headOf(location)),
  open: (location) => openArchive(location, tarArchive),
});

/** Source distributions of Python are tar archives. */
export const sdist = defineSource({ ...tar, id: 'sdist', claims: () => false });

const TAR_NAME = /\.(?:tar|tar\.(?:gz|xz|zst|bz2|lz4|lzma)|t[gx]z|tzst|tbz2?)$/;

export const tarArchive: ArchiveKind = {
  mediaType: 'application/x-tar',
  // Of ustar and GNU's own format; what pax records add is found on the way.
  capture: {
    xattrs: 'not-carried',
    mtime: true,
    mtimeResolution: 1e9,
    ownership: true,
    hardLinks: true,
  },
  reads: 'content',
  read: async (chunks, target) => {
    const reader = new ByteReader(chunks, { format: 'tar' });
    try {
      await readTar(reader, target);
    } finally {
      await reader.close();
    }
  },
};

/** All members up to the end of the archive. `rename` tells where a member is put. */
export async function readTar(
  reader: ByteReader,
  target: ArchiveTarget,
  rename: (path: string) => string = (path) => path,
): Promise<void> {
  const carried = new PaxCapture();
  try {
    for await (const streamed of tarStream(reader)) {
      target.step();
      const { member, data } = streamed;
      carried.note(member);
      const placed = {
        ...member,
        path: rename(member.path),
        linkTarget: member.header.typeflag === '1' ? rename(member.linkTarget) : member.linkTarget,
      };
      await addMember({ member: placed, data }, target);
    }
  } finally {
    target.carries(carried.found());
  }
}

/** Adds one member to the tree. */
async function addMember(
  streamed: TarStreamMember,
  target: Pick<ArchiveTarget, 'tree' | 'kept' | 'hasher'>,
): Promise<void> {
  const { path, linkTarget, header } = streamed.member;
  const { typeflag } = header;
  placeMember({ path, linkTarget, typeflag, node: await readMember(streamed, target) }, target);
}

/** A member that was read: what is to be done with it in a tree. */
export interface ReadMember {
  readonly path: string;
  readonly linkTarget: string;
  readonly typeflag: string;
  /** Null for hard links, and for what is no object of a file system. */
  readonly node: Node | null;
}

/** Reads and hashes the content; the `node` of a `ReadMember`. */
export async function readMember(
  streamed: TarStreamMember,
  target: ContentTarget,
): Promise<Node | null> {
  const { member } = streamed;
  const type = member.header.typeflag === '1' ? null : typeOfMember(member);
  if (type === null) return null;
  const content = type === 'file' ? await contentOf(streamed, target) : null;
  return nodeOfMember(member, type, content);
}

export function placeMember(
  { path, linkTarget, typeflag, node }: ReadMember,
  { tree }: Pick<ArchiveTarget, 'tree'>,
): void {
  if (typeflag === '1') tree.link(path, linkTarget);
  else if (node !== null) tree.add(path, node);
  else
    tree.diagnostics.push({
      code: 'format',
      path: joinPath(ROOT_PATH, path),
      detail: `left out: a member of type ${JSON.stringify(typeflag)}`,
    });
}

async function contentOf(
  { member, data }: TarStreamMember,
  target: ContentTarget,
): Promise<ContentDigests> {
  if (member.sparse === null) return readContent(member.path, data, target);
  const content = target.hasher();
  const write = sparseWriter(member.sparse, content);
  for await (const chunk of data.chunks()) write(chunk);
  fillUp(member.sparse, content);
  return content.finish();
}
