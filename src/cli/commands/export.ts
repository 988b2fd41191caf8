/** `repro-audit export`: a stored manifest in another format. */

import { exportBuild } from '../../app/export.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { defineCommand } from '../define.js';
import { storeFlag, storeLocation } from '../flags.js';
import { openOutput } from '../output.js';

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write a stored manifest in another format',
  usage: 'BUILD [--format composefs-dump] [-o FILE]',
  details: `composefs-dump is the canonical text whose SHA-256 is the tree digest (docs/tree-digest.md):

  repro-audit export 2026-01-02.0 --format composefs-dump | sha256sum`,
  flags: {
    ...storeFlag,
    format: { type: 'string', value: 'FORMAT', help: 'composefs-dump' },
    output: {
      type: 'string',
      shortFlag: 'o',
      value: 'FILE',
      help: 'write there; the file appears whole or not at all',
    },
  },
  run: async (context, { args, flags }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `export: expected one BUILD, found ${args.length}`);
    const format = flags.string('format') ?? 'composefs-dump';
    if (format !== 'composefs-dump')
      throw new AuditError(
        'USAGE',
        `--format: expected composefs-dump, found ${JSON.stringify(format)}`,
      );
    const output = openOutput(context, flags.string('output'));
    try {
      await exportBuild(storeLocation(context, flags), args[0]!, (latin1) => output.write(latin1));
    } catch (error) {
      output.discard();
      throw error;
    }
    await output.finish();
    return EXIT.clean;
  },
});
