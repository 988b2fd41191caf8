/**
 * The content checksum that `ostree commit` would give a tree, from its entries and the bytes of its files. It is the
 * SHA-256 over the checksums of root dirtree and root dirmeta; times, parent and message are no part of it.
 */

import { createHash } from 'node:crypto';

import { stMode, type Entry } from '../core/entry.js';
import { AuditError } from '../core/errors.js';
import type { ArtifactReader, TreeRef } from '../core/manifest.js';
import { displayPath, joinPath, ROOT_PATH, type TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';
import { contentChecksum } from '../formats/ostree-commit.js';
import {
  writeDirMeta,
  writeDirTree,
  writeFileHeader,
  type OstreeDirMeta,
  type OstreeDirTree,
} from '../formats/ostree-objects.js';

export interface OstreeContentRequest {
  readonly tree: Pick<ArtifactReader, 'root' | 'entries'>;
  readonly files: TreeFiles;
  /** As `ostree commit --canonical-permissions`: owner 0:0, no xattrs, and of the modes of files and directories 0755. */
  readonly isCanonical: boolean;
  readonly signal: AbortSignal;
}

/** 64 hex digits. Throws `SOURCE_UNUSABLE` for what ostree does not commit, and for files that cannot be read. */
export async function ostreeContent(request: OstreeContentRequest): Promise<string> {
  const { root } = request.tree;
  if (root.child === null) throw unusable(ROOT_PATH, 'expected a listing of it');
  const rootTree = await treeChecksum(request, ROOT_PATH, root.child, new Map());
  const rootMeta = sha256(writeDirMeta(metaOf(root.entry, request.isCanonical)));
  return contentChecksum({ rootTree, rootMeta });
}

const CHUNK_BYTES = 1024 * 1024;

async function treeChecksum(
  request: OstreeContentRequest,
  path: TreePath,
  directory: TreeRef,
  linked: Map<TreePath, string>,
): Promise<string> {
  const files: OstreeDirTree['files'][number][] = [];
  const directories: OstreeDirTree['directories'][number][] = [];
  for (const { entry, child } of await request.tree.entries(directory)) {
    request.signal.throwIfAborted();
    const { name } = entry;
    const place = joinPath(path, name);
    if (entry.type === 'directory') {
      if (child === null || entry.coverage !== 'full')
        throw unusable(place, 'expected a listing of it');
      const meta = sha256(writeDirMeta(metaOf(entry, request.isCanonical)));
      directories.push({ name, tree: await treeChecksum(request, place, child, linked), meta });
      continue;
    }
    let checksum = entry.link === null ? undefined : linked.get(entry.link);
    checksum ??= fileChecksum(request, place, entry);
    if (entry.link !== null) linked.set(entry.link, checksum);
    files.push({ name, checksum });
  }
  return sha256(writeDirTree({ files, directories }));
}

function fileChecksum(
  { files, isCanonical }: OstreeContentRequest,
  path: TreePath,
  entry: Entry,
): string {
  if (entry.type !== 'file' && entry.type !== 'symlink')
    throw unusable(path, `expected files, links and directories, found a ${entry.type}`);
  if (entry.coverage !== 'full') throw unusable(path, 'it could not be read whole');
  const target = entry.target ?? '';
  const hash = createHash('sha256');
  hash.update(writeFileHeader({ ...metaOf(entry, isCanonical), rdev: 0, target }));
  if (entry.type === 'symlink') return hash.digest('hex');
  const file = files.open(path);
  if (file === null)
    throw unusable(path, 'its bytes cannot be read by themselves; unpack the archive first');
  try {
    if (file.size !== entry.size) throw unusable(path, 'it changed while it was read');
    for (let offset = 0; offset < file.size; offset += CHUNK_BYTES)
      hash.update(file.read(offset, CHUNK_BYTES));
  } finally {
    file.close();
  }
  return hash.digest('hex');
}

function metaOf(entry: Entry, isCanonical: boolean): OstreeDirMeta {
  const { uid, gid } = entry;
  // ostree leaves out what has no value (seen with 2022.7).
  const xattrs = entry.xattrs.filter(({ value }) => value !== '');
  const mode = stMode(entry);
  if (!isCanonical) return { uid, gid, mode, xattrs };
  const kept = entry.type === 'symlink' ? mode : mode & 0o170755;
  return { uid: 0, gid: 0, mode: kept, xattrs: [] };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function unusable(path: TreePath, detail: string): AuditError {
  return new AuditError(
    'SOURCE_UNUSABLE',
    `no content checksum of ostree: ${displayPath(path)}: ${detail}`,
  );
}
