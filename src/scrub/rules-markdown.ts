/** `docs/rules.md`: the rules and the catalogue as a page for people. Written from the data, so that it cannot go stale. */

import type { CatalogueRow } from './catalogue/define.js';
import type { ScrubRule } from './define.js';
import { listRules, type ListedRule, type RuleState } from './rule-list.js';

export function rulesMarkdown(
  rules: readonly ScrubRule[],
  catalogue: readonly CatalogueRow[],
): string {
  const listed = listRules(rules, catalogue);
  const acting = listed.filter(({ state }) => state !== 'report');
  const reported = listed.filter(({ state }) => state === 'report');
  return [
    '# Scrub rules',
    'Generated from `src/scrub` (`repro-audit rules --format markdown`); a test keeps it so (`UPDATE_GOLDEN=1` writes it anew).',
    'Rules plan in this order. Every path below `etc/` is tried below `usr/etc/` too; globs start at the root, `*` stops at `/`. A rule that is *time-valued* needs SOURCE_DATE_EPOCH and is skipped, with a warning, without it. Whatever a package owns is not removed unless the rule says so.',
    'On: *yes* is the profile `default`; *strict* is `--profile strict`, in which something has to make keys and caches again at the first boot; *by name* is `--enable RULE`, because it could stop a boot, a login or the installation of packages, or lose data. `--profile report-only` edits nothing. [config.md](config.md) tells of rules of your own.',
    table(
      ['rule', 'on', 'time-valued', 'what it does'],
      acting.map(({ id, state, timeValued, remedy }) => [
        `[${id}](#${id})`,
        ON[state],
        timeValued ? 'yes' : '',
        remedy,
      ]),
    ),
    ...rules.map((rule, i) => ruleSection(rule, acting[i]!)),
    '# Reported, never touched',
    'Scrub leaves these alone; a diff names them and says what a builder can do.',
    table(
      ['row', 'paths', 'what varies', 'what to do', 'why scrub does not', 'known from'],
      reported.map(({ id, paths, varies, remedy, why, source }) => [
        id,
        paths === 'every' ? '' : paths.map(code).join(' '),
        varies,
        remedy,
        why,
        source,
      ]),
    ),
    '# Catalogue',
    'What is known to vary. A diff names what it finds by these rows. The first row that matches a path names it.',
    table(
      ['row', 'paths', 'what varies', 'remedy', 'rule'],
      catalogue.map(({ id, globs, what, remedy, rule }) => [
        id,
        globs.map(code).join(' '),
        what,
        remedy,
        rule ?? '',
      ]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

const ON: Readonly<Record<RuleState, string>> = {
  on: 'yes',
  strict: 'strict',
  named: 'by name',
  report: '',
};

function ruleSection(rule: ScrubRule, { paths, varies, state }: ListedRule): string {
  return [
    `## ${rule.id}`,
    rule.summary,
    rule.rationale,
    [
      `- varies: ${varies}`,
      `- on: ${ON[state]}`,
      `- sees: ${paths === 'every' ? 'every entry' : paths.map(code).join(', ')}`,
      `- version: ${rule.version}`,
      `- known from: ${rule.source}`,
      ...(rule.removesOwned === true ? ['- also removes what packages own'] : []),
      ...(rule.notInPlace === true ? ['- not while a build runs inside the tree'] : []),
    ].join('\n'),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');
