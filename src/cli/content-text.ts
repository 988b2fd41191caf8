/** What `diff --content` prints: metadata, then lines or bytes. Nothing of a file reaches the terminal unescaped. */

import type { ContentDiff, ContentDiffs, ContentView } from '../app/content/content-diff.js';
import { ROW_BYTES, type HexDiff, type HexRow } from '../app/content/hex-diff.js';
import type { TextHunk } from '../app/content/text-diff.js';
import { displayBytes, displayMessage, displayPath } from '../core/path.js';
import type { AttributeChange, Report } from '../core/report.js';
import { ownerText } from '../reporters/text-explanation.js';
import { formatCount } from '../util/format.js';

export function* contentLines({ report, files }: ContentDiffs): Generator<string> {
  for (const [i, file] of files.entries()) {
    if (i > 0) yield '';
    yield* fileLines(file, report);
  }
}

function* fileLines({ path, change, content }: ContentDiff, report: Report): Generator<string> {
  yield `${displayPath(path)}: ${change?.kind ?? 'the same on both sides'}`;
  if (change !== null) {
    if (change.owner !== null) yield `  owner: ${displayMessage(ownerText(change.owner))}`;
    for (const attribute of change.attributes) yield `  ${attributeText(attribute)}`;
  }
  if (content.kind === 'text' || content.kind === 'binary') {
    yield `--- ${report.before.name}${displayPath(path)}`;
    yield `+++ ${report.after.name}${displayPath(path)}`;
  }
  yield* viewLines(content);
}

/** Targets and values are bytes, the rest is safe to print. */
function attributeText({ attribute, name, before, after }: AttributeChange): string {
  const isBytes = attribute === 'target' || attribute === 'xattr';
  const shown = (value: string | null): string =>
    value === null ? 'none' : isBytes ? displayBytes(value) : displayMessage(value);
  const label = name === null ? attribute : `${attribute} ${displayBytes(name)}`;
  return `${label}: ${shown(before)} -> ${shown(after)}`;
}

function* viewLines(content: ContentView): Generator<string> {
  switch (content.kind) {
    case 'same':
      return;
    case 'text':
      yield* textLines(content.hunks);
      return;
    case 'binary':
      yield* hexLines(content.diff);
      return;
    case 'refused':
      yield `  content is not shown: ${displayMessage(content.reason)}`;
      return;
    case 'unavailable':
      for (const { side, build, reason } of content.sides)
        yield `  content ${side} (${build}) is not at hand: ${displayMessage(reason)}`;
      yield '  record builds with --keep-content SIZE (such as 64M), or keep their trees';
  }
}

function* textLines(hunks: readonly TextHunk[]): Generator<string> {
  const show = lineEscaper(hunks);
  for (const { before, after, lines } of hunks) {
    yield `@@ -${before.start},${before.count} +${after.start},${after.count} @@`;
    for (const line of lines)
      yield line.startsWith('\\') ? line : `${line[0]}${show(line.slice(1))}`;
  }
}

/** Backslashes and tabs stay as they are, unless two different lines would then look alike. */
function lineEscaper(hunks: readonly TextHunk[]): (line: string) => string {
  const byText = new Map<string, string>();
  for (const { lines } of hunks)
    for (const marked of lines) {
      const line = marked.slice(1);
      const text = relaxed(line);
      if ((byText.get(text) ?? line) !== line) return displayBytes;
      byText.set(text, line);
    }
  return relaxed;
}

function relaxed(line: string): string {
  return displayBytes(line).replace(
    /\\(\\|t|n|r|x[0-9a-f]{2}|u\{[0-9a-f]+\})/g,
    (all, what: string) => (what === '\\' ? '\\' : what === 't' ? '\t' : all),
  );
}

function* hexLines({ regions, changedBytes, omittedRows, equalTail }: HexDiff): Generator<string> {
  for (const region of regions) {
    yield `@@ 0x${hex(region[0]!.offset, 1)} @@`;
    for (const row of region) yield* rowLines(row);
  }
  const rest = omittedRows > 0 ? `, ${formatCount(omittedRows)} more lines of 16 differ` : '';
  yield `${formatCount(changedBytes)} ${changedBytes === 1 ? 'byte differs' : 'bytes differ'}${rest}`;
  if (equalTail > 0)
    yield `the sizes differ; the last ${formatCount(equalTail)} bytes of both are the same`;
}

function* rowLines({ offset, before, after, isChanged }: HexRow): Generator<string> {
  if (!isChanged) {
    yield ` ${rowText(offset, before ?? after!)}`;
    return;
  }
  if (before !== null) yield `-${rowText(offset, before)}`;
  if (after !== null) yield `+${rowText(offset, after)}`;
  if (before !== null && after !== null) yield marks(before, after);
}

const OFFSET_DIGITS = 8;

function rowText(offset: number, bytes: Uint8Array): string {
  const digits = Array.from(bytes, (byte) => hex(byte, 2)).join(' ');
  const text = Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
  ).join('');
  return ` ${hex(offset, OFFSET_DIGITS)}  ${digits.padEnd(ROW_BYTES * 3 - 1)}  |${text}|`;
}

/** `^^` below the bytes that differ. */
function marks(before: Uint8Array, after: Uint8Array): string {
  const length = Math.max(before.length, after.length);
  const below = Array.from({ length }, (_, i) => (before[i] === after[i] ? '  ' : '^^'));
  return `${' '.repeat(OFFSET_DIGITS + 4)}${below.join(' ')}`.trimEnd();
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
