/** `repro-audit rules` and `explain`: what scrub can do, what causes differences, and why. */

import { AuditError, EXIT } from '../../core/errors.js';
import { causesMarkdown, listCauses, type ListedCause } from '../../diff/index.js';
import { catalogue } from '../../scrub/catalogue/index.js';
import { scrubRules as allRules } from '../../scrub/index.js';
import { listRules, type RuleState } from '../../scrub/rule-list.js';
import { rulesMarkdown } from '../../scrub/rules-markdown.js';
import { selectRules } from '../../scrub/select.js';
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

export const explain = defineCommand({
  name: 'explain',
  summary: 'say what a scrub rule does or what a cause means, and where the knowledge comes from',
  usage: 'RULE | CAUSE | --format markdown',
  details: `CAUSE is the name that a diff gives, such as time.field. --format markdown prints all causes: docs/causes.md is that page.`,
  flags: {
    format: { type: 'string', value: 'FORMAT', help: 'text or markdown (default text)' },
  },
  run: async (context, { args, flags }) => {
    context.stdout.write(explanation(args, flags.string('format') ?? 'text'));
    return EXIT.clean;
  },
});

function explanation(args: readonly string[], format: string): string {
  if (format !== 'text' && format !== 'markdown')
    throw new AuditError(
      'USAGE',
      `--format: expected text or markdown, found ${JSON.stringify(format)}`,
    );
  if (format === 'markdown' && args.length === 0) return causesMarkdown();
  if (format === 'markdown' || args.length !== 1)
    throw new AuditError('USAGE', `explain: expected one RULE or CAUSE, found ${args.length}`);
  const [name] = args;
  const cause = listCauses().find(({ id }) => id === name);
  return cause === undefined ? ruleText(name!) : causeText(cause);
}

function ruleText(name: string): string {
  const rule = selectRules(allRules, { only: [name], skip: [], sourceDateEpoch: 0 }).rules[0]!;
  const wants = rule.wants === 'every' ? ['every entry'] : rule.wants;
  return [
    `${rule.id} (version ${rule.version}, ${rule.defaultOn ? 'on' : 'off'} by default${rule.timeValued ? ', needs SOURCE_DATE_EPOCH' : ''})`,
    '',
    rule.summary,
    '',
    rule.rationale,
    '',
    `Looks at: ${wants.join(', ')}`,
    `Source: ${rule.source}`,
    '',
  ].join('\n');
}

function causeText({ id, title, text, signal, remedies }: ListedCause): string {
  return [
    `${id}: ${title}`,
    '',
    text,
    '',
    `Signal: ${signal}`,
    '',
    'What to do:',
    ...remedies.flatMap(({ text: what, rule, source, formats, paths }) => [
      `- ${[...(formats ?? []), ...(paths === undefined ? [] : [paths.source])].join(', ')}${formats === undefined && paths === undefined ? '' : ': '}${what}`,
      ...(rule === null ? [] : [`  scrub rule: ${rule}`]),
      ...(source === null ? [] : [`  source: ${source}`]),
    ]),
    '',
  ].join('\n');
}
