/** `TreeFiles` over a commit. */

import { constants as osConstants } from 'node:os';
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';

import { FormatError } from '../../core/errors.js';
import type { TreePath } from '../../core/path.js';
import { bufferAccess } from '../../core/random-access.js';
import type { OpenTreeFile, TreeFiles } from '../../core/tree-files.js';
import { systemError } from '../../fs/native.js';
import { writeFileHeader, type OstreeDirTree } from '../../formats/ostree-objects.js';
import type { CommitTree } from './commit-tree.js';
import { openContent, type OpenContent } from './open-content.js';
import type { Repository } from './repository.js';

/** Links are not followed. A file that is compressed is held in memory while it is open; see `MAX_BYTES`. */
export function commitFiles(repository: Repository, tree: CommitTree, rootTree: string): TreeFiles {
  const directoryAt = (path: TreePath): OstreeDirTree | null => {
    let checksum: string | undefined = rootTree;
    for (const name of path === '' ? [] : path.split('/')) {
      const directory: OstreeDirTree | null = load(tree, checksum);
      checksum = directory?.directories.find((each) => each.name === name)?.tree;
      if (checksum === undefined) return null;
    }
    return load(tree, checksum);
  };
  const objectAt = (path: TreePath): string | null => {
    const slash = path.lastIndexOf('/');
    const directory = directoryAt(path.slice(0, Math.max(0, slash)) as TreePath);
    const name = path.slice(slash + 1);
    return directory?.files.find((file) => file.name === name)?.checksum ?? null;
  };
  const contentAt = (path: TreePath): { content: OpenContent; checksum: string } | null => {
    const checksum = objectAt(path);
    if (checksum === null) return null;
    const content = asSystemError(path, () => openContent(repository, checksum));
    if (content === null) throw systemError(-EIO, 'open', path);
    return { content, checksum };
  };
  /** Only a regular file stays open. */
  const fileAt = (path: TreePath): { content: OpenContent; checksum: string } | null => {
    const found = contentAt(path);
    if (found === null || (found.content.header.mode & 0o170000) === 0o100000) return found;
    found.content.close();
    return null;
  };
  return {
    read: (path) => {
      const found = fileAt(path);
      if (found === null) return null;
      try {
        return wholeBytes(found.content, found.checksum, path);
      } finally {
        found.content.close();
      }
    },
    open: (path) => {
      const found = fileAt(path);
      if (found === null) return null;
      const { content, checksum } = found;
      if (content.plain !== null) return openPlain(content, content.plain.fd);
      try {
        const bytes = wholeBytes(content, checksum, path);
        return { ...bufferAccess(bytes), mtimeNs: 0n, close: () => {} };
      } finally {
        content.close();
      }
    },
    list: (path) => {
      const directory = directoryAt(path);
      if (directory === null) return [];
      return [...directory.files, ...directory.directories].map(({ name }) => name).toSorted();
    },
    readLink: (path) => {
      const found = contentAt(path);
      if (found === null) return null;
      const { header } = found.content;
      found.content.close();
      return (header.mode & 0o170000) === 0o120000 ? header.target : null;
    },
  };
}

/** Nothing that is asked for by name is larger, but images that are looked into where they lie uncompressed. */
const MAX_BYTES = 512 * 1024 * 1024;
const { EIO, EFBIG } = osConstants.errno;

function load(tree: CommitTree, checksum: string): OstreeDirTree | null {
  const loaded = tree.tree(checksum);
  return loaded.kind === 'loaded' ? loaded.value : null;
}

/** Bytes that are not those of their checksum are an error of input and output. */
function wholeBytes(content: OpenContent, checksum: string, path: string): Uint8Array {
  if (content.size > MAX_BYTES) throw systemError(-EFBIG, 'read', path);
  const bytes = asSystemError(path, () => content.bytes());
  const hash = createHash('sha256').update(writeFileHeader(content.header)).update(bytes);
  if (hash.digest('hex') !== checksum) throw systemError(-EIO, 'read', path);
  return bytes;
}

function asSystemError<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof FormatError ? systemError(-EIO, 'read', path) : error;
  }
}

function openPlain(content: OpenContent, fd: number): OpenTreeFile {
  const { size } = content;
  return {
    size,
    mtimeNs: 0n,
    read: (offset, length) => {
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - offset)));
      const count = readSync(fd, bytes, 0, bytes.length, offset);
      return count === bytes.length ? bytes : bytes.subarray(0, count);
    },
    close: () => content.close(),
  };
}
