/** `repro-audit inspect`: the facts of any file or source. */

import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';

import { inspect as inspectFile } from '../../app/inspect.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { namedKey } from '../../core/secrets.js';
import { factsJson } from '../../reporters/facts/json.js';
import { factsText } from '../../reporters/facts/text.js';
import type { FileFacts } from '../../reporters/facts/define.js';
import { stream } from '../../reporters/stream.js';
import { defineCommand } from '../define.js';
import { storeFlag, storeLocation } from '../flags.js';
import { openOutput } from '../output.js';
import { platformFlag, platforms } from '../platform.js';

const MAX_ROWS = 20;
const MAX_LINES = 1000;

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'print the facts of any file or source: fields, members, times, what lies inside',
  usage: 'FILE|SOURCE... [--all] [--format text|json] [-o FILE]',
  details: `FILE is a file, or BUILD:PATH (also FILE.db:BUILD:PATH) for what is kept of a file of a recorded build. No store is
needed for files. Archives and packages are told by their own fields: headers, order, padding. Secrets are told by their length alone. Exit status 4: there were problems, the rest is told.
SOURCE is what lies in no single file, or is named by its prefix: the commit of ostree:REPO@REF, the index, manifest, configuration
and layers of oci:LAYOUT[:TAG], the meta.json of cosa:DIR, the archive of tar:FILE.

  repro-audit inspect /boot/initrd.img
  repro-audit inspect ostree:repo@fedora/stable oci:layout:tag
  repro-audit inspect rootfs/usr/lib/sysimage/rpm/rpmdb.sqlite --format json | jq '.files[0].pieces[0].format'
  repro-audit inspect @latest:/etc/ld.so.cache`,
  flags: {
    ...storeFlag,
    all: { type: 'boolean', help: `all rows of all tables (default: the first ${MAX_ROWS})` },
    ...platformFlag,
    as: {
      type: 'string',
      value: 'PATH',
      help: 'path of the file in its tree, by which some formats are told, such as etc/shadow',
    },
    format: { type: 'string', shortFlag: 'f', value: 'FORMAT', help: 'text (default) or json' },
    json: { type: 'boolean', help: 'the same as --format json' },
    output: {
      type: 'string',
      shortFlag: 'o',
      value: 'FILE',
      help: 'write there; the file appears whole or not at all',
    },
  },
  run: async (context, { args, flags }) => {
    if (args.length === 0)
      throw new AuditError('USAGE', 'inspect: expected FILE or SOURCE, found nothing');
    const format = flags.string('format') ?? (flags.boolean('json') ? 'json' : 'text');
    if (format !== 'text' && format !== 'json')
      throw new AuditError(
        'USAGE',
        `--format: expected text or json, found ${JSON.stringify(format)}`,
      );
    const files: FileFacts[] = [];
    for (const word of args) {
      files.push(
        await inspectFile({
          word,
          cwd: context.cwd,
          storeLocation: storeLocation(context, flags),
          platforms: platforms(flags),
          as: flags.string('as'),
          key: namedKey(randomBytes(32)),
          clock: () => performance.now(),
          signal: context.signal,
        }),
      );
    }
    const output = openOutput(context, flags.string('output'));
    try {
      await stream(
        format === 'json' ? factsJson(files) : textOf(files, flags.boolean('all')),
        output,
      );
    } catch (error) {
      output.discard();
      throw error;
    }
    await output.finish();
    return files.some(({ problems }) => problems.length > 0) ? EXIT.incomplete : EXIT.clean;
  },
});

function* textOf(files: readonly FileFacts[], all: boolean): Generator<string> {
  const options = all
    ? { maxRows: Infinity, maxLines: Infinity }
    : { maxRows: MAX_ROWS, maxLines: MAX_LINES };
  for (const [i, file] of files.entries()) {
    if (i > 0) yield '\n';
    yield* factsText(file, options);
  }
}
