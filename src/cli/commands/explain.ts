/** `repro-audit explain`: what a cause, a finding or a rule is, and what to do about it. */

import { AuditError, EXIT } from '../../core/errors.js';
import { causesMarkdown, type ListedCause } from '../../diff/index.js';
import type { ListedRule } from '../../scrub/rule-list.js';
import { formatTable } from '../../util/table.js';
import { wrapIndented, wrapWords } from '../../util/wrap-words.js';
import { defineCommand } from '../define.js';
import { allCauses, topicOf, type Topic } from '../topics.js';

const FORMATS = ['text', 'markdown', 'json'] as const;
type Format = (typeof FORMATS)[number];

export const explain = defineCommand({
  name: 'explain',
  summary: 'say what a cause, a finding or a rule means, what to do, and where this is known from',
  usage: '[CAUSE | FINDING | RULE] [--format text|markdown|json]',
  details: `CAUSE is the name that a diff gives, such as time.field; FINDING the id it prints, such as content:apt-cache. Without
an argument: all causes. docs/causes.md is the output of --format markdown.

  repro-audit explain time.field
  repro-audit explain content:fontconfig-cache
  repro-audit explain machine-id --format json`,
  flags: {
    format: { type: 'string', shortFlag: 'f', value: 'FORMAT', help: 'text, markdown or json' },
    json: { type: 'boolean', help: 'the same as --format json' },
  },
  run: async (context, { args, flags }) => {
    const word = flags.string('format') ?? (flags.boolean('json') ? 'json' : 'text');
    const format = FORMATS.find((each) => each === word);
    if (format === undefined)
      throw new AuditError(
        'USAGE',
        `--format: expected ${FORMATS.join(', ')}, found ${JSON.stringify(word)}`,
      );
    if (args.length > 1)
      throw new AuditError(
        'USAGE',
        `explain: expected one CAUSE, FINDING or RULE, found ${args.length}`,
      );
    const [name] = args;
    context.stdout.write(name === undefined ? LISTS[format]() : oneTopic(topicOf(name), format));
    return EXIT.clean;
  },
});

const LISTS: Readonly<Record<Format, () => string>> = {
  text: () =>
    `${formatTable(allCauses().map(({ id, title }) => [id, title]))}\nrepro-audit explain CAUSE tells more; repro-audit rules lists the rules\n`,
  markdown: causesMarkdown,
  json: () => jsonOf({ causes: allCauses().map(causeJson) }),
};

function oneTopic(topic: Topic, format: Format): string {
  if (format === 'json') return jsonOf(topicJson(topic));
  const { title, paragraphs, items, facts } = pageOf(topic);
  const isText = format === 'text';
  const bold = (text: string): string => (isText ? `${text}:` : `**${text}.**`);
  const wrap = (text: string): string => (isText ? wrapWords(text, WIDTH).join('\n') : text);
  return [
    `${isText ? '' : '# '}${title}`,
    ...paragraphs.map(([label, text]) => wrap(label === '' ? text : `${bold(label)} ${text}`)),
    ...(items.length === 0 ? [] : [bold('What to do')]),
    ...items.map(({ text, notes }) =>
      [
        ...(isText ? wrapIndented('- ', text, WIDTH) : [`- ${text}`]),
        ...notes.map((note) => `  ${note}`),
      ].join('\n'),
    ),
    ...(facts.length === 0
      ? []
      : [facts.map(([label, text]) => `${isText ? '' : '- '}${label}: ${text}`).join('\n')]),
  ]
    .join('\n\n')
    .concat('\n');
}

const WIDTH = 80;

interface Page {
  readonly title: string;
  /** Label and text; the label may be empty. */
  readonly paragraphs: readonly (readonly [string, string])[];
  /** What to do. */
  readonly items: readonly { readonly text: string; readonly notes: readonly string[] }[];
  readonly facts: readonly (readonly [string, string])[];
}

function pageOf(topic: Topic): Page {
  switch (topic.kind) {
    case 'cause':
      return causePage(topic.cause);
    case 'rule':
      return rulePage(topic.rule);
    case 'row': {
      const { row, rule } = topic;
      return {
        title: `${row.id}: ${row.what}`,
        paragraphs: rule === null ? [] : [['Why', rule.why]],
        items: [{ text: row.remedy, notes: row.rule === null ? [] : [`scrub rule: ${row.rule}`] }],
        facts: [
          ['paths', row.globs.join(' ')],
          ...(rule === null ? [] : [['source', rule.source] as const]),
        ],
      };
    }
    case 'finding':
      return { title: topic.id, paragraphs: [['', topic.text]], items: [], facts: [] };
  }
}

function causePage({ id, title, text, signal, remedies }: ListedCause): Page {
  return {
    title: `${id}: ${title}`,
    paragraphs: [
      ['', text],
      ['Signal', signal],
    ],
    items: remedies.map(({ text: what, rule, source, formats, paths }) => ({
      text: what,
      notes: [
        ...(formats === undefined ? [] : [`for: ${formats.join(', ')}`]),
        ...(paths === undefined ? [] : [`for paths: ${paths.source}`]),
        ...(rule === null ? [] : [`scrub rule: ${rule}`]),
        ...(source === null ? [] : [`source: ${source}`]),
      ],
    })),
    facts: [],
  };
}

const STATES: Readonly<Record<ListedRule['state'], string>> = {
  on: 'on',
  strict: 'off, on in profile strict',
  named: 'off, by --enable alone',
  report: 'scrub never touches it, a diff names it',
};

function rulePage(rule: ListedRule): Page {
  const isReport = rule.state === 'report';
  return {
    title: `${rule.id}: ${rule.varies}`,
    paragraphs: [
      ...(isReport ? [] : [['What it does', rule.remedy] as const]),
      [isReport ? 'Why scrub leaves it alone' : 'Why', rule.why],
    ],
    items: isReport ? [{ text: rule.remedy, notes: [] }] : [],
    facts: [
      ...(rule.version === null ? [] : [['version', String(rule.version)] as const]),
      ['default', `${STATES[rule.state]}${rule.timeValued ? '; needs SOURCE_DATE_EPOCH' : ''}`],
      ['looks at', rule.paths === 'every' ? 'every entry' : rule.paths.join(' ')],
      ['source', rule.source],
    ],
  };
}

function topicJson(topic: Topic): object {
  switch (topic.kind) {
    case 'cause':
      return { kind: topic.kind, ...causeJson(topic.cause) };
    case 'rule':
      return { kind: topic.kind, ...topic.rule };
    case 'row': {
      const { id, what, remedy, rule, globs } = topic.row;
      return { kind: topic.kind, id, what, remedy, rule, globs };
    }
    case 'finding':
      return { kind: topic.kind, id: topic.id, text: topic.text };
  }
}

function causeJson({ id, title, text, signal, remedies }: ListedCause): object {
  return {
    id,
    title,
    text,
    signal,
    remedies: remedies.map(({ formats, paths, text: what, rule, source }) => ({
      formats: formats ?? null,
      paths: paths?.source ?? null,
      text: what,
      rule,
      source,
    })),
  };
}

function jsonOf(value: object): string {
  return `${JSON.stringify({ schemaVersion: 1, ...value }, null, 2)}\n`;
}
