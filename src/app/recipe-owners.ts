/** Owners of the configuration as a function of the path. */

import { listedPaths } from '../core/ownership.js';
import type { DiffOptions } from '../diff/index.js';
import { compileGlob } from '../util/glob.js';
import type { RecipeOwner } from './config-shape.js';

/** The first glob that matches wins; what lies below `usr/etc` answers to `etc` as well. */
export function recipesOf(owners: readonly RecipeOwner[]): NonNullable<DiffOptions['recipeOf']> {
  const compiled = owners.map(({ glob, place, reason }) => ({
    matches: compileGlob(glob),
    owner: { kind: 'recipe' as const, place, ...(reason === null ? {} : { reason }) },
  }));
  return (path) => {
    const names = listedPaths(path);
    return compiled.find(({ matches }) => names.some(matches))?.owner ?? null;
  };
}
