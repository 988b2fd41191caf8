/** Rules that a configuration file adds: paths, a reason, and what is done. */

import { compileGlob } from '../util/glob.js';
import type { ScrubRule } from './define.js';
import { removalRule, truncationRule } from './remove-rule.js';
import { mtimeClamp } from './rules/mtime-clamp.js';

export interface UserRule {
  /** Kebab-case; no rule of the program has it. */
  readonly id: string;
  readonly paths: readonly string[];
  readonly reason: string;
  readonly remedy: 'remove' | 'truncate';
}

/** `remove` also takes links, and directories that are or become empty; what a package owns stays. */
export function userRule({ id, paths, reason, remedy }: UserRule): ScrubRule {
  const row = {
    id,
    version: 1,
    varies: reason,
    summary: remedy === 'remove' ? 'Removes what it names.' : 'Empties the files that it names.',
    rationale: reason,
    source: 'configuration file',
    wants: paths,
  };
  return remedy === 'remove' ? removalRule({ ...row, wholeTrees: true }) : truncationRule(row);
}

/** The program's rules with a user's, which run before the times are clamped. */
export function withUserRules(
  registry: readonly ScrubRule[],
  added: readonly UserRule[],
): readonly ScrubRule[] {
  const clamp = registry.findIndex(({ id }) => id === mtimeClamp.id);
  return registry.toSpliced(clamp, 0, ...added.map(userRule));
}

/** A rule that plans nothing for what the globs match or what lies below it, under any name of an inode. */
export function leavingAlone(rule: ScrubRule, globs: readonly string[]): ScrubRule {
  if (globs.length === 0) return rule;
  const matchers = globs.flatMap((glob) => [compileGlob(glob), compileGlob(`${glob}/**`)]);
  const isLeft = (path: string): boolean => matchers.some((matches) => matches(path));
  return {
    ...rule,
    ...(rule.job === undefined ? {} : { job: jobUnlessLeft(rule.job, isLeft) }),
    *plan(entry, context, outcome) {
      if (isLeft(entry.path)) return;
      const edits = [...rule.plan(entry, context, outcome)];
      const touchesLeft = edits.some(
        ({ kind, path }) =>
          isLeft(path) || (kind !== 'remove' && context.linkedNames(path).some(isLeft)),
      );
      // Edits of one entry belong together: a database is not settled without its log.
      if (!touchesLeft) yield* edits;
    },
  };
}

function jobUnlessLeft(
  job: NonNullable<ScrubRule['job']>,
  isLeft: (path: string) => boolean,
): NonNullable<ScrubRule['job']> {
  return (entry, context) => (isLeft(entry.path) ? null : job(entry, context));
}
