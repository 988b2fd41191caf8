/** The files that are asked for by name, held against the tree: a later layer may have replaced or removed them. */

import { createHash } from 'node:crypto';

import type { TreePath } from '../../core/path.js';
import { bufferAccess } from '../../core/random-access.js';
import type { TreeFiles } from '../../core/tree-files.js';
import type { KeptFiles } from '../archive/kept-files.js';
import type { TreeBuilder } from '../archive/tree-builder.js';
import type { LinkedName } from './merged-layers.js';

/**
 * `links` are names whose bytes may have been kept under another: those of an ostree commit, which has all bytes under
 * `/sysroot/ostree/repo/objects`.
 */
export function keptContent(
  kept: KeptFiles,
  tree: TreeBuilder,
  links: readonly LinkedName[],
): TreeFiles {
  const files = kept.files(tree);
  const targets = new Map(links.map(({ path, target }) => [path, target]));
  const read = (path: TreePath): Uint8Array | null => {
    const node = tree.get(path);
    if (node?.type !== 'file') return null;
    for (const name of [path, targets.get(path)]) {
      const bytes = name === undefined ? null : files.read(name);
      if (bytes === null || bytes.length !== node.size) continue;
      const { sha256 } = node;
      if (sha256 === null || createHash('sha256').update(bytes).digest().equals(sha256))
        return bytes;
    }
    return null;
  };
  return {
    ...files,
    read,
    open: (path) => {
      const bytes = read(path);
      if (bytes === null) return null;
      return { ...bufferAccess(bytes), mtimeNs: tree.get(path)!.mtimeNs, close: () => {} };
    },
  };
}
