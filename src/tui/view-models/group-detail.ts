/** The page about a group: what its paths have in common, and the first of them. */

import { percentOf, type ExplainedShare } from '../../core/explained-share.js';
import type { Change, Finding } from '../../core/report.js';
import { countOf, formatCount } from '../../util/format.js';
import { span, type Line } from '../text/line.js';
import { safePath, safeText } from '../text/safe.js';
import { padStart, truncateMiddle, wrapText } from '../text/width.js';
import { archiveLines } from './archive-lines.js';
import { KIND_LETTERS, KIND_TOKENS, kindOfFinding, SHOWN_KINDS } from './change-kind.js';
import { findingLines } from './finding-lines.js';
import { changesOf } from './flat-list.js';
import type { Model } from './model.js';
import { KIND_NAMES, remarkText, verdictText } from './overview.js';

export function groupDetail(model: Model, group: number, width: number): readonly Line[] {
  const finding = model.report.findings[group];
  if (finding === undefined) return allDetail(model, width);
  const kind = kindOfFinding(finding);
  const changes = changesOf(model.index, group);
  return [
    ...wrapped(safeText(finding.title), width),
    [span(`${KIND_LETTERS[kind]} `, KIND_TOKENS[kind]), span(EXPLAINED[finding.kind], 'muted')],
    [],
    ...findingLines(finding, width, changesIn(model, changes)).slice(
      wrapText(safeText(finding.title), width - 10).length,
    ),
    [],
    ...Array.from(changes.subarray(0, SAMPLE), (change): Line => [
      span(truncateMiddle(safePath(model.pathOf(change)), width, model.glyphs.ellipsis)),
    ]),
    ...(changes.length > SAMPLE
      ? [[span(`and ${countOf(changes.length - SAMPLE, 'more path')}`, 'muted')]]
      : []),
  ];
}

function* changesIn({ report }: Model, changes: Uint32Array): Generator<Change> {
  for (const change of changes) yield report.changes[change]!;
}

function allDetail({ report, index, share, glyphs }: Model, width: number): readonly Line[] {
  const { before, after } = report;
  return [
    ...wrapped(verdictText(report), width),
    [],
    ...archiveLines(report.container, width, glyphs),
    ...SHOWN_KINDS.map((kind, code): Line => [
      span(`${KIND_LETTERS[kind]} `, KIND_TOKENS[kind]),
      span(`${padStart(formatCount(index.totals[code]!), 9)} ${KIND_NAMES[kind]}`),
    ]),
    [span(`  ${padStart(formatCount(report.summary.unchanged), 9)} unchanged`, 'muted')],
    [],
    ...shareLines(share, width),
    ...report.remarks.flatMap((remark) => [...wrapped(remarkText(remark), width), []]),
    ...[before, after].flatMap((side): readonly Line[] =>
      side.edits.length === 0
        ? []
        : wrapText(
            `${safeText(side.name)}: ${countOf(side.edits.length, 'edit')} by scrub before it was recorded`,
            width,
          ).map((part): Line => [span(part, 'muted')]),
    ),
  ];
}

/** How much of the contents is explained. */
function shareLines(
  { changed, byStatus, reasons }: ExplainedShare,
  width: number,
): readonly Line[] {
  const { explained, 'not-inspected': closed } = byStatus;
  if (changed.files === closed.files) return [];
  const percent = percentOf(explained.bytes, changed.bytes);
  const texts = [
    `${formatCount(explained.files)} of ${countOf(changed.files, 'changed content')} explained with high or medium confidence${percent === null ? '' : `, ${percent} of their bytes`}`,
    ...(byStatus.partly.files === 0 ? [] : [`${formatCount(byStatus.partly.files)} in part`]),
    ...(byStatus.unknown.files === 0 ? [] : [`${formatCount(byStatus.unknown.files)} unknown`]),
    ...(closed.files === 0
      ? []
      : [
          `${formatCount(closed.files)} not looked into: ${safeText(reasons[0]?.reason ?? '')}; --inspect all does, while the trees are there`,
        ]),
  ];
  return [...texts.flatMap((text) => wrapText(text, width).map((part): Line => [span(part)])), []];
}

function wrapped(text: string, width: number): readonly Line[] {
  return wrapText(text, width).map((part) => [span(part, 'strong')]);
}

/** Paths shown of a group. */
const SAMPLE = 100;

const EXPLAINED = {
  added: 'paths in the after build only',
  removed: 'paths in the before build only',
  content: 'content differs',
  type: 'the type of the file differs',
  metadata: 'same content, attributes differ',
  links: 'hard links differ',
} as const satisfies Record<Finding['kind'], string>;
