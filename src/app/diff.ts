/** Compares two builds, or two directories without a store. */

import { isCommit, type BuildFacts, type Container } from '../core/build.js';
import type { ArtifactReader } from '../core/manifest.js';
import type { Report } from '../core/report.js';
import { namedKey, type SecretKey } from '../core/secrets.js';
import { changedFiles, diffBuilds, isCounterpart } from '../diff/index.js';
import { classify } from '../scrub/catalogue/index.js';
import { withSides, type DiffRequest, type Side } from './diff-sides.js';
import { openArtifactTree } from './open-artifact.js';
import { recipesOf } from './recipe-owners.js';
import { withContainerFacts } from './inspection/live-container.js';
import { withLiveFacts } from './inspection/live-facts.js';

export type { DiffRequest } from './diff-sides.js';

export function diff(request: DiffRequest): Promise<Report> {
  return withSides(request, async (before, after) => {
    const sides = await withLiveTrees(request, before, after);
    return diffBuilds(...sides, {
      classify,
      recipeOf: recipesOf(request.owners),
      isSemantic: request.isSemantic ?? false,
    });
  });
}

/** Looks into changed files where a tree is still there; see `withLiveFacts`. */
async function withLiveTrees(
  request: DiffRequest,
  before: Side,
  after: Side,
): Promise<readonly [Side, Side]> {
  if (request.inspection.mode === 'none') return [before, after];
  const key = namedKey(request.inspection.freshKey());
  const olds = [...before.reader.artifacts];
  const nows = [...after.reader.artifacts];
  for (const [i, now] of nows.entries()) {
    const at = olds.findIndex((old) => isCounterpart(old, now));
    if (at < 0) continue;
    const pair = [
      { reader: olds[at]!, build: before.reader.build.facts },
      { reader: now, build: after.reader.build.facts },
    ] as const;
    [olds[at], nows[i]] = await withLiveFactsOf(request, ...pair, key);
  }
  const withArtifacts = (side: Side, artifacts: readonly ArtifactReader[]): Side => ({
    ...side,
    reader: { ...side.reader, artifacts },
  });
  return [withArtifacts(before, olds), withArtifacts(after, nows)];
}

interface LiveArtifact {
  readonly reader: ArtifactReader;
  readonly build: BuildFacts;
}

async function withLiveFactsOf(
  request: DiffRequest,
  before: LiveArtifact,
  after: LiveArtifact,
  key: SecretKey,
): Promise<readonly [ArtifactReader, ArtifactReader]> {
  const [a, b] = [before.reader, after.reader];
  const changed = await changedFiles(a, b);
  const [old, now] = [a.artifact.container, b.artifact.container];
  if (changed.length === 0 && !areOther(old, now)) return [a, b];
  const archives = areOther(old, now) && old !== null && !isCommit(old);
  const { signal, inspection } = request;
  const live = async (
    { reader: artifact, build }: LiveArtifact,
    side: 'before' | 'after',
  ): Promise<ArtifactReader> => {
    const { mode, clock, onProgress } = inspection;
    const common = { artifact, build, changed, side, key, clock, signal };
    if (archives) return withContainerFacts(common);
    const source = openArtifactTree(build.source, artifact.artifact.name);
    if (source === null) return artifact;
    const described = await withContainerFacts({ ...common, changed: [] });
    try {
      const { files } = source;
      return await withLiveFacts({ ...common, artifact: described, files, mode, onProgress });
    } finally {
      source.close();
    }
  };
  return [await live(before, 'before'), await live(after, 'after')];
}

/** Two files with other bytes: their own fields are looked into. A commit holds no files: those lie beside it. */
function areOther(a: Container | null, b: Container | null): boolean {
  return a != null && b != null && !Buffer.from(a.digest).equals(b.digest);
}
