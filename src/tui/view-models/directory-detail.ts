/** The page about a directory of the tree that holds changes and did not change itself. */

import type { TreePath } from '../../core/path.js';
import { countOf, formatBytes } from '../../util/format.js';
import { span, type Line } from '../text/line.js';
import { safePath } from '../text/safe.js';
import { wrapText } from '../text/width.js';
import type { FileTree } from './file-tree.js';

export function directoryDetail(
  tree: FileTree,
  node: number,
  path: TreePath,
  width: number,
): readonly Line[] {
  return [
    ...wrapText(`${safePath(path)}/`, width).map((text): Line => [span(text, 'strong')]),
    [span('directory that did not change itself', 'muted')],
    [],
    [span(`${countOf(tree.changes[node]!, 'change')} below, ${formatBytes(tree.sizes[node]!)}`)],
  ];
}
