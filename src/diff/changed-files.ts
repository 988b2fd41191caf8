/** Files whose content differs between two recorded trees, and nothing else: for whoever looks into them. */

import { captureWord } from '../core/capture.js';
import type { Entry } from '../core/entry.js';
import type { ArtifactReader, TreeEntry, TreeRef } from '../core/manifest.js';
import { joinPath, ROOT_PATH, type TreePath } from '../core/path.js';

export interface ChangedFile {
  readonly path: TreePath;
  readonly before: Entry;
  readonly after: Entry;
}

/** Regular files on both sides, in tree order. Times do not count, so directories that differ in them alone are not visited. */
export async function changedFiles(
  before: ArtifactReader,
  after: ArtifactReader,
): Promise<readonly ChangedFile[]> {
  const found: ChangedFile[] = [];
  const isComparable = captureWord(before.artifact.capture) === captureWord(after.artifact.capture);
  const areEqual = (a: TreeRef, b: TreeRef): boolean =>
    isComparable && Buffer.compare(a.contentDigest, b.contentDigest) === 0;
  const visit = async (path: TreePath, a: TreeRef, b: TreeRef): Promise<void> => {
    if (areEqual(a, b)) return;
    const old = new Map((await before.entries(a)).map((each) => [each.entry.name, each]));
    for (const now of await after.entries(b)) {
      const former = old.get(now.entry.name);
      if (former !== undefined) await pair(joinPath(path, now.entry.name), former, now);
    }
  };
  const pair = async (path: TreePath, a: TreeEntry, b: TreeEntry): Promise<void> => {
    if (a.child !== null && b.child !== null) return visit(path, a.child, b.child);
    if (hasOtherContent(a.entry, b.entry)) found.push({ path, before: a.entry, after: b.entry });
  };
  await pair(ROOT_PATH, before.root, after.root);
  return found;
}

/** By the strongest digest that both have; without one in common nothing is known of them. */
function hasOtherContent(a: Entry, b: Entry): boolean {
  if (a.type !== 'file' || b.type !== 'file') return false;
  const [old, now] =
    a.sha256 !== null && b.sha256 !== null ? [a.sha256, b.sha256] : [a.xxh64, b.xxh64];
  return old !== null && now !== null && Buffer.compare(old, now) !== 0;
}
