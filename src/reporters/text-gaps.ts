/** What the verdict does not speak of: gaps first, then what was declared beforehand, then other diagnostics. */

import { displayPath, displayText } from '../core/path.js';
import type { NotCompared, Report } from '../core/report.js';
import { formatCount } from '../util/format.js';
import type { TextStyle } from './text-style.js';

export function* gapLines(report: Report, style: TextStyle, maxPaths: number): Generator<string> {
  const gaps = report.notCompared.filter(({ declared }) => !declared);
  const declared = report.notCompared.filter((each) => each.declared);
  yield* section('could not be compared', gaps.map(gapText), style, maxPaths);
  yield* section('not compared, as declared', declared.map(gapText), style, maxPaths);
  yield* section('diagnostics', otherDiagnostics(report), style, maxPaths);
  if (report.contentBy === 'xxh64') {
    yield '';
    yield 'contents were compared by XXH64, which tells accidents apart but not an adversary';
  }
}

function* section(
  title: string,
  lines: readonly string[],
  style: TextStyle,
  maxPaths: number,
): Generator<string> {
  if (lines.length === 0) return;
  yield '';
  yield `${style.strong(title)}: ${formatCount(lines.length)}`;
  for (const line of lines.slice(0, maxPaths)) yield `  ${line}`;
  if (lines.length > maxPaths)
    yield `  … ${formatCount(lines.length - maxPaths)} more (--all, or --format json)`;
}

function gapText({ path, pattern, side, what, reason }: NotCompared): string {
  const where =
    path !== null ? displayPath(path) : pattern !== null ? displayText(pattern) : 'everywhere';
  return `${where}  ${what}, ${side === 'both' ? 'both sides' : side}: ${displayText(reason)}`;
}

/** Those that are not among the gaps already. */
function otherDiagnostics({ diagnostics, notCompared }: Report): readonly string[] {
  const told = new Set(notCompared.map(({ path }) => path));
  return diagnostics
    .filter(({ path, code }) => code === 'not-rewritable' || !told.has(path))
    .map(
      ({ side, code, path, detail }) =>
        `${path === null ? 'everywhere' : displayPath(path)}  ${code}, ${side}: ${displayText(detail)}`,
    );
}
