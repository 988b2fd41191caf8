/** `repro-audit normalize`: take what varies out of release artifacts. */

import { randomBytes } from 'node:crypto';

import { normalizeFiles } from '../../app/normalize.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { defineCommand } from '../define.js';
import { sourceDateEpoch } from '../flags.js';
import { printNormalized } from '../normalized.js';
import { createProgressLine } from '../progress.js';
import { names } from '../scrub-flags.js';

export const normalize = defineCommand({
  name: 'normalize',
  summary: 'take the fields that vary out of archives and other single files',
  usage: 'FILE... [--check] [--only ID] [--skip ID] [--follow] [--json]',
  details: `Every field is told with old -> new, and a second run does nothing. Owner, mode, times, extended attributes and
links between the named files stay. A file that is not understood completely, or is signed, is left as it is; one
of no known format is passed over. Links are passed over unless --follow is given. Exit status: 0 done; 1 with
--check when something would change; 4 when something had to be left.

  SOURCE_DATE_EPOCH=1700000000 repro-audit normalize dist/*.whl dist/*.tar.gz`,
  flags: {
    check: { type: 'boolean', help: 'say what would change, write nothing' },
    only: { type: 'string', isMultiple: true, value: 'ID', help: 'only these formats: gzip, png' },
    skip: { type: 'string', isMultiple: true, value: 'ID', help: 'not these formats' },
    follow: { type: 'boolean', help: 'treat what symbolic links lead to' },
    json: { type: 'boolean', help: 'print JSON' },
  },
  run: async (context, { args, flags }) => {
    if (args.length === 0) throw new AuditError('USAGE', 'normalize: expected FILE..., found none');
    const check = flags.boolean('check');
    const only = names(flags.strings('only'));
    const progress = createProgressLine(context.stderr, 'normalize', () => context.now().getTime());
    const files = await normalizeFiles({
      files: args,
      cwd: context.cwd,
      only: only.length === 0 ? null : only,
      skip: names(flags.strings('skip')),
      follow: flags.boolean('follow'),
      sourceDateEpoch: sourceDateEpoch(context),
      check,
      nonce: randomBytes(8).toString('hex'),
      signal: context.signal,
      onProgress: (p) => progress.working(p),
    }).finally(() => progress.done());
    printNormalized(context, files, { check, json: flags.boolean('json') });
    const isIncomplete = files.some(
      (one) => one.kind === 'left' || (one.kind === 'changed' && one.warnings.length > 0),
    );
    if (isIncomplete) return EXIT.incomplete;
    return check && files.some(({ kind }) => kind === 'changed') ? EXIT.differs : EXIT.clean;
  },
});
