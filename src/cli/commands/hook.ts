/** `repro-audit hook`: scrub and record in one call, inside a build. */

import { runHook, type HookOutcome } from '../../app/hook.js';
import { directoryOf, openSource } from '../../app/open-location.js';
import { AuditError, EXIT, type ExitCode } from '../../core/errors.js';
import { formatBytes, formatCount } from '../../util/format.js';
import { gatherCircumstances } from '../circumstances.js';
import { defineCommand, type CommandContext, type FlagValues } from '../define.js';
import {
  buildName,
  digestAlgorithms,
  exclusions,
  metaFields,
  recordFlags,
  sourceDateEpoch,
  storeLocation,
  streamName,
} from '../flags.js';
import { inspectFlag, inspectionOf, keepContentFlag } from '../inspection.js';
import { createProgressLine } from '../progress.js';
import { printContent, printDiagnostics, printPartly } from '../recorded.js';
import { scrubChoice, scrubFlags } from '../scrub-flags.js';
import { printSkippedRules } from '../scrubbed.js';

export const hook = defineCommand({
  name: 'hook',
  summary: 'scrub and record in one call: what a build calls',
  usage: 'ROOT --build NAME [--db FILE] [FLAGS]',
  details: `Everything that can be refused is refused before the first edit. Exit status 0 once scrubbed and recorded, whatever
the comparison says, because it runs under set -e inside a build; --fail-on changed or incomplete opts in.

  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) repro-audit hook ./rootfs --build 42 --db /var/lib/builds.db`,
  flags: {
    ...recordFlags,
    ...inspectFlag,
    ...keepContentFlag,
    ...scrubFlags,
    failOn: {
      type: 'string',
      isMultiple: true,
      value: 'WHAT',
      help: 'changed: exit 1 when it differs from the previous build; incomplete: exit 4 when not everything could be done',
    },
  },
  run: async (context, { args, flags }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `hook: expected one ROOT, found ${args.length}`);
    const root = directoryOf(args[0]!);
    const failOn = failures(flags);
    const choice = await scrubChoice(context, flags, root);
    const request = {
      ...choice,
      root,
      rootIsImage: flags.boolean('rootIsImage'),
      name: buildName(context, flags),
      storeLocation: storeLocation(context, flags),
      stream: streamName(context, flags),
      replace: flags.boolean('replace'),
      digests: digestAlgorithms(flags),
      exclusions: [...exclusions(flags), ...choice.exclusions],
      meta: metaFields(context, flags),
      circumstances: gatherCircumstances(context),
      sourceDateEpoch: sourceDateEpoch(context),
      now: context.now,
      signal: context.signal,
    };
    const source = openSource(`dir:${root}`);
    const progress = createProgressLine(context.stderr, request.name, () =>
      context.now().getTime(),
    );
    try {
      const outcome = await runHook({
        ...request,
        source,
        inspection: inspectionOf(flags, progress),
        onProgress: (p, expected) => progress.update(p, expected),
        onWork: (p) => progress.working(p),
      });
      progress.done();
      printOutcome(context, outcome);
      return exitOf(outcome, failOn);
    } finally {
      progress.done();
      source.close();
    }
  },
});

const FAILURES = ['changed', 'incomplete'] as const;
type Failure = (typeof FAILURES)[number];

function failures(flags: FlagValues): readonly Failure[] {
  return flags
    .strings('failOn')
    .flatMap((value) => value.split(','))
    .map((value) => {
      const failure = FAILURES.find((candidate) => candidate === value);
      if (failure === undefined)
        throw new AuditError(
          'USAGE',
          `--fail-on: expected changed or incomplete, found ${JSON.stringify(value)}`,
        );
      return failure;
    });
}

function printOutcome(context: CommandContext, { recorded, scrub, comparison }: HookOutcome): void {
  const edits = `${formatCount(scrub.applied.length)} ${scrub.applied.length === 1 ? 'edit' : 'edits'}`;
  const recordedText = `${recorded.name}: ${edits}; ${formatCount(recorded.entryCount)} entries, ${formatBytes(recorded.sizeBytes)} recorded`;
  context.stdout.write(`${recordedText}; ${comparisonText(recorded.name, comparison)}\n`);
  printPartly(context, recorded);
  printContent(context, recorded.content);
  printSkippedRules(context, scrub);
  printDiagnostics(context, recorded, {
    what: 'scrubbed or recorded',
    rest: `repro-audit show ${recorded.name}`,
  });
}

function comparisonText(name: string, comparison: HookOutcome['comparison']): string {
  if (comparison === null) return 'the first of its stream';
  const { summary, before, verdict } = comparison;
  if (verdict === 'same') return `the same as ${before.name}`;
  if (verdict === 'incomplete')
    return `no difference seen to ${before.name}, but not everything could be compared`;
  const count = (n: number, what: string): string[] =>
    n === 0 ? [] : [`${formatCount(n)} ${what}`];
  const counts = [
    ...count(summary.changed, 'changed'),
    ...count(summary.added, 'added'),
    ...count(summary.removed, 'removed'),
  ];
  return `${counts.join(', ')} since ${before.name} (repro-audit diff ${before.name} ${name})`;
}

function exitOf({ recorded, comparison }: HookOutcome, failOn: readonly Failure[]): ExitCode {
  if (
    failOn.includes('incomplete') &&
    (recorded.diagnostics.length > 0 ||
      (recorded.content?.failure ?? null) !== null ||
      comparison?.complete === false)
  )
    return EXIT.incomplete;
  if (failOn.includes('changed') && comparison?.verdict === 'different') return EXIT.differs;
  return EXIT.clean;
}
