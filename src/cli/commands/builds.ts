/** `repro-audit builds`: list what a store holds. */

import { listBuilds } from '../../app/builds.js';
import { EXIT } from '../../core/errors.js';
import { displayText } from '../../core/path.js';
import { formatBytes, formatCount } from '../../util/format.js';
import { formatTable } from '../../util/table.js';
import { defineCommand } from '../define.js';
import { storeFlag, storeLocation } from '../flags.js';

export const builds = defineCommand({
  name: 'builds',
  summary: 'list the builds of a store',
  usage: '[--stream NAME] [--db FILE] [--json]',
  details: '',
  flags: {
    ...storeFlag,
    stream: { type: 'string', value: 'NAME', help: 'only builds of this stream' },
    json: { type: 'boolean', help: 'print JSON' },
  },
  run: async (context, { flags }) => {
    const list = await listBuilds(storeLocation(context, flags), flags.string('stream'));
    if (flags.boolean('json')) {
      const rows = list.map(({ contentDigest, fullDigest, digests: _digests, ...rest }) => ({
        ...rest,
        contentDigest: Buffer.from(contentDigest).toString('hex'),
        fullDigest: Buffer.from(fullDigest).toString('hex'),
      }));
      context.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      return EXIT.clean;
    }
    if (list.length === 0) {
      context.stdout.write('no builds\n');
      return EXIT.clean;
    }
    const header = ['BUILD', 'STREAM', 'STARTED', 'ENTRIES', 'SIZE', 'ROOT DIGEST', 'NOTES'];
    const rows = list.map((build) => [
      build.name,
      displayText(build.stream),
      build.startedAt.slice(0, 19).replace('T', ' '),
      formatCount(build.entryCount),
      formatBytes(build.sizeBytes),
      Buffer.from(build.fullDigest).toString('hex').slice(0, 12),
      [
        ...(build.keep ? ['kept'] : []),
        ...(build.editCount > 0 ? [`${formatCount(build.editCount)} edits`] : []),
        ...(build.diagnosticCount > 0 ? [`incomplete: ${formatCount(build.diagnosticCount)}`] : []),
      ].join(', '),
    ]);
    context.stdout.write(formatTable([header, ...rows]));
    return EXIT.clean;
  },
});
