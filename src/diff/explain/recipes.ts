/** Owners that the user named: which line of a recipe makes a path. */

import type { Owner } from '../../core/explanation.js';
import type { TreePath } from '../../core/path.js';
import type { RawChange } from '../descend.js';
import type { ExplainedTree } from './explain-tree.js';

export type RecipeOf = (path: TreePath) => (Owner & { readonly kind: 'recipe' }) | null;

/** A recipe says more than a tool that is known to write such files; a package stays, and the recipe is told beside it. */
export function withRecipes(
  explained: ExplainedTree,
  changes: readonly RawChange[],
  recipeOf: RecipeOf = () => null,
): ExplainedTree {
  const owners = new Map(explained.owners);
  const recipes = new Map<TreePath, Owner>();
  for (const { path } of changes) {
    const recipe = recipeOf(path);
    if (recipe === null) continue;
    if (owners.get(path)?.kind === 'package') recipes.set(path, recipe);
    else owners.set(path, recipe);
  }
  return { ...explained, owners, recipes };
}
