/** A report from two trees in a few words. */

import type { Classify, Report } from '../../src/core/report.js';
import { diffBuilds } from '../../src/diff/diff-builds.js';
import {
  buildReader,
  memoryReader,
  type BuildParts,
  type MemoryOptions,
  type Tree,
} from './memory-tree.js';

export interface SideParts extends MemoryOptions {
  readonly build?: BuildParts;
}

export function diffTrees(
  before: Tree,
  after: Tree,
  sides: {
    readonly before?: SideParts;
    readonly after?: SideParts;
    readonly classify?: Classify;
  } = {},
): Promise<Report> {
  const side = (name: 'before' | 'after', tree: Tree) => ({
    reader: buildReader(name, memoryReader(tree, sides[name]), sides[name]?.build),
    location: 'memory.db',
  });
  return diffBuilds(side('before', before), side('after', after), {
    classify: sides.classify ?? (() => null),
  });
}

/** `path -> attributes` (or `added`, `removed`), the form in which tests compare. */
export function changedPaths(report: Report): Record<string, string> {
  return Object.fromEntries(
    report.changes.map(({ path, kind, attributes }) => [
      path,
      kind === 'changed'
        ? [...new Set(attributes.map(({ attribute }) => attribute))].join(' ')
        : kind,
    ]),
  );
}
