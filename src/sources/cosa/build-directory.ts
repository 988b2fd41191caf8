/** The directory of a coreos-assembler build (`builds/ID/ARCH`): its meta.json, and the files that it names. */

import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { AuditError, errnoOf, FormatError } from '../../core/errors.js';
import { displayText } from '../../core/path.js';
import { readCosaMeta, type CosaImage, type CosaMeta } from '../../formats/cosa-meta.js';
import { readWhole } from '../ostree/repository.js';

export interface BuildDirectory {
  /** Absolute, without links. */
  readonly path: string;
  readonly meta: CosaMeta;
}

/** What became of an image that meta.json names. */
export type FoundImage = CosaImage &
  (
    | { readonly kind: 'file'; /** Absolute. */ readonly file: string }
    | { readonly kind: 'absent' | 'refused'; /** For people. */ readonly why: string }
  );

const MAX_META_BYTES = 64 * 1024 * 1024;

/** Any directory is asked whether it is a build: the root of a tree may have many names. */
const MOST_ARCHITECTURES = 12;

/** The directory itself, or the only architecture in the directory of a build; null where there is no meta.json. */
export function findBuildDirectory(location: string): string | null {
  if (isFile(join(location, 'meta.json'))) return location;
  const names = namesIn(location);
  if (names.length > MOST_ARCHITECTURES) return null;
  const below = names.filter((name) => isFile(join(location, name, 'meta.json')));
  return below.length === 1 ? join(location, below[0]!) : null;
}

/** Throws `SOURCE_UNUSABLE`. */
export function readBuildDirectory(location: string): BuildDirectory {
  const found = findBuildDirectory(location);
  if (found === null)
    throw unusable(location, 'expected a meta.json in it, or in its only subdirectory');
  try {
    const bytes = readWhole(join(found, 'meta.json'), MAX_META_BYTES);
    if (bytes === null) throw unusable(location, 'its meta.json is gone');
    return { path: realpathSync(found), meta: readCosaMeta(bytes) };
  } catch (error) {
    if (error instanceof FormatError) throw unusable(location, error.message);
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    throw unusable(location, `its meta.json cannot be read: ${errno}`);
  }
}

/** Never a file outside of the directory, whatever meta.json says, and no link. */
export function findImage({ path }: BuildDirectory, image: CosaImage): FoundImage {
  const said = displayText(image.path);
  const refused = (why: string): FoundImage => ({ ...image, kind: 'refused', why });
  const parts = image.path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /\0/.test(image.path))
    return refused(`meta.json names ${said}, which leads out of the build: it was not opened`);
  const file = join(path, image.path);
  try {
    if (realpathSync(file) !== file || !lstatSync(file).isFile())
      return refused(`meta.json names ${said}, which is no file of the build: it was not opened`);
    return { ...image, kind: 'file', file };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    const why =
      errno === 'ENOENT'
        ? `meta.json names ${said}, which is not there`
        : `meta.json names ${said}, which cannot be opened: ${errno}`;
    return { ...image, kind: 'absent', why };
  }
}

/** The same in both builds, where the names of files have the id of the build in them. */
export function nameWithoutBuild(name: string, buildId: string): string {
  const parts = name.split(buildId);
  return parts.reduce((done, part) => {
    const isWord = !/[\w]$/.test(done) && !/^\w/.test(part);
    return `${done}${isWord ? 'BUILDID' : buildId}${part}`;
  });
}

function unusable(location: string, detail: string): AuditError {
  return new AuditError('SOURCE_UNUSABLE', `coreos-assembler build ${location}: ${detail}`, {
    hint: 'give the directory that holds meta.json, such as builds/latest/x86_64',
  });
}

function isFile(path: string): boolean {
  try {
    return lstatSync(path).isFile();
  } catch {
    return false;
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
