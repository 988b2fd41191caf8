/** When files of a tree were written by its build, as the tree itself shows: by the mtimes that are not those of the other. */

import type { TreePath } from '../../core/path.js';
import type { RawChange } from '../descend.js';
import type { Window } from './builds.js';

/** What a time in a file can be held against beside what the build recorded. Seconds since 1970. */
export interface WrittenTimes {
  /** Between the first and the last mtime that only this side has; null unless the two are apart. */
  readonly windows: { readonly before: Window; readonly after: Window } | null;
  /** mtimes of the very file where they differ by a second or more. */
  readonly ownOf: (path: TreePath) => { readonly before: number; readonly after: number } | null;
}

/** Older than this beside the newest is not of one build: it came with a source or a package. */
const LONGEST_BUILD_SECONDS = 24 * 3600;

export const NO_WRITTEN_TIMES: WrittenTimes = { windows: null, ownOf: () => null };

/** `changes` with the mtimes of either side; `isOther`: paths whose mtimes say nothing, for they came with other inputs. */
export function writtenTimes(
  changes: readonly RawChange[],
  isOther: (path: TreePath) => boolean,
): WrittenTimes {
  const own = new Map<TreePath, { readonly before: number; readonly after: number }>();
  const [before, after] = [new Extent(), new Extent()];
  for (const { path, before: old, after: now, attributes } of changes) {
    if (old === null || now === null || isOther(path)) continue;
    if (!attributes.some(({ attribute }) => attribute === 'mtime')) continue;
    const [a, b] = [Number(old.mtimeNs) / 1e9, Number(now.mtimeNs) / 1e9];
    before.add(a);
    after.add(b);
    if (old.type === 'file' && Math.floor(a) !== Math.floor(b))
      own.set(path, { before: a, after: b });
  }
  const [x, y] = [before.window(), after.window()];
  const isApart = x !== null && y !== null && (x.to < y.from || y.to < x.from);
  return {
    windows: isApart ? { before: x, after: y } : null,
    ownOf: (path) => own.get(path) ?? null,
  };
}

class Extent {
  readonly #times: number[] = [];

  add(seconds: number): void {
    this.#times.push(seconds);
  }

  /** Whole seconds, as most formats have them: from the first to the end of the last. */
  window(): Window | null {
    let newest = -Infinity;
    for (const time of this.#times) newest = Math.max(newest, time);
    let oldest = newest;
    for (const time of this.#times)
      if (time > newest - LONGEST_BUILD_SECONDS) oldest = Math.min(oldest, time);
    return this.#times.length === 0
      ? null
      : { from: Math.floor(oldest), to: Math.floor(newest) + 0.999_999_999 };
  }
}
