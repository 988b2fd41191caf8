/** Which rules a run uses. */

import { AuditError } from '../core/errors.js';
import { nearestNames } from '../util/nearest-names.js';
import type { ScrubRule } from './define.js';
import { isInProfile, type Profile } from './profiles.js';
import { withRpmdbMode, type RpmdbMode } from './rules/rpmdb-mode.js';

export interface RuleChoice {
  /** Ids; null for the rules of the profile. */
  readonly only: readonly string[] | null;
  readonly skip: readonly string[];
  /** Absent: `default`. */
  readonly profile?: Profile;
  /** Ids of rules that are used besides those of the profile; nothing is added to `only` and to `report-only`. */
  readonly enable?: readonly string[];
  /** A build runs inside the tree: it is `/` of the running system, or a program has its temporary files in it. */
  readonly inPlace?: boolean;
  /** Seconds; null when SOURCE_DATE_EPOCH is not set. */
  readonly sourceDateEpoch: number | null;
  /** How rpm's database is settled; null or absent: as the rules say. */
  readonly rpmdb?: RpmdbMode | null;
}

export interface RuleSelection {
  /** In registry order, whatever the order of the names. */
  readonly rules: readonly ScrubRule[];
  /** Ids of chosen rules that are left out because they need SOURCE_DATE_EPOCH. */
  readonly timeless: readonly string[];
}

/** Throws `USAGE` for a name that no rule has. */
export function selectRules(registry: readonly ScrubRule[], choice: RuleChoice): RuleSelection {
  const { only, skip, enable = [], sourceDateEpoch } = choice;
  for (const name of [...(only ?? []), ...enable, ...skip]) mustExist(registry, name);
  const named = registry.filter(
    (rule) =>
      isChosen(rule, choice) &&
      !skip.includes(rule.id) &&
      !(choice.inPlace === true && rule.notInPlace === true),
  );
  const chosen = withRpmdbMode(named, choice.rpmdb ?? null);
  const needsEpoch = (rule: ScrubRule): boolean => rule.timeValued && sourceDateEpoch === null;
  return {
    rules: chosen.filter((rule) => !needsEpoch(rule)),
    timeless: chosen.filter(needsEpoch).map((rule) => rule.id),
  };
}

function isChosen(rule: ScrubRule, choice: RuleChoice): boolean {
  const { only, profile = 'default', enable = [] } = choice;
  if (profile === 'report-only') return false;
  return only?.includes(rule.id) ?? (isInProfile(rule, profile) || enable.includes(rule.id));
}

function mustExist(registry: readonly ScrubRule[], name: string): void {
  const names = registry.map((rule) => rule.id);
  if (names.includes(name)) return;
  const near = nearestNames(name, names);
  throw new AuditError('USAGE', `scrub rule '${name}': there is none of that name`, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : '`repro-audit rules` lists all of them',
  });
}
