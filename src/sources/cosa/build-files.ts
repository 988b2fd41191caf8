/**
 * What lies in the directory of a build, as one tree: meta.json, kernels, disk images. Names have `BUILDID` for the id of
 * the build, so that those of two builds are the same. Owners and times of the directory say nothing of the build.
 */

import { constants, lstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';

import type { ArtifactName } from '../../core/build.js';
import type { CaptureSet } from '../../core/capture.js';
import type { Diagnostic } from '../../core/diagnostic.js';
import { errnoOf } from '../../core/errors.js';
import type { TreePath } from '../../core/path.js';
import type { OpenTreeFile, TreeFiles } from '../../core/tree-files.js';
import { systemError } from '../../fs/native.js';
import { openAccess } from '../../fs/tree-files.js';
import { compileGlob } from '../../util/glob.js';
import { chunkHashers, type ChunkHasher } from '../archive/hash-content.js';
import { TreeBuilder, type Node } from '../archive/tree-builder.js';
import type { OpenSource, ScanOptions, ScanSink } from '../define.js';
import { nameWithoutBuild, type BuildDirectory, type FoundImage } from './build-directory.js';
import { digestMismatch, sizeMismatch, type ImageFile } from './verify-image.js';

export const FILES_ARTIFACT = { name: 'files', role: 'files' } as const satisfies ArtifactName;

/** `images`: those that are no artifacts of their own; `apart`: files of those that are, absolute. */
export function buildFiles(
  directory: BuildDirectory,
  images: readonly FoundImage[],
  apart: ReadonlySet<string>,
): OpenSource {
  const capture = (options: Pick<ScanOptions, 'digests' | 'exclusions'>): CaptureSet => ({
    version: 1,
    digests: options.digests,
    xattrs: 'not-carried',
    mtime: false,
    ownership: false,
    hardLinks: false,
    exclusions: options.exclusions,
    mountPoints: [],
  });
  const { buildId } = directory.meta;
  const files = filesIn(directory.path, buildId, apart);
  return {
    artifact: FILES_ARTIFACT,
    location: directory.path,
    mediaType: 'application/vnd.repro-audit.build-files',
    fileSystem: null,
    files: openFiles(files),
    container: null,
    capture,
    scan: async (options, sink) => {
      const globs = options.exclusions.map(({ pattern }) => compileGlob(pattern));
      const tree = new TreeBuilder((path) => globs.some((matches) => matches(path)));
      await addFiles(tree, files, images, options, sink);
      for (const image of images)
        if (image.kind !== 'file') addUnseen(tree, image, nameWithoutBuild(image.path, buildId));
      for (const packed of tree.directories()) sink.directory(packed);
      for (const diagnostic of tree.diagnostics) sink.diagnostic(diagnostic);
      return { root: tree.root(), capture: capture(options), cachedFiles: 0 };
    },
    close: () => {},
  };
}

/** Files by their path in the tree. */
type Files = ReadonlyMap<TreePath, string>;

/** Builds are flat; what lies deeper than this is none of theirs. */
const MAX_DEPTH = 8;
const MAX_FILES = 100_000;

function filesIn(root: string, buildId: string, apart: ReadonlySet<string>): Files {
  const files = new Map<TreePath, string>();
  const visit = (folder: string, prefix: string, depth: number): void => {
    for (const entry of entriesOf(folder)) {
      if (files.size >= MAX_FILES) return;
      const file = join(folder, entry.name);
      const name = `${prefix}${entry.name}`;
      if (entry.isDirectory() && depth < MAX_DEPTH) visit(file, `${name}/`, depth + 1);
      else if (!apart.has(file)) files.set(freePath(files, name, buildId), file);
    }
  };
  visit(root, '', 0);
  return files;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}

function freePath(files: Files, name: string, buildId: string): TreePath {
  const path = latin1(nameWithoutBuild(name, buildId));
  return files.has(path) ? latin1(name) : path;
}

function latin1(text: string): TreePath {
  return Buffer.from(text, 'utf8').toString('latin1') as TreePath;
}

const CHUNK_BYTES = 1024 * 1024;

async function addFiles(
  tree: TreeBuilder,
  files: Files,
  images: readonly FoundImage[],
  { digests, signal }: ScanOptions,
  sink: Pick<ScanSink, 'progress'>,
): Promise<void> {
  const named = new Map(
    images.flatMap((image): [string, ImageFile][] =>
      image.kind === 'file' ? [[image.file, image]] : [],
    ),
  );
  const hashers = await chunkHashers(digests);
  let bytes = 0;
  const read = (count: number): void => {
    signal.throwIfAborted();
    sink.progress({ entries: tree.count, bytes: (bytes += count) });
  };
  for (const [path, file] of files) {
    signal.throwIfAborted();
    const image = named.get(file) ?? null;
    try {
      const stats = lstatSync(file);
      if (stats.isSymbolicLink()) tree.add(path, linkNode(file));
      else if (stats.isFile()) addFile(tree, path, file, image, hashers(), read);
      else tree.skip(path, 'it is no file');
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      report(tree, path, `cannot be read: ${errno}`);
      tree.add(path, UNSEEN);
    }
  }
}

function addFile(
  tree: TreeBuilder,
  path: TreePath,
  file: string,
  image: ImageFile | null,
  hasher: ChunkHasher,
  read: (bytes: number) => void,
): void {
  const access = openRegular(file);
  if (access === null) return;
  try {
    for (let at = 0; at < access.size;) {
      const chunk = access.read(at, CHUNK_BYTES);
      if (chunk.length === 0) break;
      hasher.update(chunk);
      at += chunk.length;
      read(chunk.length);
    }
  } finally {
    access.close();
  }
  const { size, xxh64, sha256 } = hasher.finish();
  tree.add(path, { ...FILE, size, xxh64, sha256 });
  if (image === null) return;
  const found = sha256 === null ? image.sha256 : Buffer.from(sha256).toString('hex');
  const mismatch = sizeMismatch(image, size) ?? digestMismatch(image, found ?? '');
  if (mismatch !== null) report(tree, path, mismatch, 'format');
}

/** What meta.json names and nobody has seen: what it says of it is compared in meta.json, and not taken for true. */
function addUnseen(
  tree: TreeBuilder,
  { why, key }: Exclude<FoundImage, ImageFile>,
  name: string,
): void {
  const isName = !name.split('/').some((part) => part === '' || part === '.' || part === '..');
  const path = latin1(isName ? name : `images/${key.replaceAll('/', '_')}`);
  if (tree.get(path) !== null) return;
  tree.add(path, UNSEEN);
  report(tree, path, why);
}

function report(
  tree: TreeBuilder,
  path: TreePath,
  detail: string,
  code: Diagnostic['code'] = 'unreadable',
): void {
  tree.diagnostics.push({ code, path, detail });
}

function openFiles(files: Files): TreeFiles {
  const open = (path: TreePath): OpenTreeFile | null => {
    const file = files.get(path);
    return file === undefined ? null : openRegular(file);
  };
  return {
    open,
    read: (path) => {
      const file = open(path);
      if (file === null) return null;
      try {
        if (file.size > MAX_BYTES) throw systemError(-osConstants.errno.EFBIG, 'read', path);
        return file.read(0, file.size);
      } finally {
        file.close();
      }
    },
    list: (path) => {
      const prefix = path === '' ? '' : `${path}/`;
      const below = [...files.keys()].filter((each) => each.startsWith(prefix));
      return [...new Set(below.map((each) => each.slice(prefix.length).split('/')[0]!))].toSorted();
    },
    readLink: () => null,
  };
}

const MAX_BYTES = 512 * 1024 * 1024;

/** Times are not recorded, so that all files have the same. */
function openRegular(file: string): OpenTreeFile | null {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const access = openAccess(openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  return access === null ? null : { ...access, mtimeNs: FILE.mtimeNs };
}

const FILE: Node = {
  type: 'file',
  coverage: 'full',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: 0n,
  target: null,
  rdev: null,
  xattrs: [],
  xxh64: null,
  sha256: null,
};

const UNSEEN: Node = { ...FILE, coverage: 'unreadable', unknown: ['size'] };

function linkNode(file: string): Node {
  const target = readlinkSync(file, 'buffer').toString('latin1');
  return { ...FILE, type: 'symlink', mode: 0o777, target };
}
