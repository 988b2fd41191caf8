/** Rules and reported rows as one list for people and JSON: what varies, what is done about it, whether, and why. */

import type { CatalogueRow } from './catalogue/define.js';
import type { ScrubRule } from './define.js';
import { isInProfile, PROFILES, type Profile } from './profiles.js';

/** `named`: only when it is switched on by name. `report`: scrub never touches it, a diff names it. */
export type RuleState = 'on' | 'strict' | 'named' | 'report';

export interface ListedRule {
  readonly id: string;
  readonly state: RuleState;
  readonly varies: string;
  /** What the rule does; for a reported row what a builder can do. */
  readonly remedy: string;
  /** Why it is safe by default, why it is off, or why scrub leaves it alone. */
  readonly why: string;
  readonly source: string;
  /** Globs from the root; `every` for rules that look at all entries. */
  readonly paths: readonly string[] | 'every';
  /** Profiles in which the rule is on. */
  readonly profiles: readonly Profile[];
  /** Needs SOURCE_DATE_EPOCH. */
  readonly timeValued: boolean;
  /** Null for a reported row. */
  readonly version: number | null;
}

/** Rules in the order in which they run, then the rows that no rule acts upon. */
export function listRules(
  rules: readonly ScrubRule[],
  catalogue: readonly CatalogueRow[],
): readonly ListedRule[] {
  const reported = catalogue.flatMap((row) => (row.rule === null ? [row] : []));
  return [
    ...rules.map((rule): ListedRule => ({
      id: rule.id,
      state: stateOf(rule),
      varies: rule.varies ?? catalogue.find((row) => row.rule === rule.id)?.what ?? rule.summary,
      remedy: rule.summary,
      why: rule.rationale,
      source: rule.source,
      paths: rule.wants,
      profiles: PROFILES.filter((profile) => isInProfile(rule, profile)),
      timeValued: rule.timeValued,
      version: rule.version,
    })),
    ...reported.map(({ id, what, remedy, why, source, globs }): ListedRule => ({
      id,
      state: 'report',
      varies: what,
      remedy,
      why,
      source,
      paths: globs,
      profiles: [],
      timeValued: false,
      version: null,
    })),
  ];
}

function stateOf(rule: ScrubRule): RuleState {
  if (rule.defaultOn) return 'on';
  return rule.strict === true ? 'strict' : 'named';
}
