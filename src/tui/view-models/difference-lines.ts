/** Why the content of a file differs: a few lines of summary, then every difference that is kept. */

import type { ExplainedChange, Explanation } from '../../core/explanation.js';
import type { Change, Finding } from '../../core/report.js';
import { formatCount } from '../../util/format.js';
import type { Glyphs } from '../text/glyphs.js';
import { span, type Line } from '../text/line.js';
import { safeBytes } from '../text/safe.js';
import { displayWidth, wrapText } from '../text/width.js';
import {
  causeText,
  offsetText,
  ownerText,
  placeText,
  problemTexts,
  statusText,
  valueTexts,
} from './explanation-words.js';
import { labelled, remedyRows } from './finding-lines.js';

/** Status, owner and remedy; nothing for a change of which nothing is known. */
export function whyLines(change: Change, finding: Finding | null, width: number): readonly Line[] {
  const { explanation, owner } = change;
  if (explanation === null && owner === null) return [];
  return labelled(
    [
      ['why', explanation === null ? '' : statusText(explanation)],
      ...problemTexts(explanation).map((text) => ['partial', text] as const),
      ['owner', owner === null ? '' : ownerText(owner)],
      ...(explanation === null || finding === null ? [] : remedyRows(finding).slice(0, 1)),
    ],
    width,
  );
}

/** Of many alike the report keeps a few and the number of all, which stands below them. */
export function differenceLines(
  explanation: Explanation | null,
  width: number,
  glyphs: Glyphs,
): readonly Line[] {
  if (explanation === null) return [];
  const more = new Map(explanation.counts.map((count) => [keyOf(count, count.field), count.count]));
  for (const explained of explanation.changes) {
    const key = keyOf(explained, kindOfField(explained));
    more.set(key, (more.get(key) ?? 0) - 1);
  }
  const lines: Line[] = [];
  const { changes } = explanation;
  for (const [i, explained] of changes.entries()) {
    const own =
      explained.follows === null
        ? rootLines(explained, width, glyphs)
        : followLines(explained, width, glyphs);
    for (const line of own) lines.push(line);
    const key = keyOf(explained, kindOfField(explained));
    const next = changes[i + 1];
    if (next !== undefined && keyOf(next, kindOfField(next)) === key) continue;
    lines.push(...moreLines(more.get(key) ?? 0, kindOfField(explained), explained, width));
    more.delete(key);
  }
  for (const count of explanation.counts)
    lines.push(...moreLines(more.get(keyOf(count, count.field)) ?? 0, count.field, count, width));
  return lines;
}

type Alike = Pick<ExplainedChange, 'cause' | 'confidence' | 'format'>;

function moreLines(
  more: number,
  field: string,
  { format, cause }: Alike,
  width: number,
): readonly Line[] {
  if (more <= 0) return [];
  const text = `and ${formatCount(more)} more of ${safeBytes(field)} (${format}): ${cause}`;
  return wrapText(text, width - 2).map((part): Line => [span('  '), span(part, 'muted')]);
}

function keyOf({ cause, confidence, format }: Alike, field: string): string {
  return `${cause} ${confidence} ${format} ${field}`;
}

/** As the counts have it: all lines of a text are alike. */
function kindOfField({ field }: ExplainedChange): string {
  return field.replace(/^(line|bytes) \d.*$/, '$1');
}

/** In one line where it fits; else place, values and cause below one another. */
function rootLines(explained: ExplainedChange, width: number, glyphs: Glyphs): readonly Line[] {
  const place = placeText(explained);
  const offset = offsetText(explained, glyphs.arrow);
  const [before, after] = valueTexts(explained);
  const cause = causeText(explained);
  const isUnknown = explained.cause === 'unknown';
  const values: Line = [
    span(before, 'before'),
    span(` ${glyphs.arrow} `, 'muted'),
    span(after, 'after'),
  ];
  const valuesWidth = displayWidth(before) + displayWidth(after) + 2 + glyphs.arrow.length;
  const sign = span('~ ', isUnknown ? 'warning' : 'modified');
  const why = span(cause, isUnknown ? 'warning' : 'muted');
  const head = displayWidth(place) + displayWidth(offset) + 2;
  if (head + 2 + valuesWidth + 2 + displayWidth(cause) <= width)
    return [[sign, span(place), span(offset, 'muted'), span('  '), ...values, span('  '), why]];
  return [
    ...wrapText(place + offset, width - 2).map((text, i): Line => [
      i === 0 ? sign : span('  '),
      span(text),
    ]),
    ...(valuesWidth + 4 <= width
      ? [[span('    '), ...values]]
      : [...indented(`- ${before}`, width, 'before'), ...indented(`+ ${after}`, width, 'after')]),
    ...indented(cause, width, isUnknown ? 'warning' : 'muted'),
  ];
}

function indented(text: string, width: number, token: 'before' | 'after' | 'muted' | 'warning') {
  return wrapText(text, width - 4).map((part): Line => [span('    '), span(part, token)]);
}

function followLines(explained: ExplainedChange, width: number, glyphs: Glyphs): readonly Line[] {
  const text = `${placeText(explained)}${offsetText(explained, glyphs.arrow)}  ${causeText(explained)}`;
  return wrapText(text, width - 4).map((part, i): Line => [
    span(i === 0 ? '  ' : '    '),
    span(part, 'muted'),
  ]);
}
