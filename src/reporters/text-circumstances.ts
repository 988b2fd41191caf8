/** The two builds and what differs around them, short: the whole list is in the JSON. */

import { displayBytes, displayText } from '../core/path.js';
import type { CircumstanceChange, Remark, Report, ReportSide } from '../core/report.js';
import { formatBytes, formatCount } from '../util/format.js';
import { formatTable } from '../util/table.js';
import { shortened } from './text-values.js';
import type { TextStyle } from './text-style.js';

export function* sideLines(report: Report): Generator<string> {
  const { before, after } = report;
  const place = (side: ReportSide): string[] =>
    before.location === after.location ? [] : [displayText(side.location)];
  // Trees that were read for this report have no other name than their side.
  const isNamed = before.name !== 'before' || after.name !== 'after';
  const name = (side: ReportSide): string[] => (isNamed ? [displayText(side.name)] : []);
  const rows = [
    ['before', ...name(before), ...sideCells(before), ...place(before)],
    ['after', ...name(after), ...sideCells(after), ...place(after)],
  ];
  for (const line of formatTable(rows).trimEnd().split('\n')) yield `  ${line}`;
}

function sideCells(side: ReportSide): string[] {
  return [
    displayText(side.stream),
    displayText(side.facts.startedAt),
    `${formatCount(side.entryCount)} entries`,
    formatBytes(side.sizeBytes),
    ...(side.edits.length === 0 ? [] : [`${formatCount(side.edits.length)} scrub edits`]),
  ];
}

type Group = CircumstanceChange['group'];

const LABELS = {
  facts: 'facts',
  environment: 'environment',
  'os-release': 'os-release',
  tools: 'tools',
  meta: 'meta',
  packages: 'packages',
} as const satisfies Record<Group, string>;
const SHOWN_PER_GROUP = 4;
/** Differ between any two builds, and the lines above tell them already. */
const SELF_EVIDENT: ReadonlySet<string> = new Set(['startedAt', 'endedAt']);

export function* circumstanceLines(report: Report, style: TextStyle): Generator<string> {
  const { before, after } = report;
  // What was read for this report has its place in the lines above.
  const isPlaced = before.location === before.facts.source && after.location === after.facts.source;
  const telling = report.circumstances.filter(
    ({ group, name }) =>
      group !== 'facts' || !(SELF_EVIDENT.has(name) || (isPlaced && name === 'source')),
  );
  const remarks = report.remarks.flatMap(remarkLines);
  if (telling.length === 0 && remarks.length === 0) return;
  yield '';
  yield style.strong('circumstances that differ');
  for (const line of remarks) yield `  ${line}`;
  const groups = Object.keys(LABELS) as Group[];
  const width = Math.max(...groups.map((group) => group.length));
  for (const group of groups) {
    const changes = telling.filter((change) => change.group === group);
    if (changes.length === 0) continue;
    const shown = changes.slice(0, SHOWN_PER_GROUP).map(circumstanceText);
    const more = changes.length - shown.length;
    const rest = more === 0 ? [] : [`… ${formatCount(more)} more (--format json)`];
    yield `  ${LABELS[group].padEnd(width)}  ${[...shown, ...rest].join('; ')}`;
  }
}

function circumstanceText({ group, name, before, after }: CircumstanceChange): string {
  const label = displayText(name);
  if (group === 'packages' && before === null) return `+${label} ${value(after)}`;
  if (group === 'packages' && after === null) return `-${label} ${value(before)}`;
  return `${label} ${value(before)} -> ${value(after)}`;
}

function value(text: string | null): string {
  return text === null ? '(none)' : shortened(displayText(text));
}

const SHOWN_LAYERS = 5;

/** What follows from equal inputs is told at the top: see `text-equal-input.ts`. */
function remarkLines(remark: Remark): readonly string[] {
  if (remark.kind !== 'layers') return [];
  const { changed, layers, sizeBytes, downloadBytes } = remark;
  const shown = changed
    .slice(0, SHOWN_LAYERS)
    .map(({ name, sizeBytes: size }) => `${displayBytes(name)} ${formatBytes(size)}`);
  const more = changed.length - shown.length;
  const rest = more === 0 ? '' : ` and ${formatCount(more)} more`;
  return [
    `a client with the image before downloads ${formatCount(changed.length)} of ${formatCount(layers)} layers, ` +
      `${formatBytes(downloadBytes)} of ${formatBytes(sizeBytes)}: ${shown.join('; ')}${rest}`,
  ];
}
