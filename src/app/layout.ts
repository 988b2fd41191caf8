/** Which kind of root file system a tree is. */

import { treePathFromText } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';
import type { Layout } from '../scrub/define.js';

/**
 * `ostree`: /etc has moved to /usr/etc, as rpm-ostree leaves a tree that is about to be committed. `bootc`: the tree
 * of a bootable container. Everything else is `plain`.
 */
export function detectLayout(files: TreeFiles): Layout {
  const has = (directory: string, name: string): boolean =>
    files.list(treePathFromText(directory)).includes(name);
  if (has('usr', 'etc') && !has('', 'etc')) return 'ostree';
  if (has('usr/lib', 'bootc') || has('sysroot', 'ostree')) return 'bootc';
  return 'plain';
}
