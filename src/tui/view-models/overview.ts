/** The head of the screen: the two builds, the verdict, what changed, and in what circumstances. */

import type { Remark, Report, ReportSide } from '../../core/report.js';
import { countOf, formatBytes, formatCount } from '../../util/format.js';
import { humanTime } from '../text/humanise.js';
import { span, type Line, type Span } from '../text/line.js';
import { safeText } from '../text/safe.js';
import { displayWidth, lineWidthOf, padEnd, truncateMiddle } from '../text/width.js';
import { KIND_LETTERS, KIND_TOKENS, SHOWN_KINDS, type ShownKind } from './change-kind.js';
import { circumstanceLabel } from './circumstance-label.js';
import type { Model } from './model.js';

export const KIND_NAMES = {
  added: 'added',
  removed: 'removed',
  modified: 'modified',
  metadata: 'metadata only',
} as const satisfies Record<ShownKind, string>;

/** Names and verdict in one line. */
export function titleLine(model: Model, width: number): Line {
  const { report, glyphs, artifacts } = model;
  const verdict = verdictSpans(report);
  const artifact = safeText(report.artifact.name);
  const arrow = `  ${glyphs.arrow}  `;
  const taken = artifacts.length === 0 ? 0 : displayWidth(artifact) + 2;
  const room = Math.max(6, width - lineWidthOf(verdict) - arrow.length - taken - 3);
  const name = (text: string): Span =>
    span(truncateMiddle(safeText(text), Math.floor(room / 2), glyphs.ellipsis), 'title');
  const names = [
    span(' '),
    name(nameOf(report.before, 'before')),
    span(arrow, 'muted'),
    name(nameOf(report.after, 'after')),
    ...(artifacts.length === 0 ? [] : [span(`  ${artifact}`, 'strong')]),
  ];
  const gap = width - lineWidthOf(names) - lineWidthOf(verdict) - 1;
  return [...names, span(' '.repeat(Math.max(1, gap))), ...verdict];
}

/** Directories that were compared without being recorded have no name of their own; then where they lie says more. */
function nameOf({ name, location }: ReportSide, side: 'before' | 'after'): string {
  return name === side ? location : name;
}

/** `A 12 added  R 3 removed ...` */
export function countsLine({ report, index }: Model): Line {
  return [
    span(' '),
    ...SHOWN_KINDS.flatMap((kind, code): readonly Span[] => [
      span(KIND_LETTERS[kind], KIND_TOKENS[kind]),
      span(` ${formatCount(index.totals[code]!)}`, index.totals[code] === 0 ? 'muted' : 'strong'),
      span(` ${KIND_NAMES[kind]}  `, 'muted'),
    ]),
    span(`${formatCount(report.summary.unchanged)} unchanged`, 'muted'),
  ];
}

/** One line each for the build before and the build after. */
export function sideLines({ report }: Model): readonly Line[] {
  const cells = (
    [
      ['before', report.before],
      ['after', report.after],
    ] as const
  ).map(([label, side]) => [
    label,
    humanTime(safeText(side.facts.startedAt)).replace(/:\d\d(\.\d+)? UTC$/, ' UTC'),
    countOf(side.entryCount, 'path'),
    formatBytes(side.sizeBytes),
    side.edits.length === 0 ? 'not scrubbed' : `scrubbed: ${countOf(side.edits.length, 'edit')}`,
    safeText(side.stream),
  ]);
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((row) => displayWidth(row[i]!))));
  return cells.map((row) => [
    span(' '),
    ...row.map((cell, i) => span(padEnd(cell, widths[i]! + 2), i === 0 ? 'muted' : 'plain')),
  ]);
}

/** Names of the circumstances that differ, as many as fit. */
export function circumstancesLine({ report, glyphs }: Model, width: number): Line {
  const differing = report.circumstances;
  if (differing.length === 0) return [span(' same circumstances in both builds', 'muted')];
  const names = differing.filter(({ group }) => group !== 'packages').map(circumstanceLabel);
  const packages = differing.length - names.length;
  if (packages > 0) names.unshift(countOf(packages, 'package'));
  const total = ` ${countOf(differing.length, 'circumstance')} ${differing.length === 1 ? 'differs' : 'differ'}: `;
  let text = '';
  for (const [i, name] of names.entries()) {
    const next = `${i === 0 ? '' : ', '}${name}`;
    const more = i === names.length - 1 ? '' : ` ${glyphs.ellipsis}`;
    if (displayWidth(total + text + next + more) > width)
      return [span(total, 'muted'), span(`${text} ${glyphs.ellipsis}`)];
    text += next;
  }
  return [span(total, 'muted'), span(text)];
}

/** The verdict in a sentence. */
export function verdictText({
  verdict,
  complete,
  container,
}: Pick<Report, 'verdict' | 'complete' | 'container'>): string {
  const rest = complete ? '' : ' Not everything could be compared.';
  switch (verdict) {
    case 'same':
      return 'The builds are the same in all that was compared.';
    case 'different':
      return container?.verdict === 'same-content'
        ? 'The archives have the same content in other bytes.'
        : `The builds differ.${rest}`;
    case 'incomplete':
      return 'No difference was seen, but not everything could be compared.';
  }
}

/** What follows from several circumstances together, in a sentence. */
export function remarkText(remark: Remark): string {
  if (remark.kind === 'layers') {
    const { changed, layers, sizeBytes, downloadBytes } = remark;
    return `A client with the image before downloads ${formatCount(changed.length)} of ${formatCount(layers)} layers: ${formatBytes(downloadBytes)} of ${formatBytes(sizeBytes)}.`;
  }
  return safeText(
    `Equal ${remark.input} (${remark.value}), different ${remark.output}: ${remark.before} and ${remark.after}.`,
  );
}

function verdictSpans({ verdict, complete, container }: Report): Line {
  const rest = complete ? [] : [span(' (incomplete)', 'warning')];
  switch (verdict) {
    case 'same':
      return [span('same', 'good'), ...rest];
    case 'different':
      return container?.verdict === 'same-content'
        ? [span('same content, other bytes', 'warning'), ...rest]
        : [span('different', 'warning'), ...rest];
    case 'incomplete':
      return [span('no difference seen', 'warning'), ...rest];
  }
}
