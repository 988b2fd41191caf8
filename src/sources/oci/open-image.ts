/** An image as a source: the merged tree of its layers, and itself as one document. */

import { realpathSync } from 'node:fs';
import { basename } from 'node:path';

import type { CaptureSet } from '../../core/capture.js';
import { AuditError, FormatError } from '../../core/errors.js';
import { displayBytes, type TreePath } from '../../core/path.js';
import type { TreeFiles } from '../../core/tree-files.js';
import { imageDocument } from '../../formats/oci-document.js';
import { compileGlob } from '../../util/glob.js';
import { chunkHashers } from '../archive/hash-content.js';
import { treeAnswers } from '../archive/filled-tree.js';
import { openInput, type ArchiveInput } from '../archive/input.js';
import { KeptFiles } from '../archive/kept-files.js';
import { TreeBuilder } from '../archive/tree-builder.js';
import type { OpenSource, PrepareOptions, ScanOptions } from '../define.js';
import type { Image } from './image.js';
import type { ImageFiles } from './image-files.js';
import { keptContent } from './kept-content.js';
import { rereadLinked } from './reread-linked.js';
import { findPackedImage, readPackedLayers } from './packed-image.js';
import { readLayers } from './read-layers.js';

const CARRIED = { xattrs: 'all', mtime: true, ownership: true, hardLinks: true } as const;

/** `id` is the prefix of the source. Takes over `files` and closes them. Throws `SOURCE_UNUSABLE`. */
export function openImage(
  id: string,
  location: string,
  files: ImageFiles,
  readImage: (files: ImageFiles) => Image,
): OpenSource {
  const image = tryImage(location, files, readImage);
  const capture = (options: Pick<ScanOptions, 'digests' | 'exclusions'>): CaptureSet => ({
    version: 1,
    ...CARRIED,
    digests: options.digests,
    exclusions: options.exclusions,
    mountPoints: [],
  });
  const answers = treeAnswers(capture);
  let merged: TreeBuilder | null = null;
  return {
    location: nameOf(id, location, image),
    mediaType: image.mediaType,
    fileSystem: null,
    container: {
      name: basename(location),
      bytes: documentOf(image),
      aliases: () => merged?.namesOutside(OBJECTS) ?? new Map(),
    },
    files: answers.files,
    capture,
    prepare: async (options) => {
      const filled = await mergedTree(image, options);
      merged = filled.tree;
      answers.fill(filled);
    },
    scan: answers.scan,
    close: () => files.close(),
  };
}

/** The same of an archive that is compressed as a whole: all is read when it is prepared. Throws `SOURCE_UNUSABLE`. */
export function openPackedImage(
  id: string,
  location: string,
  reference: string | null,
  readImage: (files: ImageFiles) => Image,
): OpenSource {
  const input = openInput(location);
  const capture = (options: Pick<ScanOptions, 'digests' | 'exclusions'>): CaptureSet => ({
    version: 1,
    ...CARRIED,
    digests: options.digests,
    exclusions: options.exclusions,
    mountPoints: [],
  });
  const answers = treeAnswers(capture);
  return {
    location: nameOf(id, location, { reference }),
    mediaType: 'application/x-tar',
    fileSystem: null,
    container: input.container,
    files: answers.files,
    capture,
    prepare: async (options) => answers.fill(await packedTree(input, location, readImage, options)),
    scan: answers.scan,
    close: () => input.close(),
  };
}

async function packedTree(
  input: ArchiveInput,
  location: string,
  readImage: (files: ImageFiles) => Image,
  options: PrepareOptions,
): Promise<{ readonly tree: TreeBuilder; readonly files: TreeFiles }> {
  const { signal } = options;
  const packed = { ...input, size: input.container?.bytes.size ?? 0 };
  let bytes = 0;
  const onRead = (count: number): void => options.progress({ entries: 0, bytes: (bytes += count) });
  try {
    const found = await findPackedImage(packed, readImage, onRead, signal);
    const { tree, target } = await emptyTree(found.image, options);
    await readPackedLayers(packed, found, { ...options, target });
    return { tree, files: target.kept.files(tree) };
  } catch (error) {
    if (error instanceof FormatError) throw unreadable(location, error);
    throw error;
  }
}

/** Where an image that holds a commit of ostree has the files; what lies elsewhere are hard links to them. */
const OBJECTS = 'sysroot/ostree/repo/objects' as TreePath;

/** Opens the same image again. */
function nameOf(id: string, location: string, { reference }: Pick<Image, 'reference'>): string {
  const path = displayBytes(realpathSync.native(location, 'buffer').toString('latin1'));
  return `${id}:${path}${reference === null ? '' : `:${reference}`}`;
}

function tryImage(
  location: string,
  files: ImageFiles,
  readImage: (files: ImageFiles) => Image,
): Image {
  try {
    return readImage(files);
  } catch (error) {
    files.close();
    if (!(error instanceof FormatError)) throw error;
    throw unreadable(location, error);
  }
}

function unreadable(location: string, cause: FormatError): AuditError {
  const message = `cannot read ${location}: ${cause.message}`;
  return new AuditError('SOURCE_UNUSABLE', message, { cause });
}

async function mergedTree(
  image: Image,
  options: PrepareOptions,
): Promise<{ readonly tree: TreeBuilder; readonly files: TreeFiles }> {
  const { signal, digests } = options;
  const { tree, target } = await emptyTree(image, options);
  const { kept } = target;
  const links = await readLayers(image, {
    target,
    digests,
    signal,
    progress: (found) => options.progress(found),
  });
  const files = keptContent(kept, tree, links);
  await rereadLinked(image, { tree, kept, links, files, signal });
  return { tree, files };
}

/** Nothing in it but what the documents said. */
async function emptyTree({ problems }: Image, { digests, exclusions }: PrepareOptions) {
  const globs = exclusions.map(({ pattern }) => compileGlob(pattern));
  const tree = new TreeBuilder((path) => globs.some((matches) => matches(path)));
  for (const detail of problems) tree.diagnostics.push({ code: 'format', path: null, detail });
  return { tree, target: { tree, kept: new KeptFiles(), hasher: await chunkHashers(digests) } };
}

function documentOf({ documents, layers }: Image): ReturnType<typeof imageDocument> {
  const empty = { size: 0, read: () => new Uint8Array(0) };
  return imageDocument([
    ...documents,
    ...layers.map(({ mediaType, digest, size, components, access }) => ({
      role: 'layer' as const,
      mediaType,
      digest,
      size: size ?? access?.size ?? 0,
      name: components ?? '',
      bytes: access?.size ?? 0,
      access: access ?? empty,
    })),
  ]);
}
