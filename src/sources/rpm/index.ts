/** `rpm:`: an RPM package: the files of its payload, with what the header says of them. What is `%ghost` has none. */

import { FormatError } from '../../core/errors.js';
import { windowAccess, type RandomAccess } from '../../core/random-access.js';
import { decompress } from '../../formats/codec/decompress.js';
import { isRpmPackage, readRpmPackage } from '../../formats/rpm-package.js';
import { ByteReader } from '../../formats/stream/byte-reader.js';
import { rpmPayloadStream, type RpmPayloadStreamMember } from '../../formats/stream/rpm-payload.js';
import { chunksOf } from '../archive/chunks-of.js';
import { headOf } from '../archive/head-of.js';
import { openArchive, type ArchiveKind, type ArchiveTarget } from '../archive/open-archive.js';
import { readContent } from '../archive/read-content.js';
import { defineSource } from '../define.js';
import { ListedFiles, nameInPackage } from './listed-files.js';

export const rpm = defineSource({
  id: 'rpm',
  claims: (location) => isRpmPackage(headOf(location)),
  open: (location) => openArchive(location, rpmPackage),
});

const rpmPackage: ArchiveKind = {
  mediaType: 'application/x-rpm',
  capture: {
    xattrs: 'capabilities',
    mtime: true,
    mtimeResolution: 1e9,
    ownership: true,
    hardLinks: true,
  },
  reads: 'places',
  read: async (bytes, target) => {
    const { header, payload } = readRpmPackage(bytes);
    const files = new ListedFiles(header.header);
    // Owners are names, and what number they get is the installing system's business.
    target.carries({ ownership: files.allRoot });
    const reader = new ByteReader(contentOf(bytes, payload, target), { format: 'rpm payload' });
    const first = new Map<string, string>();
    try {
      for await (const streamed of rpmPayloadStream(reader, header.header)) {
        target.step();
        if (!streamed.member.isTrailer) await addFile(streamed, files, first, target);
      }
    } finally {
      await reader.close();
    }
  },
};

function contentOf(
  bytes: RandomAccess,
  { offset, bytes: length, codec, isCpio }: ReturnType<typeof readRpmPackage>['payload'],
  { limits }: ArchiveTarget,
): AsyncIterable<Uint8Array> {
  const chunks = chunksOf(windowAccess(bytes, offset, length));
  if (isCpio) return chunks;
  if (codec === null)
    throw new FormatError('rpm', offset, 'expected a payload compressed in a way that is known');
  return decompress(codec, chunks, limits);
}

/** `first` has the first name of each inode with several. */
async function addFile(
  { member, data }: RpmPayloadStreamMember,
  files: ListedFiles,
  first: Map<string, string>,
  target: ArchiveTarget,
): Promise<void> {
  const { tree } = target;
  const name = nameInPackage(member.path);
  const listed = files.at(member.fileIndex) ?? files.named(name);
  if (listed === null) return tree.skip(name, 'the header does not list it');
  const { node, inode } = listed;
  if (node.type !== 'file') {
    tree.add(name, node);
    return;
  }
  const content = await readContent(name, data, target);
  const whole = { ...node, ...content };
  const original = inode === null ? undefined : first.get(inode);
  if (original === undefined) {
    tree.add(name, whole);
    if (inode !== null) first.set(inode, name);
    return;
  }
  tree.link(name, original);
  // The content comes with the last name.
  if (data.size > 0) tree.replace(original, whole);
}
