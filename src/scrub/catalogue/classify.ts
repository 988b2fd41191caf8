/** Finds the row of a path, among some hundred globs and for every path of a diff. */

import { isWithin, type TreePath } from '../../core/path.js';
import type { Classify } from '../../core/report.js';
import { compileGlob, globAlternatives, globDirectory } from '../../util/glob.js';
import type { CatalogueRow } from './define.js';
import { TOOLS } from './tools.js';

type Classification = NonNullable<ReturnType<Classify>>;

interface Candidate {
  /** Every match lies below it; `''` for anywhere. */
  readonly directory: TreePath;
  readonly result: Classification;
  matches(path: string): boolean;
}

/** The globs are compiled when the first path is asked for. */
export function classifier(rows: readonly CatalogueRow[]): Classify {
  let all: readonly Candidate[] | null = null;
  const byTop = new Map<TreePath, readonly Candidate[]>();
  const candidatesBelow = (top: TreePath): readonly Candidate[] => {
    all ??= rows.flatMap(candidatesOf);
    const candidates = all.filter(
      ({ directory }) => isWithin(directory, top) || isWithin(top, directory),
    );
    byTop.set(top, candidates);
    return candidates;
  };
  return (path) => {
    const here = plainPath(path);
    const top = topOf(here);
    const candidates = byTop.get(top) ?? candidatesBelow(top);
    return candidates.find((candidate) => candidate.matches(here))?.result ?? null;
  };
}

/** Where the file would lie if the tree were not laid out for ostree. */
function plainPath(path: TreePath): TreePath {
  if (path.startsWith('usr/etc/')) return path.slice('usr/'.length) as TreePath;
  return path.startsWith(OSTREE_BOOT)
    ? (`boot/${path.slice(OSTREE_BOOT.length)}` as TreePath)
    : path;
}

const OSTREE_BOOT = 'usr/lib/ostree-boot/';

/** The first two directories above the path: one for all that lies in `usr/share`. */
function topOf(path: TreePath): TreePath {
  const first = path.indexOf('/');
  const second = first < 0 ? -1 : path.indexOf('/', first + 1);
  return path.slice(0, Math.max(second < 0 ? first : second, 0)) as TreePath;
}

function candidatesOf({ id, what, remedy, rule, globs }: CatalogueRow): readonly Candidate[] {
  const tool = TOOLS[id];
  const known = { row: id, what, remedy, rule };
  const result: Classification = tool === undefined ? known : { ...known, tool };
  return globs.flatMap(globAlternatives).map((glob) => ({
    directory: globDirectory(glob) as TreePath,
    result,
    matches: compileGlob(glob),
  }));
}
