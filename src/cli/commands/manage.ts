/** `repro-audit rm`, `prune`, `keep` and `import`: look after the builds of a store. */

import { resolve } from 'node:path';

import { importBuilds, keepBuild, pruneBuilds, removeBuilds } from '../../app/builds.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { formatBytes, formatCount } from '../../util/format.js';
import { defineCommand } from '../define.js';
import { storeFlag, storeLocation } from '../flags.js';

export const rm = defineCommand({
  name: 'rm',
  summary: 'remove builds from a store',
  usage: 'BUILD... [--db FILE]',
  details: 'BUILD is a name, @latest, @previous or STREAM@latest.',
  flags: storeFlag,
  run: async (context, { args, flags }) => {
    if (args.length === 0) throw new AuditError('USAGE', 'rm: expected at least one BUILD');
    const { names, freedBytes } = await removeBuilds(
      storeLocation(context, flags),
      args,
      context.signal,
    );
    context.stdout.write(`removed ${names.join(', ')}; ${formatBytes(freedBytes)} given back\n`);
    return EXIT.clean;
  },
});

export const prune = defineCommand({
  name: 'prune',
  summary: 'remove old builds, keeping the newest of every stream',
  usage: '--keep N [--stream NAME] [--dry-run] [--db FILE]',
  details: 'Builds marked by `repro-audit keep` stay and are not counted.',
  flags: {
    ...storeFlag,
    keep: { type: 'number', value: 'N', help: 'how many of each stream stay' },
    stream: { type: 'string', value: 'NAME', help: 'only this stream' },
    dryRun: { type: 'boolean', help: 'say what would go' },
  },
  run: async (context, { flags }) => {
    const keep = flags.number('keep');
    if (keep === null || !Number.isInteger(keep) || keep < 0)
      throw new AuditError('USAGE', 'prune: expected --keep N with N a whole number from 0');
    const dryRun = flags.boolean('dryRun');
    const { names, freedBytes } = await pruneBuilds(
      storeLocation(context, flags),
      keep,
      flags.string('stream'),
      dryRun,
      context.signal,
    );
    for (const name of names)
      context.stdout.write(`${dryRun ? 'would remove' : 'removed'} ${name}\n`);
    context.stdout.write(
      `${formatCount(names.length)} ${names.length === 1 ? 'build' : 'builds'}${dryRun ? '' : `, ${formatBytes(freedBytes)} given back`}\n`,
    );
    return EXIT.clean;
  },
});

export const keep = defineCommand({
  name: 'keep',
  summary: 'exempt a build from pruning',
  usage: 'BUILD [--undo] [--db FILE]',
  details: '',
  flags: { ...storeFlag, undo: { type: 'boolean', help: 'no longer' } },
  run: async (context, { args, flags }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `keep: expected one BUILD, found ${args.length}`);
    const undo = flags.boolean('undo');
    const name = await keepBuild(storeLocation(context, flags), args[0]!, !undo, context.signal);
    context.stdout.write(`${name} is ${undo ? 'no longer ' : ''}kept\n`);
    return EXIT.clean;
  },
});

export const importCommand = defineCommand({
  name: 'import',
  summary: 'take over the builds of another store',
  usage: 'FILE.db [--db FILE]',
  details:
    'Builds that are here already, with equal digests, are skipped. An equal name with another content is refused.',
  flags: storeFlag,
  run: async (context, { args, flags }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `import: expected one FILE.db, found ${args.length}`);
    const { imported, skipped } = await importBuilds(
      storeLocation(context, flags),
      resolve(context.cwd, args[0]!),
      context.signal,
    );
    for (const name of imported) context.stdout.write(`imported ${name}\n`);
    for (const name of skipped) context.stdout.write(`${name} is here already\n`);
    return EXIT.clean;
  },
});
