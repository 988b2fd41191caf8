/** `repro-audit diff`: what changed between two builds. */

import { diff as compare } from '../../app/diff.js';
import { AuditError, EXIT, type ExitCode } from '../../core/errors.js';
import type { Report } from '../../core/report.js';
import { reporters } from '../../reporters/index.js';
import { gatherCircumstances } from '../circumstances.js';
import { defineCommand, type CommandContext, type FlagValues } from '../define.js';
import { exclusions, recordFlags, sourceDateEpoch, storeFlag, storeLocation } from '../flags.js';
import { openOutput } from '../output.js';
import { inspectFlag, inspectionOf } from '../inspection.js';
import { createProgressLine } from '../progress.js';

export const diff = defineCommand({
  name: 'diff',
  summary: 'say what changed between two builds',
  usage: '[BEFORE AFTER] [--format text|json] [-o FILE]',
  details: `BEFORE and AFTER are builds (a name, @latest, @previous, STREAM@latest, FILE.db:NAME) or directories (a path with a
slash, or dir:PATH), which need no store. Without them: the last two builds of the stream. A terminal gets the
interactive view unless --format or -o is given or CI is set. Exit status 0: same, 1: different, 4: no difference
seen, but not everything could be compared.

  repro-audit diff 2026-01-01.0 2026-01-02.0
  repro-audit diff ./rootfs-a ./rootfs-b --format json | jq .summary
  repro-audit diff ci.db:nightly-7 mine.db:local`,
  flags: {
    ...storeFlag,
    format: {
      type: 'string',
      shortFlag: 'f',
      value: 'FORMAT',
      help: `${reporters.map(({ id }) => id).join(' or ')}; without it the terminal decides`,
    },
    output: {
      type: 'string',
      shortFlag: 'o',
      value: 'FILE',
      help: 'write there; the file appears whole or not at all',
    },
    all: { type: 'boolean', help: 'text: all paths, and every difference inside of files' },
    stream: {
      type: 'string',
      value: 'NAME',
      help: 'without BEFORE and AFTER: the last two builds of this stream',
    },
    exclude: recordFlags.exclude,
    reason: recordFlags.reason,
    inspect: inspectFlag.inspect,
    exitZero: { type: 'boolean', help: 'exit status 0 also when something differs' },
  },
  run: async (context, { args, flags }) => {
    if (args.length !== 0 && args.length !== 2)
      throw new AuditError(
        'USAGE',
        `diff: expected BEFORE and AFTER or nothing, found ${args.length} argument`,
      );
    const reporter = reporterFor(flags.string('format'));
    const progress = createProgressLine(context.stderr, 'scanning', () => context.now().getTime());
    const report = await compare({
      words: args.length === 2 ? [args[0]!, args[1]!] : null,
      stream: flags.string('stream'),
      storeLocation: storeLocation(context, flags),
      exclusions: exclusions(flags),
      inspection: inspectionOf(flags, progress),
      circumstances: () => gatherCircumstances(context),
      sourceDateEpoch: sourceDateEpoch(context),
      now: context.now,
      signal: context.signal,
      onProgress: (p) => progress.update(p, null),
    });
    progress.done();
    if (
      reporter === null &&
      flags.string('output') === null &&
      !flags.boolean('all') &&
      isInteractive(context)
    ) {
      const { showReport } = await import('../interactive.js');
      await showReport(context, report);
    } else {
      await writeReport(context, reporter ?? reporterFor('text')!, report, flags);
    }
    return flags.boolean('exitZero') ? EXIT.clean : verdictExit(report);
  },
});

type Reporter = (typeof reporters)[number];

/** Null when none was asked for. */
function reporterFor(id: string | null): Reporter | null {
  if (id === null) return null;
  const reporter = reporters.find((candidate) => candidate.id === id);
  if (reporter !== undefined) return reporter;
  throw new AuditError(
    'USAGE',
    `--format: expected ${reporters.map((r) => r.id).join(' or ')}, found ${JSON.stringify(id)}`,
  );
}

function isInteractive({ stdin, stdout, env }: CommandContext): boolean {
  const inCi = env['CI'] !== undefined && env['CI'] !== '' && env['CI'] !== 'false';
  return stdout.isTTY === true && stdin.isTTY === true && !inCi && env['TERM'] !== 'dumb';
}

async function writeReport(
  context: CommandContext,
  reporter: Reporter,
  report: Report,
  flags: FlagValues,
): Promise<void> {
  const output = openOutput(context, flags.string('output'));
  try {
    await reporter.write(report, output, flags.boolean('all') ? { maxPaths: null } : {});
  } catch (error) {
    output.discard();
    throw error;
  }
  await output.finish();
}

function verdictExit(report: Report): ExitCode {
  if (report.verdict === 'different') return EXIT.differs;
  return report.complete ? EXIT.clean : EXIT.incomplete;
}
