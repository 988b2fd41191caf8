/** `repro-audit rules` and `explain`: what scrub can do and why. */

import { AuditError, EXIT } from '../../core/errors.js';
import { scrubRules as allRules } from '../../scrub/index.js';
import { selectRules } from '../../scrub/select.js';
import { formatTable } from '../../util/table.js';
import { defineCommand } from '../define.js';

export const rules = defineCommand({
  name: 'rules',
  summary: 'list the scrub rules',
  usage: '[--json]',
  details: '',
  flags: { json: { type: 'boolean', help: 'print JSON' } },
  run: async (context, { flags }) => {
    if (flags.boolean('json')) {
      const rows = allRules.map(
        ({ id, version, summary, rationale, source, defaultOn, timeValued, wants }) => ({
          id,
          version,
          summary,
          rationale,
          source,
          defaultOn,
          timeValued,
          wants,
        }),
      );
      context.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    } else {
      context.stdout.write(
        formatTable(
          allRules.map(({ id, defaultOn, timeValued, summary }) => [
            id,
            defaultOn ? 'on' : 'off',
            timeValued ? 'needs SOURCE_DATE_EPOCH' : '',
            summary,
          ]),
        ),
      );
    }
    return EXIT.clean;
  },
});

export const explain = defineCommand({
  name: 'explain',
  summary: 'say what a scrub rule does, why, and where the knowledge comes from',
  usage: 'RULE',
  details: '',
  flags: {},
  run: async (context, { args }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `explain: expected one RULE, found ${args.length}`);
    const rule = selectRules(allRules, { only: [args[0]!], skip: [], sourceDateEpoch: 0 })
      .rules[0]!;
    const wants = rule.wants === 'every' ? ['every entry'] : rule.wants;
    context.stdout.write(
      [
        `${rule.id} (version ${rule.version}, ${rule.defaultOn ? 'on' : 'off'} by default${rule.timeValued ? ', needs SOURCE_DATE_EPOCH' : ''})`,
        '',
        rule.summary,
        '',
        rule.rationale,
        '',
        `Looks at: ${wants.join(', ')}`,
        `Source: ${rule.source}`,
        '',
      ].join('\n'),
    );
    return EXIT.clean;
  },
});
