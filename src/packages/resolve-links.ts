/** Resolving the symbolic links of a tree as if its root were `/` (path_resolution(7) after chroot). */

import { errnoOf } from '../core/errors.js';
import { joinPath, parentPath, ROOT_PATH, type TreePath } from '../core/path.js';
import type { TreeFiles } from '../core/tree-files.js';

/** The kernel's own limit on links in one path. */
const MAX_LINKS = 40;

/** PATH_MAX of Linux: no package was ever unpacked to a longer path. */
const MAX_LENGTH = 4096;

export interface LinkResolver {
  /**
   * Follows links in every component, the last one included. After forty links the rest stays as it is, and so does a
   * path that is too long to be one.
   */
  resolve(path: string): TreePath;
}

/** Looks at each directory once; the tree must not change meanwhile. */
export function createLinkResolver(files: Pick<TreeFiles, 'readLink'>): LinkResolver {
  const results = new Map<string, TreePath>();
  const targets = new Map<TreePath, string | null>();

  const targetOf = (path: TreePath): string | null => {
    let target = targets.get(path);
    if (target === undefined) {
      target = readTarget(files, path);
      targets.set(path, target);
    }
    return target;
  };

  const walk = (path: string): TreePath => {
    const pending = path.split('/').reverse();
    let current = ROOT_PATH;
    let links = 0;
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (name === '' || name === '.') continue;
      if (name === '..') {
        current = parentPath(current);
        continue;
      }
      const next = joinPath(current, name);
      const target = links < MAX_LINKS ? targetOf(next) : null;
      if (target === null) {
        current = next;
        continue;
      }
      links++;
      if (target.startsWith('/')) current = ROOT_PATH;
      pending.push(...target.split('/').reverse());
    }
    return current;
  };

  /** Lists name a directory before what it holds: then one component is left to look at. */
  const step = (path: string): TreePath | null => {
    const slash = path.lastIndexOf('/');
    const parent = slash < 0 ? ROOT_PATH : results.get(path.slice(0, slash));
    const name = path.slice(slash + 1);
    if (parent === undefined || name === '' || name === '.' || name === '..') return null;
    const next = joinPath(parent, name);
    return targetOf(next) === null ? next : null;
  };

  return {
    resolve: (path) => {
      if (path.length > MAX_LENGTH) return path as TreePath;
      let result = results.get(path);
      if (result === undefined) {
        result = step(path) ?? walk(path);
        results.set(path, result);
      }
      return result;
    },
  };
}

/** What cannot be looked at is taken as no link: nothing below it can be reached under another name either. */
function readTarget(files: Pick<TreeFiles, 'readLink'>, path: TreePath): string | null {
  try {
    return files.readLink(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}
