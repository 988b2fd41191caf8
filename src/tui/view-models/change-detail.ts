/** The page about one changed path. */

import type { Change, Finding } from '../../core/report.js';
import type { Glyphs } from '../text/glyphs.js';
import { span, type Line, type Token } from '../text/line.js';
import { safePath } from '../text/safe.js';
import { displayWidth, padEnd, wrapText } from '../text/width.js';
import { attributeRows, type AttributeRow } from './attribute-table.js';
import { KIND_LETTERS, KIND_TOKENS, kindCode, SHOWN_KINDS } from './change-kind.js';
import { differenceLines, whyLines } from './difference-lines.js';
import { findingLines } from './finding-lines.js';

export function changeDetail(
  change: Change,
  finding: Finding | null,
  width: number,
  glyphs: Glyphs,
): readonly Line[] {
  const kind = SHOWN_KINDS[kindCode(change)]!;
  return [
    ...wrapText(safePath(change.path), width).map((text): Line => [span(text, 'strong')]),
    [span(`${KIND_LETTERS[kind]} `, KIND_TOKENS[kind]), span(describe(change), 'muted')],
    [],
    ...block(whyLines(change, finding, width)),
    ...block(differenceLines(change.explanation, width, glyphs)),
    ...tableLines(attributeRows(change), width, glyphs),
    ...(finding === null ? [] : [[], ...findingLines(finding, width)]),
  ];
}

function block(lines: readonly Line[]): readonly Line[] {
  return lines.length === 0 ? [] : [...lines, []];
}

function describe(change: Change): string {
  switch (change.kind) {
    case 'added':
      return `${change.type}, in the after build only`;
    case 'removed':
      return `${change.type}, in the before build only`;
    case 'changed':
      return `${change.type}, ${SHOWN_KINDS[kindCode(change)] === 'modified' ? 'modified' : 'same content, attributes differ'}`;
  }
}

/** One line per attribute where it fits, otherwise the label and old and new below it. */
function tableLines(rows: readonly AttributeRow[], width: number, glyphs: Glyphs): readonly Line[] {
  const labelWidth = Math.max(
    0,
    ...rows.map(({ label }) => displayWidth(label)).filter((length) => length <= LABEL_LIMIT),
  );
  const arrow = ` ${glyphs.arrow} `;
  const prefix = 2 + labelWidth + 2;
  const fits = (row: AttributeRow): boolean =>
    displayWidth(row.label) <= labelWidth &&
    prefix + lengthOf(row.before) + lengthOf(row.after) + arrow.length + lengthOf(row.note) + 2 <=
      width;
  const beforeWidth = Math.max(
    0,
    ...rows.filter((row) => row.sign === '~' && fits(row)).map((row) => lengthOf(row.before)),
  );
  return rows.flatMap((row): readonly Line[] => {
    if (!fits(row)) return stacked(row, width);
    const old = span(row.before ?? '', row.sign === '=' ? 'muted' : 'before');
    const now = span(row.after ?? '', row.sign === '=' ? 'muted' : 'after');
    const padded =
      prefix + beforeWidth + lengthOf(row.after) + arrow.length + lengthOf(row.note) + 2;
    const values =
      row.sign === '~'
        ? [
            span(padded <= width ? padEnd(old.text, beforeWidth) : old.text, 'before'),
            span(arrow, 'muted'),
            now,
          ]
        : [row.before === null ? now : old];
    return [[...heading(row, labelWidth), span('  '), ...values, ...noteSpans(row)]];
  });
}

function stacked(row: AttributeRow, width: number): readonly Line[] {
  const value = (sign: string, text: string | null, token: Token): readonly Line[] =>
    text === null
      ? []
      : wrapText(text, width - 6).map((part, i): Line => [
          span(i === 0 ? `    ${sign} ` : '      ', token),
          span(part, token),
        ]);
  return [
    [...heading(row, 0), ...noteSpans(row)],
    ...value(row.sign === '=' ? ' ' : '-', row.before, row.sign === '=' ? 'muted' : 'before'),
    ...value(row.sign === '=' ? ' ' : '+', row.after, row.sign === '=' ? 'muted' : 'after'),
  ];
}

function heading(row: AttributeRow, labelWidth: number): Line {
  const isSame = row.sign === '=';
  return [
    span(`${row.sign} `, isSame ? 'muted' : SIGN_TOKENS[row.sign]),
    span(padEnd(row.label, labelWidth), isSame ? 'muted' : 'plain'),
  ];
}

function noteSpans({ note }: AttributeRow): Line {
  return note === '' ? [] : [span('  '), span(note, 'muted')];
}

function lengthOf(text: string | null): number {
  return text === null ? 0 : displayWidth(text);
}

/** Labels longer than this (names of xattrs) stand on a line of their own. */
const LABEL_LIMIT = 10;

const SIGN_TOKENS = { '~': 'modified', '+': 'added', '-': 'removed' } as const satisfies Record<
  Exclude<AttributeRow['sign'], '='>,
  Token
>;
