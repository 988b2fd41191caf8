/** `repro-audit snapshot`: record a tree as a build. */

import { directoryOf, openSource } from '../../app/open-location.js';
import { snapshot as takeSnapshot } from '../../app/snapshot.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { gatherCircumstances } from '../circumstances.js';
import { defineCommand } from '../define.js';
import {
  buildName,
  digestAlgorithms,
  exclusions,
  metaFields,
  recordFlags,
  sourceDateEpoch,
  statCacheFile,
  storeLocation,
  streamName,
} from '../flags.js';
import { platformFlag, platforms } from '../platform.js';
import { inspectFlag, inspectionOf, keepContentFlag } from '../inspection.js';
import { printRecorded } from '../recorded.js';
import { createProgressLine } from '../progress.js';

export const snapshot = defineCommand({
  name: 'snapshot',
  summary: 'record a complete manifest of a tree as a build',
  usage: 'SOURCE --build NAME [FLAGS]',
  details: `SOURCE is a directory, an archive, a package or an image, told by looking at it or named by a prefix: dir: tar:
(tar:- reads standard input) cpio: initramfs: zip: whl: jar: sdist: deb: rpm: squashfs: erofs: ostree: oci: cosa:, or a
list of another tool: mtree: aide: composefs-dump: sha256sums:, see docs/sources.md. Nothing is unpacked. Every
path with type, mode, owner, size, mtime, link target, device number, hard links, xattrs and content digests goes into the
store, less what the source does not carry; what could not be read is said, and the exit status is then 4.

  repro-audit snapshot ./rootfs --build 2026-01-02.0 --meta commit=$(git rev-parse HEAD)`,
  flags: {
    ...recordFlags,
    ...inspectFlag,
    ...keepContentFlag,
    ...platformFlag,
    cache: {
      type: 'boolean',
      help: '--no-cache reads every file again instead of trusting device, inode, size, mtime and ctime',
    },
    json: { type: 'boolean', help: 'print what was recorded as JSON' },
  },
  run: async (context, { args, flags }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `snapshot: expected one SOURCE, found ${args.length}`);
    const epoch = sourceDateEpoch(context);
    const name = buildName(context, flags);
    const source = openSource(args[0]!, platforms(flags));
    const progress = createProgressLine(context.stderr, name, () => context.now().getTime());
    try {
      const recorded = await takeSnapshot({
        source,
        root: directoryOf(args[0]!),
        storeLocation: storeLocation(context, flags),
        name,
        stream: streamName(context, flags),
        replace: flags.boolean('replace'),
        digests: digestAlgorithms(flags),
        exclusions: exclusions(flags),
        statCacheFile:
          flags.given('cache') && !flags.boolean('cache')
            ? null
            : statCacheFile(context, directoryOf(args[0]!)),
        meta: metaFields(context, flags),
        inspection: inspectionOf(flags, progress),
        circumstances: gatherCircumstances(context),
        sourceDateEpoch: epoch,
        now: context.now,
        signal: context.signal,
        onProgress: (p, expected) => progress.update(p, expected),
      });
      progress.done();
      printRecorded(context, recorded, flags.boolean('json'));
      const isWhole =
        recorded.diagnostics.length === 0 && (recorded.content?.failure ?? null) === null;
      return isWhole ? EXIT.clean : EXIT.incomplete;
    } finally {
      progress.done();
      source.close();
    }
  },
});
