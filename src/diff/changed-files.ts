/** Files whose content differs between two recorded trees, and nothing else: for whoever looks into them. */

import type { Entry } from '../core/entry.js';
import type { ArtifactReader } from '../core/manifest.js';
import type { TreePath } from '../core/path.js';
import { comparisonOf } from './comparison.js';
import { descend } from './descend.js';
import { Gaps } from './gaps.js';

export interface ChangedFile {
  readonly path: TreePath;
  readonly before: Entry;
  readonly after: Entry;
}

/** Regular files on both sides, in tree order. */
export async function changedFiles(
  before: ArtifactReader,
  after: ArtifactReader,
): Promise<readonly ChangedFile[]> {
  const comparison = comparisonOf(before.artifact.capture, after.artifact.capture);
  const gaps = new Gaps(before.artifact.diagnostics, after.artifact.diagnostics);
  const { changes } = await descend(before, after, comparison, gaps);
  return changes.flatMap((change) => {
    const { path, before: old, after: now, attributes } = change;
    const isContent = attributes.some(({ attribute }) => attribute === 'content');
    if (!isContent || old?.type !== 'file' || now?.type !== 'file') return [];
    return [{ path, before: old, after: now }];
  });
}
