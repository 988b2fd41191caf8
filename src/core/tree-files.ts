/** Reading a few named files of a tree. */

import type { TreePath } from './path.js';
import type { RandomAccess } from './random-access.js';

/** Reads files beneath a root without ever leaving it. */
export interface TreeFiles {
  /** Bytes of a regular file; null when there is none at this path. Throws when it cannot be read, or is too large to be read whole (EFBIG). */
  read(path: TreePath): Uint8Array | null;
  /** A regular file for reading in parts; null when there is none at this path. Throws when it cannot be opened. */
  open(path: TreePath): OpenTreeFile | null;
  /** Names in a directory; empty when there is none. */
  list(path: TreePath): readonly string[];
  /** Target of the symbolic link at this path; null when it is none. */
  readLink(path: TreePath): string | null;
}

export interface OpenTreeFile extends RandomAccess {
  /** Of the inode that is open, so that the bytes can be told to be those of a manifest. */
  readonly mtimeNs: bigint;
  close(): void;
}
