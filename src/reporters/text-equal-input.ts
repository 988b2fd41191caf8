/** The same input gave another result: which files it is because of, and what causes them. */

import { causeTotals } from '../core/cause-totals.js';
import { displayPath, displayText } from '../core/path.js';
import type { Change, Report } from '../core/report.js';
import { countOf, formatCount } from '../util/format.js';
import type { TextStyle } from './text-style.js';

const SHOWN_PATHS = 5;
const SHOWN_CAUSES = 8;

export function* inputLines(report: Report, style: TextStyle): Generator<string> {
  for (const remark of report.remarks) {
    if (remark.kind !== 'equal-input') continue;
    const { input, value, output, before, after } = remark;
    yield '';
    yield style.strong(
      `equal ${displayText(input)} ${start(value)}, different ${displayText(output)} ${start(before)} -> ${start(after)}`,
    );
    yield* reasonLines(report);
  }
}

function* reasonLines(report: Report): Generator<string> {
  const telling = report.changes.filter((change) => !isTimeAlone(change));
  if (telling.length === 0) {
    yield '  no difference was seen in the files that could be compared';
    return;
  }
  const shown = telling.slice(0, SHOWN_PATHS).map(({ path }) => displayPath(path));
  const more = telling.length - shown.length;
  const rest = more === 0 ? [] : [`${formatCount(more)} more`];
  yield `  because of ${countOf(telling.length, 'path')}: ${[...shown, ...rest].join(', ')}`;
  const causes = causeTotals(report.findings);
  if (causes.length === 0) return;
  const told = causes
    .slice(0, SHOWN_CAUSES)
    .map(({ cause, count }) => `${cause} (${formatCount(count)})`);
  yield `  for these causes: ${told.join(', ')}`;
}

/** Digests of content are long; commits and inputs are told by how they start. */
function start(text: string): string {
  const shown = displayText(text);
  return /^[0-9a-f]{40,}$/.test(shown) ? `${shown.slice(0, 12)}…` : shown;
}

/** No result has times of files in it. */
function isTimeAlone({ attributes, kind }: Change): boolean {
  return kind === 'changed' && attributes.every(({ attribute }) => attribute === 'mtime');
}
