/** `repro-audit export`: a tree as a list of files that other tools read. */

import { EXPORT_FORMATS, exportTree, type ExportFormat } from '../../app/export.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { displayMessage, displayPath } from '../../core/path.js';
import { defineCommand, type FlagValues } from '../define.js';
import { exclusions, recordFlags, storeFlag, storeLocation } from '../flags.js';
import { openOutput } from '../output.js';
import { platformFlag, platforms } from '../platform.js';
import { createProgressLine } from '../progress.js';

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write a tree as a list of files that other tools read',
  usage: 'BUILD|SOURCE [--format FORMAT] [-o FILE] [FLAGS]',
  details: `composefs-dump  the canonical text whose SHA-256 is the tree digest (docs/tree-digest.md); the default
mtree           mtree(5) 2.0, for mtree -p DIR -f FILE and bsdtar
aide            a database for aide --check and --compare
sha256sums      for sha256sum -c in the root of the tree: contents of regular files alone

Each has what was captured and the format can say (docs/sources.md). All are sources as well:

  repro-audit export 2026-01-02.0 --format mtree -o rootfs.mtree
  repro-audit diff mtree:rootfs.mtree ./rootfs`,
  flags: {
    ...storeFlag,
    format: { type: 'string', value: 'FORMAT', help: EXPORT_FORMATS.join(', ') },
    exclude: recordFlags.exclude,
    reason: recordFlags.reason,
    ...platformFlag,
    output: {
      type: 'string',
      shortFlag: 'o',
      value: 'FILE',
      help: 'write there; the file appears whole or not at all',
    },
  },
  run: async (context, { args, flags }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `export: expected one BUILD or SOURCE, found ${args.length}`);
    const format = formatOf(flags);
    const output = openOutput(context, flags.string('output'));
    const progress = createProgressLine(context.stderr, format, () => context.now().getTime());
    try {
      const { diagnostics, notes } = await exportTree({
        word: args[0]!,
        format,
        storeLocation: storeLocation(context, flags),
        platforms: platforms(flags),
        exclusions: exclusions(flags),
        startedNs: BigInt(context.now().getTime()) * 1_000_000n,
        signal: context.signal,
        onProgress: (counts) => progress.update(counts, null),
        write: (latin1) => output.write(Buffer.from(latin1, 'latin1')),
      });
      progress.done();
      await output.finish();
      for (const note of notes) context.stderr.write(`repro-audit: ${displayMessage(note)}\n`);
      for (const { code, path, detail } of diagnostics)
        context.stderr.write(
          `${code} ${path === null ? '' : displayPath(path)}: ${displayMessage(detail)}\n`,
        );
      return diagnostics.length === 0 ? EXIT.clean : EXIT.incomplete;
    } catch (error) {
      output.discard();
      throw error;
    } finally {
      progress.done();
    }
  },
});

function formatOf(flags: FlagValues): ExportFormat {
  const text = flags.string('format') ?? 'composefs-dump';
  const format = EXPORT_FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  throw new AuditError(
    'USAGE',
    `--format: expected ${EXPORT_FORMATS.join(', ')}, found ${JSON.stringify(text)}`,
  );
}
