/** `oci:`, `oci-archive:` and `docker-archive:`: images of containers. */

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { AuditError } from '../../core/errors.js';
import { isTar } from '../../formats/tar.js';
import { headOf } from '../archive/head-of.js';
import { defineSource, type OpenOptions, type OpenSource } from '../define.js';
import { archiveKind } from './archive-kind.js';
import { dockerImage } from './docker-image.js';
import { archiveFiles, folderFiles } from './image-files.js';
import { layoutImage } from './layout-image.js';
import { openImage, openPackedImage } from './open-image.js';
import { isPacked } from './packed-image.js';

export const oci = defineSource({
  id: 'oci',
  claims: (location) => {
    const folder = splitTag(location, isFolder)?.path;
    return folder !== undefined && existsSync(join(folder, 'oci-layout'));
  },
  open: (location, options = {}) => {
    const { path, tag } = splitTag(location, isFolder) ?? noSuch(location, 'a folder');
    return open('oci', path, folderFiles(path), tag, options, layoutImage);
  },
});

export const ociArchive = defineSource({
  id: 'oci-archive',
  claims: (location) => isFile(location) && archiveKind(location) === 'oci',
  open: (location, options = {}) => {
    const { path, tag } = splitTag(location, isFile) ?? noSuch(location, 'a file');
    return openFile('oci-archive', path, tag, options, layoutImage);
  },
});

export const dockerArchive = defineSource({
  id: 'docker-archive',
  claims: (location) => isFile(location) && archiveKind(location) === 'docker',
  open: (location, options = {}) => {
    const { path, tag } = splitTag(location, isFile) ?? noSuch(location, 'a file');
    return openFile('docker-archive', path, tag, options, dockerImage);
  },
});

/** Compressed as a whole or not: the names of images say nothing of it. */
function openFile(
  id: string,
  path: string,
  tag: string | null,
  options: OpenOptions,
  readImage: typeof layoutImage,
): OpenSource {
  const head = headOf(path);
  if (isTar(head) || !isPacked(head))
    return open(id, path, archiveFiles(path), tag, options, readImage);
  const { platform = null, ownPlatform = null } = options;
  return openPackedImage(id, path, tag, (files) =>
    readImage(files, { location: path, tag, platform, ownPlatform }),
  );
}

function open(
  id: string,
  path: string,
  files: ReturnType<typeof folderFiles>,
  tag: string | null,
  { platform = null, ownPlatform = null }: OpenOptions,
  readImage: typeof layoutImage,
): OpenSource {
  return openImage(id, path, files, (from) =>
    readImage(from, { location: path, tag, platform, ownPlatform }),
  );
}

/** `PATH` or `PATH:TAG`: the shortest path that exists, for tags have colons too. Null when there is none. */
function splitTag(
  location: string,
  exists: (path: string) => boolean,
): { readonly path: string; readonly tag: string | null } | null {
  for (let at = location.indexOf(':'); at >= 0; at = location.indexOf(':', at + 1)) {
    const path = location.slice(0, at);
    if (exists(path)) return { path, tag: location.slice(at + 1) };
  }
  return exists(location) ? { path: location, tag: null } : null;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function noSuch(location: string, expected: string): never {
  throw new AuditError(
    'SOURCE_UNUSABLE',
    `cannot open ${location}: expected ${expected}, found none`,
    {
      hint: 'images are named as oci:LAYOUT[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG]',
    },
  );
}
