/** Why the content of a file differs: a few lines of summary, then every difference that is kept. */

import type { ExplainedChange } from '../../core/explanation.js';
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
      ['owner', owner === null ? '' : ownerText(owner)],
      ...(explanation === null || finding === null ? [] : remedyRows(finding).slice(0, 1)),
    ],
    width,
  );
}

export function differenceLines(change: Change, width: number, glyphs: Glyphs): readonly Line[] {
  const { explanation } = change;
  if (explanation === null) return [];
  return [
    ...explanation.changes.flatMap((explained) =>
      explained.follows === null
        ? rootLines(explained, change, width, glyphs)
        : followLines(explained, width, glyphs),
    ),
    ...beyondLines(change, width),
  ];
}

/** In one line where it fits; else place, values and cause below one another. */
function rootLines(
  explained: ExplainedChange,
  change: Change,
  width: number,
  glyphs: Glyphs,
): readonly Line[] {
  const place = placeText(explained);
  const offset = offsetText(explained, glyphs.arrow);
  const [before, after] = valueTexts(explained, change);
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

/** Of many alike the report keeps a few, and the number of all. */
function beyondLines({ explanation }: Change, width: number): readonly Line[] {
  const kept = new Map<string, number>();
  for (const explained of explanation!.changes) {
    const key = keyOf(explained, explained.field.replace(/^(line|bytes) \d.*$/, '$1'));
    kept.set(key, (kept.get(key) ?? 0) + 1);
  }
  return explanation!.counts.flatMap((count) => {
    const more = count.count - (kept.get(keyOf(count, count.field)) ?? 0);
    if (more <= 0) return [];
    const text = `and ${formatCount(more)} more of ${safeBytes(count.field)} (${count.format}): ${count.cause}`;
    return wrapText(text, width).map((part): Line => [span(part, 'muted')]);
  });
}

function keyOf(
  { cause, confidence, format }: Pick<ExplainedChange, 'cause' | 'confidence' | 'format'>,
  field: string,
): string {
  return `${cause} ${confidence} ${format} ${field}`;
}
