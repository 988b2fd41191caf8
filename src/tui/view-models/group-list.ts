/** The list of groups: all changes first, then the findings that hold a change of the shown kinds. */

import { formatBytes, formatCount } from '../../util/format.js';
import { span, type Line } from '../text/line.js';
import { safeText } from '../text/safe.js';
import { displayWidth, padStart, truncateEnd } from '../text/width.js';
import {
  hasKind,
  KIND_LETTERS,
  KIND_TOKENS,
  kindOfFinding,
  SHOWN_KINDS,
  type KindMask,
} from './change-kind.js';
import type { ChangeIndex } from './change-index.js';
import { NATURE_LETTERS } from './explanation-words.js';
import { indexFor, type Model } from './model.js';
import { ANY_WHY, type Why } from './why-filter.js';

/** Stands for "all changes" among the positions of findings. */
export const ALL_GROUPS = -1;

/** Positions of findings in the report's order, `ALL_GROUPS` first. */
export function groupList(model: Model, kinds: KindMask, why: Why = ANY_WHY): Int32Array {
  const { report } = model;
  const index = indexFor(model, why);
  const groups = [ALL_GROUPS];
  for (let finding = 0; finding < report.findings.length; finding++)
    if (countIn(index.kindCounts, finding, kinds) > 0) groups.push(finding);
  return Int32Array.from(groups);
}

export function groupTitle({ report }: Model, group: number): string {
  return group === ALL_GROUPS ? 'All changes' : safeText(report.findings[group]!.title);
}

export function groupRow(
  model: Model,
  group: number,
  view: { readonly kinds: KindMask; readonly width: number; readonly why?: Why },
): Line {
  const { report } = model;
  const index = indexFor(model, view.why ?? ANY_WHY);
  const finding = report.findings[group];
  const count = finding ? countIn(index.kindCounts, group, view.kinds) : allIn(index, view.kinds);
  const size = finding ? countIn(index.kindSizes, group, view.kinds) : allSizes(index, view.kinds);
  const kind = finding === undefined ? null : kindOfFinding(finding);
  const numbers = `${padStart(formatCount(count), COUNT_WIDTH)} ${padStart(formatBytes(size), SIZE_WIDTH)}  `;
  const title = groupTitle(model, group);
  const room = view.width - 4 - displayWidth(numbers);
  return [
    kind === null ? span('* ') : span(`${KIND_LETTERS[kind]} `, KIND_TOKENS[kind]),
    span(finding === undefined ? '  ' : `${NATURE_LETTERS[finding.nature]} `, 'muted'),
    span(numbers, 'muted'),
    span(truncateEnd(title, room, model.glyphs.ellipsis), kind === null ? 'strong' : 'plain'),
  ];
}

/** Sums what `kindCounts` or `kindSizes` hold for a finding over the shown kinds. */
function countIn(values: Uint32Array | Float64Array, finding: number, kinds: KindMask): number {
  let sum = 0;
  for (let code = 0; code < SHOWN_KINDS.length; code++)
    if (hasKind(kinds, code)) sum += values[finding * SHOWN_KINDS.length + code]!;
  return sum;
}

function allIn(index: ChangeIndex, kinds: KindMask): number {
  return index.totals.reduce((sum, count, code) => sum + (hasKind(kinds, code) ? count : 0), 0);
}

function allSizes(index: ChangeIndex, kinds: KindMask): number {
  return index.totalSizes.reduce((sum, size, code) => sum + (hasKind(kinds, code) ? size : 0), 0);
}

const COUNT_WIDTH = 8;
const SIZE_WIDTH = 9;
