/** Finds the row of a path, among some hundred globs and for every path of a diff. */

import type { TreePath } from '../../core/path.js';
import type { Classify } from '../../core/report.js';
import { compileGlob, globAlternatives } from '../../util/glob.js';
import type { CatalogueRow } from './define.js';

type Classification = NonNullable<ReturnType<Classify>>;

interface Candidate {
  /** First component of all that it matches; `''` when that can be any. */
  readonly top: string;
  readonly result: Classification;
  matches(path: string): boolean;
}

/** The globs are compiled when the first path is asked for. */
export function classifier(rows: readonly CatalogueRow[]): Classify {
  let byTop: ReadonlyMap<string, readonly Candidate[]> | null = null;
  return (path) => {
    byTop ??= groupByTop(rows.flatMap(candidatesOf));
    const here = plainPath(path);
    const candidates = byTop.get(topOf(here)) ?? byTop.get('')!;
    return candidates.find((candidate) => candidate.matches(here))?.result ?? null;
  };
}

/** Where the file would lie if the tree were not laid out for ostree. */
function plainPath(path: TreePath): string {
  if (path.startsWith('usr/etc/')) return path.slice('usr/'.length);
  return path.startsWith(OSTREE_BOOT) ? `boot/${path.slice(OSTREE_BOOT.length)}` : path;
}

const OSTREE_BOOT = 'usr/lib/ostree-boot/';

function candidatesOf({ id, what, remedy, rule, globs }: CatalogueRow): readonly Candidate[] {
  const result: Classification = { row: id, what, remedy, rule };
  return globs.flatMap(globAlternatives).map((glob) => {
    const isAnywhere = /^[^/]*[*?[\\]/.test(glob);
    return { top: isAnywhere ? '' : topOf(glob), result, matches: compileGlob(glob) };
  });
}

/** In the order of the rows: each top with the candidates that are asked for its paths. */
function groupByTop(candidates: readonly Candidate[]): ReadonlyMap<string, readonly Candidate[]> {
  const tops = new Set(candidates.map(({ top }) => top)).add('');
  return new Map(
    [...tops].map((top) => [
      top,
      candidates.filter((candidate) => candidate.top === top || candidate.top === ''),
    ]),
  );
}

function topOf(path: string): string {
  return path.slice(0, path.indexOf('/') + 1 || path.length);
}
