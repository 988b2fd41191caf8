/** Which rules want to see a path: their globs, compiled, and narrowed while the walk descends. */

import { isWithin, parentPath, type TreePath } from '../core/path.js';
import { compileGlob, globAlternatives, globDirectory } from '../util/glob.js';
import type { ScrubRule } from './define.js';

export interface Interest {
  readonly rule: ScrubRule;
  /** Every match lies below it; `''` for anywhere. */
  readonly directory: TreePath;
  matches(path: string): boolean;
}

/** A rule's globs, `etc/` also as `usr/etc/`, without braces; empty for an `every` rule. */
export function wantedGlobs(rule: ScrubRule): readonly string[] {
  if (rule.wants === 'every') return [];
  return rule.wants
    .flatMap((glob) => globAlternatives(glob))
    .flatMap((glob) => (glob.startsWith('etc/') ? [glob, `usr/${glob}`] : [glob]));
}

/** Whether all that the rules want lies below named directories, so that no walk of the whole tree is needed. */
export function isAnchored(rules: readonly ScrubRule[]): boolean {
  return rules.every(
    (rule) =>
      rule.wants !== 'every' && wantedGlobs(rule).every((glob) => !/^[^/]*[*?[\\]/.test(glob)),
  );
}

/** Rules that want a path, in the order given; asked for neighbouring paths one after another. */
export function interestFinder(
  rules: readonly ScrubRule[],
): (path: TreePath) => readonly ScrubRule[] {
  const interests = rules.flatMap((rule) => interestsOf(rule));
  const byDirectory = new Map<TreePath, readonly Interest[]>();
  const below = (directory: TreePath): readonly Interest[] => {
    const known = byDirectory.get(directory);
    if (known !== undefined) return known;
    const wider = directory === '' ? interests : below(parentPath(directory));
    const narrow = wider.filter(
      (interest) =>
        isWithin(directory, interest.directory) || isWithin(interest.directory, directory),
    );
    // Equal lists are shared: most directories of a tree interest the same few rules.
    const result = narrow.length === wider.length ? wider : narrow;
    byDirectory.set(directory, result);
    return result;
  };
  let lastDirectory: TreePath | null = null;
  let candidates: readonly Interest[] = [];
  return (path) => {
    const directory = parentPath(path);
    if (directory !== lastDirectory) {
      candidates = below(directory);
      lastDirectory = directory;
    }
    let found: ScrubRule[] | null = null;
    for (const interest of candidates) {
      if (!interest.matches(path)) continue;
      found ??= [];
      if (found.at(-1) !== interest.rule) found.push(interest.rule);
    }
    return found ?? NONE;
  };
}

const NONE: readonly ScrubRule[] = [];

function interestsOf(rule: ScrubRule): readonly Interest[] {
  if (rule.wants === 'every') return [{ rule, directory: '' as TreePath, matches: () => true }];
  return wantedGlobs(rule).map((glob) => ({
    rule,
    directory: globDirectory(glob) as TreePath,
    matches: compileGlob(glob),
  }));
}
