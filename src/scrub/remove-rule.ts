/** Rules that are nothing but a row of data: files of known names are removed, or emptied. */

import type { Edit } from '../core/edit.js';
import { joinPath, type TreePath } from '../core/path.js';
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
}

export interface RemovalRow extends RuleRow {
  /** Also removes links, and directories that become empty; otherwise regular files alone. */
  readonly wholeTrees?: boolean;
  /** Base names that stay: locks that programs expect, directories that packages made. */
  readonly keeps?: readonly string[];
}

export function removalRule(row: RemovalRow): ScrubRule {
  const { varies, wholeTrees = false, keeps = [], ...texts } = row;
  const kept = new Set(keeps);
  return defineRule({
    ...texts,
    defaultOn: true,
    timeValued: false,
    *plan({ path, type }, context) {
      if (kept.has(path.slice(path.lastIndexOf('/') + 1))) return;
      const removable =
        type === 'file' ||
        (wholeTrees && type === 'symlink') ||
        (wholeTrees && type === 'directory' && becomesEmpty(path, context));
      if (removable) yield { kind: 'remove', rule: row.id, path, reason: varies };
    },
  });
}

export function truncationRule({ varies, ...texts }: RuleRow): ScrubRule {
  return defineRule({
    ...texts,
    defaultOn: true,
    timeValued: false,
    *plan({ path, type, size }): Iterable<Edit> {
      if (type === 'file' && size > 0)
        yield { kind: 'truncate', rule: texts.id, path, reason: varies };
    },
  });
}

/** Whether the plan removes something of a directory, and all of it. */
export function becomesEmpty(directory: TreePath, context: PlanContext): boolean {
  const names = context.files.list(directory);
  return (
    names.length > 0 &&
    names.every((name) =>
      context.planned(joinPath(directory, name)).some((edit) => edit.kind === 'remove'),
    )
  );
}
