/** The root file system of a build: from a repository that has the commit, or from its OCI archive. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { ArtifactName } from '../../core/build.js';
import { AuditError } from '../../core/errors.js';
import { displayText } from '../../core/path.js';
import type { OpenOptions, OpenSource } from '../define.js';
import { ociArchive } from '../oci/index.js';
import { ostree } from '../ostree/index.js';
import { unreadableTree } from '../unreadable-tree.js';
import { findImage, type BuildDirectory } from './build-directory.js';
import { imageSource } from './image-source.js';

/** Named as in meta.json. */
export const ROOT_ARTIFACT = { name: 'ostree', role: 'rootfs' } as const satisfies ArtifactName;

export interface RootTree {
  readonly source: OpenSource;
  /** The file that it is read from, absolute; null: a repository, or nothing. */
  readonly file: string | null;
}

/**
 * A repository is asked first: it has every file under its checksum, and the commit itself. Never throws for what is not there:
 * that is a tree of which nothing is known.
 */
export function openRootTree(directory: BuildDirectory, options: OpenOptions): RootTree {
  const reasons: string[] = [];
  const stored = openFromRepository(directory, options, reasons);
  if (stored !== null) return { source: stored, file: null };
  const opened = openArchive(directory, options, reasons);
  if (opened !== null) return opened;
  const source = unreadableTree(ROOT_ARTIFACT, directory.path, reasons.join('; '));
  return { source, file: null };
}

/** Of an image that holds a commit, the objects are the files once more. */
const OBJECTS = [
  {
    pattern: 'sysroot/ostree/repo',
    reason: 'the objects that the files are made of',
  },
];

function openArchive(
  directory: BuildDirectory,
  options: OpenOptions,
  reasons: string[],
): RootTree | null {
  const image = directory.meta.images.find(({ key }) => key === ROOT_ARTIFACT.name);
  if (image === undefined) {
    reasons.push('meta.json names no image of the commit');
    return null;
  }
  const found = findImage(directory, image);
  if (found.kind !== 'file') {
    reasons.push(found.why);
    return null;
  }
  const { file } = found;
  if (!ociArchive.claims(file)) {
    reasons.push(`${displayText(image.path)} is no OCI archive`);
    return null;
  }
  return attempt(reasons, () => {
    const source = imageSource(ociArchive.open(file, options), ROOT_ARTIFACT, found, OBJECTS);
    return { source, file };
  });
}

/** Where coreos-assembler keeps commits, from the directory of a build: `tmp/repo`, and `repo` in former times. */
const REPOSITORIES = ['../../../tmp/repo', '../../../repo', '../../repo', 'repo'] as const;

function openFromRepository(
  { path, meta }: BuildDirectory,
  options: OpenOptions,
  reasons: string[],
): OpenSource | null {
  const { commit } = meta;
  if (commit === null) {
    reasons.push('meta.json names no commit');
    return null;
  }
  for (const place of REPOSITORIES) {
    const repository = join(path, place);
    if (!existsSync(join(repository, 'objects'))) continue;
    if (existsSync(join(repository, `state/${commit}.commitpartial`))) continue;
    const opened = attempt(reasons, () => ostree.open(`${repository}@${commit}`, options));
    if (opened !== null) return { ...opened, artifact: ROOT_ARTIFACT };
  }
  reasons.push(`no repository beside it has the whole commit ${commit}`);
  return null;
}

function attempt<T>(reasons: string[], open: () => T): T | null {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    reasons.push(error.message);
    return null;
  }
}
