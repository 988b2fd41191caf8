/** Compares two builds, or two directories without a store. */

import { changedFiles, diffBuilds } from '../diff/index.js';
import type { Container } from '../core/build.js';
import { namedKey } from '../core/secrets.js';
import type { Report } from '../core/report.js';
import { classify } from '../scrub/catalogue/index.js';
import { openTree, withSides, type DiffRequest, type Side } from './diff-sides.js';
import { recipesOf } from './recipe-owners.js';
import { withContainerFacts } from './inspection/live-container.js';
import { withLiveFacts } from './inspection/live-facts.js';

export type { DiffRequest } from './diff-sides.js';

export function diff(request: DiffRequest): Promise<Report> {
  return withSides(request, async (before, after) => {
    const sides = await withLiveTrees(request, before, after);
    return diffBuilds(...sides, { classify, recipeOf: recipesOf(request.owners) });
  });
}

/** Looks into changed files where a tree is still there; see `withLiveFacts`. */
async function withLiveTrees(
  request: DiffRequest,
  before: Side,
  after: Side,
): Promise<readonly [Side, Side]> {
  const { inspection, signal } = request;
  const [a, b] = [before.reader.artifacts[0], after.reader.artifacts[0]];
  if (inspection.mode === 'none' || a === undefined || b === undefined) return [before, after];
  const changed = await changedFiles(a, b);
  const archives = areOtherArchives(a.artifact.container, b.artifact.container);
  if (changed.length === 0 && !archives) return [before, after];
  const key = namedKey(inspection.freshKey());
  const live = async (side: Side, name: 'before' | 'after'): Promise<Side> => {
    if (archives) {
      const { clock } = inspection;
      const { reader } = side;
      const request = { reader, changed, side: name, key, clock, signal };
      return { ...side, reader: await withContainerFacts(request) };
    }
    const source = openTree(side.reader.build.facts.source);
    if (source === null) return side;
    try {
      const { files } = source;
      const { reader } = side;
      const { mode, clock, onProgress } = inspection;
      const options = { changed, mode, side: name, key, clock, signal, onProgress };
      return { ...side, reader: await withLiveFacts({ reader, files, ...options }) };
    } finally {
      source.close();
    }
  };
  return [await live(before, 'before'), await live(after, 'after')];
}

/** Two files with other bytes: their own fields are looked into. A commit holds no files: those lie beside it. */
function areOtherArchives(a: Container | null, b: Container | null): boolean {
  if (a == null || b == null || a.name.endsWith('.commit')) return false;
  return !Buffer.from(a.digest).equals(b.digest);
}
