/** Reading a few named files of a tree. */

import type { TreePath } from './path.js';

/** Reads files beneath a root without ever leaving it. */
export interface TreeFiles {
  /** Bytes of a regular file; null when there is none at this path. Throws when it cannot be read, or is too large to be read whole (EFBIG). */
  read(path: TreePath): Uint8Array | null;
  /** Names in a directory; empty when there is none. */
  list(path: TreePath): readonly string[];
  /** Target of the symbolic link at this path; null when it is none. */
  readLink(path: TreePath): string | null;
}
