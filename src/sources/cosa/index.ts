/** `cosa:`: a build of coreos-assembler: its root file system, its initramfs and other archives, and its files. */

import { join } from 'node:path';

import type { ArtifactRole, Package } from '../../core/build.js';
import { errnoOf, FormatError } from '../../core/errors.js';
import { displayBytes } from '../../core/path.js';
import { readCosaPackages } from '../../formats/cosa-meta.js';
import { cpio } from '../cpio/index.js';
import { defineSource, type OtherSource, type Source } from '../define.js';
import { initramfs } from '../initramfs/index.js';
import { tar } from '../tar/index.js';
import { ociArchive } from '../oci/index.js';
import { readWhole } from '../ostree/repository.js';
import { unreadableTree } from '../unreadable-tree.js';
import { zip } from '../zip/index.js';
import {
  findBuildDirectory,
  findImage,
  readBuildDirectory,
  type BuildDirectory,
  type FoundImage,
} from './build-directory.js';
import { buildFiles, FILES_ARTIFACT } from './build-files.js';
import { claimsMeta, statedMeta } from './statement.js';
import { imageSource } from './image-source.js';
import { openRootTree, ROOT_ARTIFACT } from './root-tree.js';

export const cosa = defineSource({
  id: 'cosa',
  claims: (location) => {
    const found = findBuildDirectory(location);
    return found !== null && claimsMeta(join(found, 'meta.json'));
  },
  open: (location, options = {}) => {
    const directory = readBuildDirectory(location);
    const root = openRootTree(directory, options);
    const images = directory.meta.images.map((image) => findImage(directory, image));
    const apart = new Set(root.file === null ? [] : [root.file]);
    const archives = new Map<FoundImage, OtherSource>();
    for (const image of images) {
      const isTaken = image.kind === 'file' && apart.has(image.file);
      const archive = isTaken ? null : archiveOf(image, directory);
      if (archive === null) continue;
      archives.set(image, archive);
      if (image.kind === 'file') apart.add(image.file);
    }
    const rest = images.filter(
      (image) => !archives.has(image) && !(image.kind === 'file' && apart.has(image.file)),
    );
    const others: OtherSource[] = [
      ...archives.values(),
      { ...FILES_ARTIFACT, open: () => buildFiles(directory, rest, apart) },
    ];
    const path = displayBytes(Buffer.from(directory.path, 'utf8').toString('latin1'));
    return {
      ...root.source,
      location: `${cosa.id}:${path}`,
      others,
      statement: {
        file: join(directory.path, 'meta.json'),
        meta: statedMeta(directory.meta),
        packages: packagesOf(directory),
      },
    };
  },
});

/** Null: it is compared as a file. */
function archiveOf(image: FoundImage, { path }: BuildDirectory): OtherSource | null {
  const kind = kindOf(image);
  if (kind === null) return null;
  const artifact = { name: image.key, role: kind.role };
  if (image.kind !== 'file')
    return { ...artifact, open: () => unreadableTree(artifact, path, image.why) };
  return { ...artifact, open: () => imageSource(kind.source.open(image.file), artifact, image) };
}

interface ArchiveKind {
  readonly role: ArtifactRole;
  readonly source: Source;
}

/** By names alone, so that an image is the same kind of thing in both builds, also where its file is gone. */
function kindOf({ key, path }: FoundImage): ArchiveKind | null {
  if (key === ROOT_ARTIFACT.name || key === FILES_ARTIFACT.name) return null;
  // Never apart from the files, whatever it says of itself.
  if (path === 'meta.json') return null;
  // What a live system has as its root comes appended to its initramfs.
  if (/(?:^|-)(?:initramfs|rootfs)$/.test(key)) return { role: 'initramfs', source: initramfs };
  const source = ARCHIVES.find(([pattern]) => pattern.test(path))?.[1];
  return source === undefined ? null : { role: 'archive', source };
}

const ARCHIVES: readonly (readonly [RegExp, Source])[] = [
  [/\.ociarchive$/, ociArchive],
  [/\.tar(?:\.\w+)?$|\.ova$/, tar],
  [/\.cpio(?:\.\w+)?$/, cpio],
  [/\.zip$/, zip],
];

/** For a build of which only the description is left. */
function packagesOf({ path }: BuildDirectory): readonly Package[] {
  const bytes = tryWhole(join(path, 'commitmeta.json'));
  if (bytes === null) return [];
  return readCosaPackages(bytes).map((each) => ({ manager: 'rpm', ...each }));
}

const MAX_BYTES = 64 * 1024 * 1024;

function tryWhole(file: string): Uint8Array | null {
  try {
    return readWhole(file, MAX_BYTES);
  } catch (error) {
    if (error instanceof FormatError || errnoOf(error) !== undefined) return null;
    throw error;
  }
}
