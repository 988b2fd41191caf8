/** `repro-audit diff`: what changed between two builds. */

import { resolve } from 'node:path';

import { diffContent, type ContentDiffs } from '../../app/content/content-diff.js';
import { loadConfig } from '../../app/config.js';
import { diff as compare } from '../../app/diff.js';
import { liesIn } from '../../app/guard-root.js';
import { directoryOf } from '../../app/open-location.js';
import { AuditError, EXIT, type ExitCode } from '../../core/errors.js';
import type { Report } from '../../core/report.js';
import { reporters } from '../../reporters/index.js';
import type { ScanProgress } from '../../sources/define.js';
import { gatherCircumstances } from '../circumstances.js';
import { contentLines } from '../content-text.js';
import { defineCommand, type CommandContext, type FlagValues } from '../define.js';
import { exclusions, recordFlags, sourceDateEpoch, storeFlag, storeLocation } from '../flags.js';
import { openOutput } from '../output.js';
import { platformFlag, platforms } from '../platform.js';
import { inspectFlag, inspectionOf } from '../inspection.js';
import { configFile, scrubFlags } from '../scrub-flags.js';
import { createProgressLine } from '../progress.js';

export const diff = defineCommand({
  name: 'diff',
  summary: 'say what changed between two builds',
  usage: '[BEFORE AFTER] [--format text|json] [-o FILE] [--content PATH]',
  details: `BEFORE and AFTER are builds (a name, @latest, @previous, STREAM@latest, FILE.db:NAME) or sources (a path, or a
prefix and a path such as dir:PATH, tar:FILE, whl:FILE), which need no store; a name that no build has is a path. Two
archives are the same bytes, the same content in other bytes (told field by field), or different. Without them: the last
two builds of the stream. A terminal gets the interactive view unless --format or -o is given or CI is set. Exit status
0: same, 1: different, 4: no difference seen, but not everything could be compared.

  repro-audit diff 2026-01-01.0 2026-01-02.0
  repro-audit diff ./rootfs-a ./rootfs-b --format json | jq .summary
  repro-audit diff whl:dist-a/x.whl whl:dist-b/x.whl
  repro-audit diff ci.db:nightly-7 mine.db:local
  repro-audit diff @previous @latest --content etc/ld.so.cache`,
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
    ...platformFlag,
    config: {
      ...scrubFlags.config,
      help: 'owners of paths (REPRO_AUDIT_CONFIG; default ./repro-audit.config.json or .yaml)',
    },
    content: {
      type: 'string',
      isMultiple: true,
      value: 'PATH',
      help: 'show what changed inside of this file, as lines or bytes: from the store (--keep-content) or a tree or archive that is still there',
    },
    semantic: {
      type: 'boolean',
      help: 'set aside times, history and names of images, and the order and form of archives; the report says so',
    },
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
    const { owners } = await loadConfig({
      file: configFile(context, flags),
      cwd: context.cwd,
      root: treeAround(context.cwd, args),
    });
    const request = {
      words: wordsOf(args),
      stream: flags.string('stream'),
      storeLocation: storeLocation(context, flags),
      exclusions: exclusions(flags),
      inspection: inspectionOf(flags, progress),
      platforms: platforms(flags),
      isSemantic: flags.boolean('semantic'),
      owners,
      circumstances: () => gatherCircumstances(context),
      sourceDateEpoch: sourceDateEpoch(context),
      now: context.now,
      signal: context.signal,
      onProgress: (p: ScanProgress) => progress.update(p, null),
    };
    const paths = flags.strings('content');
    if (paths.length > 0) {
      refuseOtherForms(flags);
      const diffs = await diffContent(request, paths);
      progress.done();
      return writeContent(context, diffs, flags);
    }
    const report = await compare(request);
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

/** The compared tree that holds the current folder: its configuration is not taken. */
function treeAround(cwd: string, args: readonly string[]): string | null {
  const trees = args.filter((word) => word.includes('/') || word.startsWith('.'));
  return (
    trees.map((word) => resolve(cwd, directoryOf(word))).find((tree) => liesIn(cwd, tree)) ?? null
  );
}

/** Null: the last two builds. */
function wordsOf([before, after]: readonly string[]): readonly [string, string] | null {
  return before === undefined || after === undefined ? null : [before, after];
}

function refuseOtherForms(flags: FlagValues): void {
  const format = flags.string('format');
  if (format !== null && format !== 'text')
    throw new AuditError('USAGE', `--content is shown as text, found --format ${format}`, {
      hint: 'leave out --format, or --content',
    });
}

/** 4 when something of it could not be shown. */
async function writeContent(
  context: CommandContext,
  diffs: ContentDiffs,
  flags: FlagValues,
): Promise<ExitCode> {
  const output = openOutput(context, flags.string('output'));
  try {
    for (const line of contentLines(diffs)) await output.write(`${line}\n`);
  } catch (error) {
    output.discard();
    throw error;
  }
  await output.finish();
  const kinds = diffs.files.map(({ content }) => content.kind);
  if (flags.boolean('exitZero')) return EXIT.clean;
  if (kinds.includes('refused') || kinds.includes('unavailable')) return EXIT.incomplete;
  return diffs.files.some(({ change }) => change !== null) ? EXIT.differs : EXIT.clean;
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
