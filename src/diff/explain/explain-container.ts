/** Whether two archives are the same file, the same content in other bytes, or different; and which fields make the bytes differ. */

import type { Explanation } from '../../core/explanation.js';
import type { ArtifactReader } from '../../core/manifest.js';
import { joinPath, ROOT_PATH } from '../../core/path.js';
import type { ContainerComparison } from '../../core/report.js';
import { loadXxh64 } from '../../util/xxh64.js';
import type { BuildPair } from '../causes/builds.js';
import { compareFacts } from '../facts/compare-facts.js';
import { explainFile, notInspected } from './explain-file.js';
import { choosePair } from './explain-tree.js';
import { FactsCache } from './facts-cache.js';
import { ChangedFiles } from './file-links.js';

/** Null unless both trees came out of a file. `hasSameContent`: contents are known to be equal. */
export async function compareContainers(
  a: ArtifactReader,
  b: ArtifactReader,
  hasSameContent: boolean,
  builds: BuildPair,
): Promise<ContainerComparison | null> {
  const [before, after] = [a.artifact.container, b.artifact.container];
  if (before == null || after == null) return null;
  if (hexOf(before.digest) === hexOf(after.digest))
    return { before, after, verdict: 'identical', explanation: null };
  if (!hasSameContent) return { before, after, verdict: 'different', explanation: null };
  const digests = { before: hexOf(before.digest), after: hexOf(after.digest) };
  const explanation = await explainBytes(a, b, digests, after.name, builds);
  return { before, after, verdict: 'same-content', explanation };
}

async function explainBytes(
  a: ArtifactReader,
  b: ArtifactReader,
  digests: Readonly<Record<'before' | 'after', string>>,
  name: string,
  builds: BuildPair,
): Promise<Explanation | null> {
  const caches = { before: new FactsCache(a), after: new FactsCache(b) };
  if (!caches.before.exists && !caches.after.exists) return null;
  await loadXxh64();
  const [old, now] = [
    await caches.before.all(digests.before),
    await caches.after.all(digests.after),
  ];
  const pair = choosePair(old, now);
  if (typeof pair === 'string') return notInspected(pair);
  const comparison = await compareFacts(
    { digest: digests.before, facts: pair[0] },
    { digest: digests.after, facts: pair[1] },
    { before: caches.before.find, after: caches.after.find },
  );
  return explainFile(comparison, joinPath(ROOT_PATH, name), builds, new ChangedFiles());
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}
