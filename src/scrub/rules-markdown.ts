/** `docs/rules.md`: the rules and the catalogue as a page for people. Written from the data, so that it cannot go stale. */

import type { CatalogueRow } from './catalogue/define.js';
import type { ScrubRule } from './define.js';

export function rulesMarkdown(
  rules: readonly ScrubRule[],
  catalogue: readonly CatalogueRow[],
): string {
  return [
    '# Scrub rules',
    'Generated from `src/scrub`; a test keeps it so (`UPDATE_GOLDEN=1` writes it anew).',
    'Rules plan in this order. Every path below `etc/` is tried below `usr/etc/` too; globs start at the root, `*` stops at `/`. A rule that is *time-valued* needs SOURCE_DATE_EPOCH and is skipped, with a warning, without it. Whatever a package owns is not removed unless the rule says so.',
    table(
      ['rule', 'on', 'time-valued', 'what it does'],
      rules.map((rule) => [
        `[${rule.id}](#${rule.id})`,
        rule.defaultOn ? 'yes' : 'with `--only`',
        rule.timeValued ? 'yes' : '',
        rule.summary,
      ]),
    ),
    ...rules.map(ruleSection),
    '# Catalogue',
    'What is known to vary. A diff names what it finds by these rows; only those with a rule are acted upon. The first row that matches a path names it.',
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

function ruleSection(rule: ScrubRule): string {
  const wants = rule.wants === 'every' ? 'every entry' : rule.wants.map(code).join(', ');
  return [
    `## ${rule.id}`,
    rule.summary,
    rule.rationale,
    [
      `- sees: ${wants}`,
      `- version: ${rule.version}`,
      `- known from: ${rule.source}`,
      ...(rule.removesOwned === true ? ['- also removes what packages own'] : []),
    ].join('\n'),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');
