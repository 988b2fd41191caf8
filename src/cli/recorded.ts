/** What a snapshot says when it is done. */

import type { KeptContent } from '../app/content/keep-content.js';
import type { RecordedBuild } from '../app/record.js';
import {
  displayBytes,
  displayMessage,
  displayPath,
  displayText,
  type TreePath,
} from '../core/path.js';
import { jsonPath } from '../core/json-path.js';
import { formatBytes, formatCount } from '../util/format.js';
import type { CommandContext } from './define.js';

/** Diagnostics shown one by one before the rest is counted. */
const SHOWN_DIAGNOSTICS = 10;

export function printRecorded(
  context: CommandContext,
  recorded: RecordedBuild,
  asJson: boolean,
): void {
  if (asJson) {
    context.stdout.write(`${JSON.stringify(recordedJson(recorded), null, 2)}\n`);
    return;
  }
  const { name, stream, entryCount, sizeBytes, cachedFiles, fullDigest } = recorded;
  const cached =
    cachedFiles > 0 ? `, ${formatCount(cachedFiles)} files unchanged since the last scan` : '';
  context.stdout.write(
    `${name} (${displayText(stream)}): ${formatCount(entryCount)} entries, ${formatBytes(sizeBytes)}${cached}\n` +
      `  root digest ${Buffer.from(fullDigest).toString('hex')}\n`,
  );
  for (const other of recorded.others)
    context.stdout.write(
      `  ${displayText(other.name)}: ${formatCount(other.entryCount)} entries, ${formatBytes(other.sizeBytes)}\n`,
    );
  printPartly(context, recorded);
  printContent(context, recorded.content);
  printDiagnostics(context, recorded, { what: 'recorded', rest: `repro-audit show ${name}` });
}

/** Files that could be looked into in part only, in one line. */
export function printPartly(
  context: CommandContext,
  { name, partlyInspected }: Pick<RecordedBuild, 'name' | 'partlyInspected'>,
): void {
  const [first] = partlyInspected;
  if (first === undefined) return;
  const path = displayBytes(first.path);
  const files = partlyInspected.length === 1 ? 'file was' : 'files were';
  context.stdout.write(
    `  ${formatCount(partlyInspected.length)} ${files} not understood whole: ${path} (${displayMessage(first.first)}); repro-audit inspect ${name}:PATH tells more\n`,
  );
}

/** What `--keep-content` kept, and what it refused. */
export function printContent(context: CommandContext, content: KeptContent | null): void {
  if (content === null) return;
  const { kept, bytes, refused, beyond, missed, failure } = content;
  const files = (count: number): string =>
    `${formatCount(count)} ${count === 1 ? 'file' : 'files'}`;
  const parts = [`kept the bytes of ${files(kept)}, ${formatBytes(bytes)}`];
  if (beyond.length > 0) parts.push(`no room for ${files(beyond.length)}`);
  if (missed > 0) parts.push(`${files(missed)} changed meanwhile`);
  context.stdout.write(`  ${parts.join('; ')}\n`);
  for (const { path, size } of beyond.slice(0, SHOWN_DIAGNOSTICS))
    context.stdout.write(`  no room: ${displayPath(path)}, ${formatBytes(size)}\n`);
  for (const { path, reason } of refused)
    context.stdout.write(`  not kept: ${displayPath(path)}: ${displayMessage(reason)}\n`);
  if (failure !== null)
    context.stderr.write(
      `repro-audit: the bytes of some files could not be kept: ${displayMessage(failure)}\n`,
    );
}

export function printDiagnostics(
  context: CommandContext,
  { diagnostics }: Pick<RecordedBuild, 'diagnostics'>,
  {
    what,
    rest: where,
  }: { readonly what: string; /** What lists them all. */ readonly rest: string },
): void {
  if (diagnostics.length === 0) return;
  context.stderr.write(
    `repro-audit: incomplete, ${formatCount(diagnostics.length)} could not be ${what}:\n`,
  );
  for (const { code, path, detail } of diagnostics.slice(0, SHOWN_DIAGNOSTICS)) {
    context.stderr.write(
      `  ${code} ${path === null ? '' : `${displayPath(path)}: `}${displayMessage(detail)}\n`,
    );
  }
  const rest = diagnostics.length - SHOWN_DIAGNOSTICS;
  if (rest > 0) context.stderr.write(`  and ${formatCount(rest)} more; ${where} lists them\n`);
}

function recordedJson(recorded: RecordedBuild): object {
  return {
    build: recorded.name,
    stream: recorded.stream,
    entries: recorded.entryCount,
    sizeBytes: recorded.sizeBytes,
    contentDigest: Buffer.from(recorded.contentDigest).toString('hex'),
    fullDigest: Buffer.from(recorded.fullDigest).toString('hex'),
    others: recorded.others.map(({ name, role, entryCount, sizeBytes, contentDigest }) => ({
      name,
      role,
      entries: entryCount,
      sizeBytes,
      contentDigest: Buffer.from(contentDigest).toString('hex'),
    })),
    cachedFiles: recorded.cachedFiles,
    inspectedFiles: recorded.inspectedFiles,
    partlyInspected: recorded.partlyInspected.map(({ path, problems, first }) => ({
      ...jsonPath(path as TreePath),
      problems,
      first,
    })),
    content: recorded.content === null ? null : contentJson(recorded.content),
    diagnostics: recorded.diagnostics.map(({ code, path, detail }) => ({
      code,
      ...(path === null ? { path: null } : jsonPath(path)),
      detail,
    })),
  };
}

function contentJson({ kept, bytes, refused, beyond, missed, failure }: KeptContent): object {
  return {
    kept,
    bytes,
    refused: refused.map(({ path, reason }) => ({ ...jsonPath(path), reason })),
    beyond: beyond.map(({ path, size }) => ({ ...jsonPath(path), size })),
    missed,
    failure,
  };
}
