/** The findings with their paths: contents in full as far as they fit, long lists of metadata by a sample. */

import { displayMessage, displayPath, displayText, isWithin } from '../core/path.js';
import type { Change, Finding, Report } from '../core/report.js';
import { countOf, formatBytes, formatCount } from '../util/format.js';
import { allDifferences, explanationLines } from './text-explanation.js';
import { natureText } from './text-summary.js';
import { changeLine } from './text-values.js';
import type { TextStyle } from './text-style.js';

/** How many more paths a list of changed contents shows than another one. */
const CONTENT_FACTOR = 10;
const MTIME_SAMPLE = 3;
const WIDTH = 80;

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
  const follow = report.findings.filter(({ nature }) => nature === 'consequence');
  for (const finding of report.findings) {
    if (finding.nature === 'consequence') continue;
    const isLine = isOneLine(finding);
    if (!isLine || !wasLine) yield '';
    yield* oneFinding(finding, changesOf.get(finding.id) ?? [], style, maxPaths);
    wasLine = isLine;
  }
  if (follow.length > 0) yield* consequences(follow, changesOf, style, maxPaths);
}

/** What follows from the findings above needs no lines of its own. */
function* consequences(
  findings: readonly Finding[],
  changesOf: ReadonlyMap<string, readonly Change[]>,
  style: TextStyle,
  maxPaths: number,
): Generator<string> {
  const all = findings.flatMap(({ id }) => changesOf.get(id) ?? []);
  const ids = findings.map(({ id }) => `[${id}]`).join(' ');
  yield '';
  yield `${style.strong('follow from the above:')} ${countOf(all.length, 'path')}  ${style.faint(ids)}`;
  for (const change of all.slice(0, maxPaths)) {
    const roots = new Set(change.explanation?.changes.flatMap(({ follows }) => follows ?? []));
    const [first] = roots;
    const more = roots.size > 1 ? ` and ${countOf(roots.size - 1, 'other')}` : '';
    yield `  ${displayPath(change.path)}${first === undefined ? '' : `  from ${displayMessage(first)}${more}`}`;
  }
  if (all.length > maxPaths) yield `  … ${formatCount(all.length - maxPaths)} more (--all)`;
}

function* oneFinding(
  finding: Finding,
  changes: readonly Change[],
  style: TextStyle,
  maxPaths: number,
): Generator<string> {
  const { kind, count, sizeBytes, nature } = finding;
  const beside: ReadonlySet<string> = new Set(kind === 'metadata' ? [] : ['mtime']);
  const id = style.faint(`[${finding.id}]`);
  const isSilent = nature === 'unknown' && changes.every(({ explanation }) => explanation === null);
  const why = isSilent ? '' : `, ${nature === 'unknown' ? 'unknown why' : natureText(nature)}`;
  const isLine = isOneLine(finding);
  const first = isLine
    ? `${kind}: ${changeLine(changes[0]!, beside)}`
    : `${heading(finding, changes)}: `;
  const rest = `${isLine ? '' : `${countOf(count, 'path')}, ${formatBytes(sizeBytes)}`}${why}`;
  const ending = `${rest}  ${id}`;
  if (`${first}${rest}  [${finding.id}]`.length <= WIDTH || isLine)
    yield `${style.strong(first)}${ending}`;
  else {
    yield style.strong(first.trimEnd());
    yield `  ${ending}`;
  }
  for (const line of explanationLines(finding, changes)) yield style.faint(line);
  let left = count;
  const all = maxPaths === Infinity;
  for (const { change, below } of items(finding, changes).slice(0, limitOf(finding, maxPaths))) {
    const more = below === 0 ? '' : `  and ${formatCount(below)} below`;
    if (!isLine) yield `  ${changeLine(change, beside)}${more}`;
    if (all) yield* allDifferences(change);
    left -= 1 + below;
  }
  if (left > 0) yield `  … ${formatCount(left)} more (--all lists them)`;
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

function heading({ kind, basis, attributes, title }: Finding, changes: readonly Change[]): string {
  switch (basis.kind) {
    case 'catalogue':
      return `${kind}: ${basis.what}`;
    case 'cause':
      return `${kind}: ${bare(title, changes)}`;
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

/** The title of a finding of one path begins with the path, which has a line of its own. */
function bare(title: string, changes: readonly Change[]): string {
  const prefix = changes.length === 1 ? `${displayPath(changes[0]!.path)}: ` : '';
  return title.startsWith(prefix) ? title.slice(prefix.length) : title;
}

function limitOf({ kind, attributes }: Finding, maxPaths: number): number {
  if (kind === 'content' || kind === 'type') return maxPaths * CONTENT_FACTOR;
  const isOnlyMtime = kind === 'metadata' && attributes.length === 1 && attributes[0] === 'mtime';
  return isOnlyMtime
    ? Math.min(maxPaths, maxPaths === Infinity ? Infinity : MTIME_SAMPLE)
    : maxPaths;
}
