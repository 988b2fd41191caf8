/** `ostree:REPO@REF`: a commit of an ostree repository, read without the `ostree` program. */

import { existsSync, realpathSync } from 'node:fs';

import type { CaptureSet } from '../../core/capture.js';
import type { Diagnostic } from '../../core/diagnostic.js';
import { FormatError } from '../../core/errors.js';
import { displayBytes } from '../../core/path.js';
import { bufferAccess } from '../../core/random-access.js';
import { nativeCalls } from '../../fs/native.js';
import { readCommit } from '../../formats/ostree-commit.js';
import { defineSource, type OpenSource, type ScanOptions } from '../define.js';
import { commitFiles } from './commit-files.js';
import { CommitTree } from './commit-tree.js';
import { resolveCommit, splitLocation } from './refs.js';
import {
  isRepository,
  openRepository,
  readMetadata,
  unusable,
  type Repository,
} from './repository.js';
import { scanCommit } from './scan.js';

export const ostree = defineSource({
  id: 'ostree',
  claims: (location) =>
    isRepository(location) ||
    (!existsSync(location) && isRepository(splitLocation(location, isRepository).path)),
  open: openCommit,
});

function openCommit(location: string): OpenSource {
  const { path, ref } = splitLocation(location, isRepository);
  const repository = openRepository(path);
  const [{ mode }] = repository;
  if (nativeCalls() === null && NEEDS_XATTRS.has(mode))
    throw unusable(path, `mode ${mode} keeps xattrs on disk, which this platform cannot read`);
  const checksum = resolveCommit(repository, ref);
  const { bytes, commit } = loadCommit(repository, checksum);
  const tree = new CommitTree(repository);
  const capture = ({
    digests,
    exclusions,
  }: Pick<ScanOptions, 'digests' | 'exclusions'>): CaptureSet => ({
    version: 1,
    digests,
    // What a kernel hides would not have the checksum of its object.
    xattrs: 'all',
    mtime: false,
    ownership: true,
    hardLinks: false,
    exclusions,
    mountPoints: [],
  });
  const folder = displayBytes(realpathSync.native(path, 'buffer').toString('latin1'));
  return {
    location: `ostree:${folder}@${checksum}`,
    mediaType: 'application/vnd.ostree.commit',
    fileSystem: null,
    files: commitFiles(repository, tree, commit.rootTree),
    container: { name: `${checksum}.commit`, bytes: bufferAccess(bytes), holdsFiles: false },
    capture,
    scan: async (options, sink) => {
      const partial = partialDiagnostic(repository, checksum);
      if (partial !== null) sink.diagnostic(partial);
      const { rootTree, rootMeta } = commit;
      const root = await scanCommit({ repository, tree, rootTree, rootMeta }, options, sink);
      return { root, capture: capture(options), cachedFiles: 0 };
    },
    close: () => {},
  };
}

const NEEDS_XATTRS: ReadonlySet<string> = new Set(['bare', 'bare-user']);

function loadCommit(repository: Repository, checksum: string) {
  const [{ repository: path }] = repository;
  try {
    const bytes = readMetadata(repository, checksum, 'commit');
    if (bytes === null) throw unusable(path, `commit ${checksum} is not there`);
    return { bytes, commit: readCommit(bytes) };
  } catch (error) {
    if (error instanceof FormatError)
      throw unusable(path, `commit ${checksum} is damaged: ${error.message}`);
    throw error;
  }
}

/** A pull that did not finish, or was of a part, leaves a mark beside the objects. */
function partialDiagnostic(repository: Repository, checksum: string): Diagnostic | null {
  const isMarked = repository.some(({ repository: path }) =>
    existsSync(`${path}/state/${checksum}.commitpartial`),
  );
  if (!isMarked) return null;
  const detail = `commit ${checksum} is marked as partial: not all of its objects were pulled`;
  return { code: 'unreadable', path: null, detail };
}
