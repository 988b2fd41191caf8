/** `repro-audit show`: everything that is recorded of a build but its files. */

import { showBuild, type ShownBuild } from '../../app/show.js';
import type { CaptureSet } from '../../core/capture.js';
import { AuditError, EXIT } from '../../core/errors.js';
import { jsonPath } from '../../core/json-path.js';
import { displayMessage, displayPath, displayText } from '../../core/path.js';
import { formatBytes, formatCount } from '../../util/format.js';
import { formatTable } from '../../util/table.js';
import { defineCommand, type CommandContext } from '../define.js';
import { storeFlag, storeLocation } from '../flags.js';
import { appliedEditJson } from '../scrubbed.js';

export const show = defineCommand({
  name: 'show',
  summary: 'show what is recorded of a build: circumstances, digests, edits, gaps',
  usage: 'BUILD [--edits] [--json] [--db FILE]',
  details: 'BUILD is a name, @latest, @previous or STREAM@latest.',
  flags: {
    ...storeFlag,
    edits: { type: 'boolean', help: 'list every edit that scrub made before recording' },
    json: { type: 'boolean', help: 'print everything as JSON' },
  },
  run: async (context, { args, flags }) => {
    if (args.length !== 1)
      throw new AuditError('USAGE', `show: expected one BUILD, found ${args.length}`);
    const shown = await showBuild(storeLocation(context, flags), args[0]!);
    if (flags.boolean('json'))
      context.stdout.write(`${JSON.stringify(buildJson(shown), null, 2)}\n`);
    else printBuild(context, shown, flags.boolean('edits'));
    return EXIT.clean;
  },
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function printBuild(
  context: CommandContext,
  { build, treeDigest, noTreeDigest }: ShownBuild,
  withEdits: boolean,
): void {
  const { facts, meta } = build;
  const artifact = build.artifacts[0]!;
  const rows: [string, string][] = [
    ['build', build.name],
    ['stream', build.stream],
    ['recorded', `${facts.startedAt} to ${facts.endedAt}`],
    ['source', `${facts.source}${facts.fileSystem === null ? '' : ` (${facts.fileSystem})`}`],
    ['entries', `${formatCount(artifact.entryCount)}, ${formatBytes(artifact.sizeBytes)}`],
    [
      'tree digest',
      treeDigest === null ? `none: ${noTreeDigest ?? ''}` : `sha256:${hex(treeDigest)}`,
    ],
    ['full digest', hex(artifact.fullDigest)],
    ['content digest', hex(artifact.contentDigest)],
    ['captured', capturedText(artifact.capture)],
    ...artifact.capture.exclusions.map(({ pattern, reason }): [string, string] => [
      'excluded',
      `${pattern}: ${reason}`,
    ]),
    ...artifact.capture.mountPoints.map((path): [string, string] => [
      'mount point',
      displayPath(path),
    ]),
    [
      'SOURCE_DATE_EPOCH',
      facts.sourceDateEpoch === null ? 'not set' : String(facts.sourceDateEpoch),
    ],
    ['host', `${facts.hostName}, ${facts.kernel}, ${facts.architecture}`],
    [
      'user',
      `${facts.user} (${facts.uid}:${facts.gid}), umask ${facts.umask.toString(8).padStart(4, '0')}`,
    ],
    ['locale, zone', `${facts.locale}, ${facts.timeZone}`],
    ['cpu', `${facts.cpuCount} x ${facts.cpuModel}`],
    ['packages', formatCount(build.packages.length)],
    ...Object.entries(meta).map(([key, value]): [string, string] => [
      `meta ${key}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
    ['edits', formatCount(build.edits.length)],
    ['gaps', formatCount(build.artifacts.flatMap(({ diagnostics }) => diagnostics).length)],
    ...build.artifacts
      .slice(1)
      .map((other): [string, string] => [
        `artifact ${other.name}`,
        `${other.role}, ${formatCount(other.entryCount)} entries, ${formatBytes(other.sizeBytes)}, content digest ${hex(other.contentDigest)}`,
      ]),
  ];
  context.stdout.write(
    formatTable(rows.map(([label, text]) => [displayMessage(label), displayMessage(text)])),
  );
  for (const { name, diagnostics } of build.artifacts)
    for (const { code, path, detail } of diagnostics) {
      const where = path === null ? '' : displayPath(path);
      const of = build.artifacts.length === 1 ? where : `${displayText(name)} ${where}`;
      context.stdout.write(`  ${code} ${of}: ${displayMessage(detail)}\n`);
    }
  if (withEdits)
    for (const { kind, path, rule, reason } of build.edits)
      context.stdout.write(`  ${kind} ${displayPath(path)} (${rule}): ${displayMessage(reason)}\n`);
}

function capturedText({ digests, xattrs, omissions = [], lists }: CaptureSet): string {
  const digest = digests.length === 0 ? 'no digests' : digests.join(' and ');
  const parts = [lists === undefined ? digest : `contents alone, by ${digest}`, `xattrs ${xattrs}`];
  for (const { attribute, entries, isAll } of omissions)
    parts.push(isAll ? `no ${attribute}` : `no ${attribute} of ${formatCount(entries)}`);
  return parts.join(', ');
}

function buildJson({ build, treeDigest }: ShownBuild): object {
  return {
    name: build.name,
    stream: build.stream,
    keep: build.keep,
    facts: build.facts,
    meta: build.meta,
    artifacts: build.artifacts.map((artifact, i) => ({
      name: artifact.name,
      role: artifact.role,
      mediaType: artifact.mediaType,
      treeDigest: i > 0 || treeDigest === null ? null : `sha256:${hex(treeDigest)}`,
      contentDigest: hex(artifact.contentDigest),
      fullDigest: hex(artifact.fullDigest),
      entries: artifact.entryCount,
      sizeBytes: artifact.sizeBytes,
      capture: { ...artifact.capture, mountPoints: artifact.capture.mountPoints.map(jsonPath) },
      diagnostics: artifact.diagnostics.map(({ code, path, detail }) => ({
        code,
        ...(path === null ? { path: null } : jsonPath(path)),
        detail,
      })),
    })),
    packages: build.packages,
    edits: build.edits.map(appliedEditJson),
  };
}
