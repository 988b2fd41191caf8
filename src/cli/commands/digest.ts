/** `repro-audit digest`: the digest of a tree as other tools have it. */

import { digest as findDigest, DIGEST_KINDS } from '../../app/digest.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { displayMessage, displayPath } from '../../core/path.js';
import { defineCommand, type FlagValues } from '../define.js';
import { exclusions, recordFlags, storeFlag, storeLocation } from '../flags.js';
import { openOutput } from '../output.js';
import { platformFlag, platforms } from '../platform.js';
import { createProgressLine } from '../progress.js';

export const digest = defineCommand({
  name: 'digest',
  summary: 'print the digest of a tree as other tools have it',
  usage: 'SOURCE|BUILD [--kind KIND] [FLAGS]',
  details: `tree            SHA-256 of the canonical composefs-dump text (docs/tree-digest.md); the default
composefs-dump  that text
ostree-content  the ContentChecksum of ostree show, of any tree: as it is, or --canonical
ostree-commit   the checksum of a commit of ostree
oci             the digest of an image's manifest, once all that is below it has its digests and diff_ids

  repro-audit digest ./rootfs --kind ostree-content --canonical
  repro-audit digest ostree:repo@fedora/stable --kind ostree-content
  repro-audit digest oci:layout:tag --kind oci`,
  flags: {
    ...storeFlag,
    kind: { type: 'string', shortFlag: 'k', value: 'KIND', help: 'which digest; default tree' },
    canonical: {
      type: 'boolean',
      help: 'ostree-content: owner 0:0, mode & 0755, no xattrs, as ostree commit --canonical-permissions',
    },
    ...platformFlag,
    exclude: recordFlags.exclude,
    reason: recordFlags.reason,
    output: {
      type: 'string',
      shortFlag: 'o',
      value: 'FILE',
      help: 'write there; the file appears whole or not at all',
    },
    json: { type: 'boolean', help: 'print kind, variant and digest as JSON' },
  },
  run: async (context, { args, flags }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `digest: expected one SOURCE or BUILD, found ${args.length}`);
    const kind = kindOf(flags);
    const output = openOutput(context, flags.string('output'));
    const progress = createProgressLine(context.stderr, kind, () => context.now().getTime());
    try {
      const found = await findDigest({
        word: args[0]!,
        kind,
        isCanonical: flags.boolean('canonical'),
        storeLocation: storeLocation(context, flags),
        platforms: platforms(flags),
        exclusions: exclusions(flags),
        startedNs: BigInt(context.now().getTime()) * 1_000_000n,
        signal: context.signal,
        onProgress: (counts) => progress.update(counts, null),
        write: (latin1) => output.write(latin1),
      });
      progress.done();
      const label = found.variant === null ? kind : `${kind} (${found.variant})`;
      if (kind !== 'composefs-dump')
        await output.write(
          flags.boolean('json')
            ? `${JSON.stringify({ kind, variant: found.variant, digest: found.digest, ...found.image })}\n`
            : `${found.digest}  ${label}\n`,
        );
      await output.finish();
      for (const { code, path, detail } of found.diagnostics)
        context.stderr.write(
          `${code} ${path === null ? '' : displayPath(path)}: ${displayMessage(detail)}\n`,
        );
      return found.diagnostics.length === 0 ? EXIT.clean : EXIT.incomplete;
    } catch (error) {
      output.discard();
      throw error;
    } finally {
      progress.done();
    }
  },
});

function kindOf(flags: FlagValues): (typeof DIGEST_KINDS)[number] {
  const text = flags.string('kind') ?? 'tree';
  const kind = DIGEST_KINDS.find((known) => known === text);
  if (flags.boolean('canonical') && kind !== 'ostree-content')
    throw new AuditError('USAGE', '--canonical: expected --kind ostree-content with it');
  if (kind !== undefined) return kind;
  throw new AuditError(
    'USAGE',
    `--kind: expected ${DIGEST_KINDS.join(', ')}, found ${JSON.stringify(text)}`,
  );
}
