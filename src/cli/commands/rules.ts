/** `repro-audit rules` and `explain`: what scrub can do, what causes differences, and why. */

import { AuditError, EXIT } from '../../core/errors.js';
import { catalogue } from '../../scrub/catalogue/index.js';
import { scrubRules as allRules } from '../../scrub/index.js';
import { listRules, type RuleState } from '../../scrub/rule-list.js';
import { rulesMarkdown } from '../../scrub/rules-markdown.js';
import { defineCommand } from '../define.js';

const FORMATS = ['text', 'json', 'markdown'] as const;

export const rules = defineCommand({
  name: 'rules',
  summary: 'list the scrub rules, and what is reported but never touched',
  usage: '[--format text|json|markdown]',
  details: `on: by default; strict: with --profile strict; by name: with --enable RULE; report: scrub never touches it, a diff
names it. docs/rules.md is the output of --format markdown.`,
  flags: {
    format: { type: 'string', value: 'FORMAT', help: 'text, json or markdown (default text)' },
    json: { type: 'boolean', help: 'the same as --format json' },
  },
  run: async (context, { flags }) => {
    const text = flags.string('format') ?? (flags.boolean('json') ? 'json' : 'text');
    const format = FORMATS.find((candidate) => candidate === text);
    if (format === undefined)
      throw new AuditError(
        'USAGE',
        `--format: expected ${FORMATS.join(', ')}, found ${JSON.stringify(text)}`,
      );
    context.stdout.write(WRITERS[format]());
    return EXIT.clean;
  },
});

const WRITERS: Readonly<Record<(typeof FORMATS)[number], () => string>> = {
  text: () =>
    listRules(allRules, catalogue)
      .map((rule) =>
        [
          `${rule.id} (${STATES[rule.state]}${rule.timeValued ? ', needs SOURCE_DATE_EPOCH' : ''})`,
          `  varies: ${rule.varies}`,
          `  remedy: ${rule.remedy}`,
          `  why:    ${rule.why}`,
          `  source: ${rule.source}`,
          '',
        ].join('\n'),
      )
      .join('\n'),
  json: () =>
    `${JSON.stringify({ schemaVersion: 1, rules: listRules(allRules, catalogue) }, null, 2)}\n`,
  markdown: () => rulesMarkdown(allRules, catalogue),
};

const STATES: Readonly<Record<RuleState, string>> = {
  on: 'on',
  strict: 'off, on in profile strict',
  named: 'off, by name alone',
  report: 'report only',
};
