/** `repro-audit scrub`: remove what is known to vary from a tree. */

import { refuseRunningSystem } from '../../app/guard-root.js';
import { directoryOf, openSource } from '../../app/open-location.js';
import { scrubTree } from '../../app/scrub.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { readOwnership } from '../../packages/read-ownership.js';
import { defineCommand } from '../define.js';
import { sourceDateEpoch } from '../flags.js';
import { createProgressLine } from '../progress.js';
import { scrubChoice, scrubFlags } from '../scrub-flags.js';
import { printScrub } from '../scrubbed.js';

export const scrub = defineCommand({
  name: 'scrub',
  summary: 'remove what is known to vary from a root file system',
  usage: 'ROOT [--check] [--profile NAME] [--enable RULE] [--only RULE] [--skip RULE] [--json]',
  details: `Rules only plan; every edit is told with old -> new, and a second run does nothing. Rules that write a time need
SOURCE_DATE_EPOCH and are skipped, and named, without it. Exit status: 0 done; 1 with --check when something would
change; 4 when something had to be left.

  SOURCE_DATE_EPOCH=1700000000 repro-audit scrub ./rootfs --check`,
  flags: {
    ...scrubFlags,
    check: { type: 'boolean', help: 'print the plan, write nothing' },
    json: { type: 'boolean', help: 'print the edits as JSON' },
  },
  run: async (context, { args, flags }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `scrub: expected one ROOT, found ${args.length}`);
    const root = directoryOf(args[0]!);
    const epoch = sourceDateEpoch(context);
    const choice = await scrubChoice(context, flags, root);
    const check = flags.boolean('check');
    if (!check) refuseRunningSystem(root, flags.boolean('rootIsImage'));
    const source = openSource(`dir:${root}`);
    const progress = createProgressLine(context.stderr, 'scrub', () => context.now().getTime());
    try {
      const { files } = source;
      const ownership = readOwnership(files);
      const scrubbed = await scrubTree({
        ...choice,
        root,
        files,
        ownership,
        sourceDateEpoch: epoch,
        check,
        signal: context.signal,
        onWork: (p) => progress.working(p),
      });
      progress.done();
      const diagnostics = [...ownership.diagnostics, ...scrubbed.diagnostics];
      const outcome = { ...scrubbed, diagnostics };
      printScrub(context, outcome, { check, json: flags.boolean('json') });
      if (outcome.diagnostics.length > 0) return EXIT.incomplete;
      return check && outcome.planned.length > 0 ? EXIT.differs : EXIT.clean;
    } finally {
      progress.done();
      source.close();
    }
  },
});
