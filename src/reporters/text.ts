/**
 * The report for people who read pipes and CI logs: the verdict in one line, the two builds, what differs in their
 * circumstances, then the findings, contents first. Every name is escaped and nothing depends on colour.
 */

import { countOf, formatCount } from '../util/format.js';
import { isComplete, ownVerdict, type Report } from '../core/report.js';
import { defineReporter } from './define.js';
import { stream } from './stream.js';
import { absenceLine, headingLines, overallLine } from './text-artifacts.js';
import { circumstanceLines, sideLines } from './text-circumstances.js';
import { containerLines } from './text-container.js';
import { findingLines } from './text-findings.js';
import { inputLines } from './text-equal-input.js';
import { gapLines } from './text-gaps.js';
import { summaryLines } from './text-summary.js';
import { textStyle, type TextStyle } from './text-style.js';

const MAX_PATHS = 10;

export const text = defineReporter({
  id: 'text',
  mediaType: 'text/plain; charset=utf-8',
  extension: 'txt',
  write: (report, sink, { color = false, maxPaths = MAX_PATHS } = {}) =>
    stream(lines(report, textStyle(color), maxPaths ?? Infinity), sink),
});

function* lines(report: Report, style: TextStyle, maxPaths: number): Generator<string> {
  for (const line of allLines(report, style, maxPaths)) yield `${line}\n`;
}

function* allLines(report: Report, style: TextStyle, maxPaths: number): Generator<string> {
  const { artifacts } = report;
  yield style.strong(artifacts.length === 0 ? verdictLine(report) : overallLine(report));
  yield* inputLines(report, style);
  yield '';
  yield* sideLines(report);
  yield* circumstanceLines(report, style);
  if (artifacts.length > 0) yield* headingLines(report, verdictLine(report), style);
  yield* bodyLines(report, style, maxPaths);
  for (const { report: other, ...artifact } of artifacts) {
    const verdict = other === null ? absenceLine(artifact) : verdictLine(other);
    yield* headingLines({ artifact }, verdict, style);
    if (other !== null) yield* bodyLines(other, style, maxPaths);
  }
}

function* bodyLines(report: Report, style: TextStyle, maxPaths: number): Generator<string> {
  yield* containerLines(report, style, maxPaths);
  yield* findingLines(report, style, maxPaths);
  yield* gapLines(report, style, maxPaths);
  yield* summaryLines(report, style);
}

/** Of one artifact, whatever the others are. */
function verdictLine(report: Report): string {
  const { added, removed, changed, unchanged } = report.summary;
  const unseen = isComplete(report.notCompared) ? '' : '; not everything could be compared';
  switch (ownVerdict(report)) {
    case 'same':
      return `same: ${countOf(unchanged, 'path')} compared, no difference${leftOut(report)}`;
    case 'incomplete':
      return `incomplete: no difference seen in ${countOf(unchanged, 'path')}, but not everything could be compared`;
    case 'different': {
      if (report.changes.length === 0 && report.container?.verdict === 'same-content')
        return `different: the same content in other bytes; ${countOf(unchanged, 'path')} compared, no difference${leftOut(report)}`;
      const contents = report.changes.filter((change) =>
        change.attributes.some(({ attribute }) => attribute === 'content' || attribute === 'size'),
      ).length;
      const total = added + removed + changed + unchanged;
      const counts = [
        `${formatCount(added)} added`,
        `${formatCount(removed)} removed`,
        `${formatCount(changed)} changed, ${formatCount(contents)} of them in content`,
      ].join(', ');
      return `different: ${formatCount(added + removed + changed)} of ${countOf(total, 'path')} (${counts})${unseen}`;
    }
  }
}

/** Never more is claimed than was compared. */
function leftOut({ notCompared }: Report): string {
  const things = countOf(notCompared.length, 'thing');
  return notCompared.length === 0 ? '' : `; ${things} not compared, as declared (see below)`;
}
