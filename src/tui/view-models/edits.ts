/** What scrub changed before the builds were recorded: differences that nobody sees any more. */

import type { AppliedEdit } from '../../core/edit.js';
import type { Report } from '../../core/report.js';
import { formatBytes, formatTimeNs } from '../../util/format.js';
import type { Glyphs } from '../text/glyphs.js';
import { humanTime } from '../text/humanise.js';
import { span, type Line } from '../text/line.js';
import { safePath, safeText } from '../text/safe.js';
import { padEnd, truncateEnd, truncateMiddle, wrapText } from '../text/width.js';
import { labelled } from './finding-lines.js';

export interface SideEdit {
  readonly side: 'before' | 'after';
  readonly edit: AppliedEdit;
}

export function editsOf({ before, after }: Pick<Report, 'before' | 'after'>): readonly SideEdit[] {
  return [
    ...before.edits.map((edit): SideEdit => ({ side: 'before', edit })),
    ...after.edits.map((edit): SideEdit => ({ side: 'after', edit })),
  ];
}

export function editRow({ side, edit }: SideEdit, width: number, glyphs: Glyphs): Line {
  const room = width - SIDE_WIDTH - KIND_WIDTH - RULE_WIDTH;
  return [
    span(padEnd(side, SIDE_WIDTH), 'muted'),
    span(padEnd(edit.kind, KIND_WIDTH)),
    span(
      padEnd(truncateEnd(safeText(edit.rule), RULE_WIDTH - 2, glyphs.ellipsis), RULE_WIDTH),
      'muted',
    ),
    span(truncateMiddle(safePath(edit.path), room, glyphs.ellipsis)),
  ];
}

export function editDetail({ side, edit }: SideEdit, width: number): readonly Line[] {
  return [
    ...wrapText(safePath(edit.path), width).map((text): Line => [span(text, 'strong')]),
    [],
    ...labelled(
      [
        ['edit', edit.kind],
        ['side', `the ${side} build`],
        ['rule', `${safeText(edit.rule)}, version ${edit.ruleVersion}`],
        ['why', safeText(edit.reason)],
        ['size', oldToNew(edit.oldSize, edit.newSize, formatBytes)],
        ['mtime', oldToNew(edit.oldMtimeNs, edit.newMtimeNs, (ns) => humanTime(formatTimeNs(ns)))],
        ['old', edit.secret ? 'a secret, not recorded' : hexOf(edit.oldDigest)],
        ['new', edit.secret ? '' : hexOf(edit.newDigest)],
      ],
      width,
    ),
  ];
}

/** Empty where neither side has a value. */
function oldToNew<T>(before: T | null, after: T | null, show: (value: T) => string): string {
  if (before === null && after === null) return '';
  const words = [before, after].map((value) => (value === null ? 'none' : show(value)));
  return words[0] === words[1] ? words[0]! : words.join(' -> ');
}

function hexOf(digest: Uint8Array | null): string {
  return digest === null ? '' : `sha256 ${Buffer.from(digest).toString('hex')}`;
}

const SIDE_WIDTH = 8;
const KIND_WIDTH = 13;
const RULE_WIDTH = 22;
