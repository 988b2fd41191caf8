/** Rules that are nothing but a row of data: files of known names are removed, or emptied. */

import type { Edit } from '../core/edit.js';
import { baseName, joinPath, type TreePath } from '../core/path.js';
import { defineRule, type PlanContext, type ScrubRule } from './define.js';

export interface RuleRow {
  readonly id: string;
  readonly version: number;
  /** What varies; becomes the reason of each edit. */
  readonly varies: string;
  readonly summary: string;
  readonly rationale: string;
  readonly source: string;
  readonly wants: readonly string[];
  /** `strict`: off, on in the profile strict; `named`: off until it is switched on by name. Absent: on. */
  readonly on?: 'strict' | 'named';
  readonly notInPlace?: boolean;
}

export interface RemovalRow extends RuleRow {
  /** Also removes whatever is no regular file, and directories that are or become empty. */
  readonly wholeTrees?: boolean;
  /** Base names that stay: locks that programs expect, directories that packages made. */
  readonly keeps?: readonly string[] | RegExp;
  /** Does nothing unless the package databases tell what is owned. */
  readonly needsOwnership?: boolean;
}

export function removalRule(row: RemovalRow): ScrubRule {
  const { wholeTrees = false, keeps = [], needsOwnership = false, ...common } = row;
  const isKept = (name: string): boolean =>
    keeps instanceof RegExp ? keeps.test(name) : keeps.includes(name);
  return defineRule({
    ...shared(common),
    *plan({ path, type }, context) {
      if (isKept(baseName(path)) || (needsOwnership && !knowsOwners(context))) return;
      const removable =
        type === 'file' || (wholeTrees && (type !== 'directory' || isEmptied(path, context)));
      if (removable) yield { kind: 'remove', rule: row.id, path, reason: row.varies };
    },
  });
}

export function truncationRule(row: RuleRow): ScrubRule {
  return defineRule({
    ...shared(row),
    *plan({ path, type, size }): Iterable<Edit> {
      if (type === 'file' && size > 0)
        yield { kind: 'truncate', rule: row.id, path, reason: row.varies };
    },
  });
}

function shared({ on, ...texts }: RuleRow): Omit<ScrubRule, 'plan'> {
  return { ...texts, defaultOn: on === undefined, strict: on === 'strict', timeValued: false };
}

/** Whether a package database was found, and every one that was found could be read. */
export function knowsOwners({ ownership }: PlanContext): boolean {
  return ownership.complete && ownership.managers.length > 0;
}

/** Whether the plan removes something of a directory, and all of it. */
export function becomesEmpty(directory: TreePath, context: PlanContext): boolean {
  return context.files.list(directory).length > 0 && isEmptied(directory, context);
}

/** Whether nothing is left in a directory after the plan. */
function isEmptied(directory: TreePath, context: PlanContext): boolean {
  return context.files
    .list(directory)
    .every((name) =>
      context.planned(joinPath(directory, name)).some((edit) => edit.kind === 'remove'),
    );
}
