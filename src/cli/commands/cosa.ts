/** `repro-audit cosa`: what differs between two builds of coreos-assembler. */

import os from 'node:os';
import { resolve } from 'node:path';

import { findCosaBuilds } from '../../app/cosa-builds.js';
import { AuditError } from '../../core/errors.js';
import { defineCommand } from '../define.js';
import { diff } from './diff.js';

const { stream: _stream, ...diffFlags } = diff.flags;

export const cosa = defineCommand({
  name: 'cosa',
  summary: 'say why two builds of coreos-assembler differ',
  usage: '[BEFORE AFTER] [--dir WORKDIR] [--arch ARCH] [FLAGS OF diff]',
  details: `BEFORE and AFTER are ids of builds in the working directory, or directories that hold meta.json. Without them: the last two
of builds/builds.json. Compares the root file system of the commit, the initramfs and other archives, and meta.json with all
other files, each with its causes; where the inputhash is equal and the content checksum is not, that comes first. The
same as diff of the two directories; exit status as there. See docs/cosa.md.

  repro-audit cosa
  repro-audit cosa --dir /srv/fcos 41.20240101.dev.0 41.20240101.dev.1
  repro-audit cosa ./a/builds/latest/x86_64 ./b/builds/latest/x86_64 --format json`,
  flags: {
    ...diffFlags,
    dir: {
      type: 'string',
      value: 'WORKDIR',
      help: 'working directory of coreos-assembler, which has builds/ (default: the current one)',
    },
    arch: {
      type: 'string',
      value: 'ARCH',
      help: 'such as x86_64 (default: that of this machine, or the only one that was built)',
    },
  },
  run: async (context, { args, flags }) => {
    if (args.length !== 0 && args.length !== 2)
      throw new AuditError(
        'USAGE',
        `cosa: expected BEFORE and AFTER or nothing, found ${args.length} argument`,
      );
    const builds = findCosaBuilds(args, {
      directory: resolve(context.cwd, flags.string('dir') ?? '.'),
      cwd: context.cwd,
      arch: flags.string('arch'),
      ownArch: os.machine(),
    });
    return diff.run(context, { args: builds, flags });
  },
});
