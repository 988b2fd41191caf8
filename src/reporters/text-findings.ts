/** The findings with their paths: contents in full as far as they fit, long lists of metadata by a sample. */

import { displayPath, displayText, isWithin } from '../core/path.js';
import type { Change, Finding, Report } from '../core/report.js';
import { countOf, formatBytes, formatCount } from '../util/format.js';
import { explanationLines } from './text-explanation.js';
import { changeLine } from './text-values.js';
import type { TextStyle } from './text-style.js';

/** How many more paths a list of changed contents shows than another one. */
const CONTENT_FACTOR = 10;
const MTIME_SAMPLE = 3;

export function* findingLines(
  report: Report,
  style: TextStyle,
  maxPaths: number,
): Generator<string> {
  const changesOf = new Map<string, Change[]>();
  for (const change of report.changes) {
    const known = changesOf.get(change.finding);
    if (known === undefined) changesOf.set(change.finding, [change]);
    else known.push(change);
  }
  let wasLine = false;
  for (const finding of report.findings) {
    const isLine = isOneLine(finding);
    if (!isLine || !wasLine) yield '';
    yield* oneFinding(finding, changesOf.get(finding.id) ?? [], style, maxPaths);
    wasLine = isLine;
  }
}

function* oneFinding(
  finding: Finding,
  changes: readonly Change[],
  style: TextStyle,
  maxPaths: number,
): Generator<string> {
  const { kind, basis, count, sizeBytes } = finding;
  const beside: ReadonlySet<string> = new Set(kind === 'metadata' ? [] : ['mtime']);
  const id = style.faint(`[${finding.id}]`);
  if (isOneLine(finding)) {
    yield `${style.strong(`${kind}:`)} ${changeLine(changes[0]!, beside)}  ${id}`;
    for (const line of explanationLines(finding, changes)) yield style.faint(line);
    return;
  }
  const total = `${countOf(count, 'path')}, ${formatBytes(sizeBytes)}`;
  yield `${style.strong(`${heading(finding)}:`)} ${total}  ${id}`;
  if (basis.kind === 'catalogue') yield style.faint(`  ${remedyText(basis)}`);
  for (const line of explanationLines(finding, changes)) yield style.faint(line);
  let rest = count;
  for (const { change, below } of items(finding, changes).slice(0, limitOf(finding, maxPaths))) {
    const more = below === 0 ? '' : `  and ${formatCount(below)} below`;
    yield `  ${changeLine(change, beside)}${more}`;
    rest -= 1 + below;
  }
  if (rest > 0) yield `  … ${formatCount(rest)} more (--format json lists all)`;
}

interface Item {
  readonly change: Change;
  /** Paths that came or went with it. */
  below: number;
}

/** A directory that came or went stands for all that it holds. */
function items({ kind }: Finding, changes: readonly Change[]): readonly Item[] {
  const all: Item[] = [];
  for (const change of changes) {
    const last = all.at(-1);
    const isPart =
      (kind === 'added' || kind === 'removed') &&
      last !== undefined &&
      isWithin(change.path, last.change.path);
    if (isPart) last.below += 1;
    else all.push({ change, below: 0 });
  }
  return all;
}

function isOneLine({ basis, count }: Finding): boolean {
  return basis.kind === 'directory' && count === 1;
}

function heading({ kind, basis, attributes }: Finding): string {
  switch (basis.kind) {
    case 'catalogue':
      return `${kind}: ${basis.what}`;
    case 'cause':
      return `${kind}: ${basis.cause}`;
    case 'package':
      return `package: ${displayText(basis.name ?? basis.manager)}${versionsText(basis)}`;
    case 'directory':
      return `${kind} below ${displayPath(basis.directory)}`;
    case 'link-set':
      return `links: ${setsText(basis.before.length)} -> ${setsText(basis.after.length)}`;
    case 'attributes':
      return `metadata: ${attributes.length === 1 ? 'only ' : ''}${attributes.join(', ')}`;
  }
}

function versionsText({
  name,
  before,
  after,
}: {
  readonly name: string | null;
  readonly before: string | null;
  readonly after: string | null;
}): string {
  if (name === null) return ', several in other versions';
  return ` ${displayText(before ?? 'none')} -> ${displayText(after ?? 'none')}`;
}

function setsText(sets: number): string {
  return sets === 0 ? 'no hard links' : sets === 1 ? 'one inode' : `${formatCount(sets)} inodes`;
}

function remedyText({
  remedy,
  rule,
}: {
  readonly remedy: string;
  readonly rule: string | null;
}): string {
  return rule === null ? remedy : `${remedy} (scrub rule ${rule})`;
}

function limitOf({ kind, attributes }: Finding, maxPaths: number): number {
  if (kind === 'content' || kind === 'type') return maxPaths * CONTENT_FACTOR;
  const isOnlyMtime = kind === 'metadata' && attributes.length === 1 && attributes[0] === 'mtime';
  return isOnlyMtime
    ? Math.min(maxPaths, maxPaths === Infinity ? Infinity : MTIME_SAMPLE)
    : maxPaths;
}
