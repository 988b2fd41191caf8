/** What was not compared and what could not be understood, in one list: gaps first, then trouble, then what was agreed upon. */

import type { Report } from '../../core/report.js';
import { span, type Line } from '../text/line.js';
import { safeBytes, safePath, safeText } from '../text/safe.js';
import { padEnd, truncateMiddle, wrapText } from '../text/width.js';
import { labelled } from './finding-lines.js';
import type { Glyphs } from '../text/glyphs.js';

export interface Gap {
  /** `gap`: makes the verdict incomplete. `trouble`: a diagnostic. `declared`: known and wanted beforehand. */
  readonly kind: 'gap' | 'trouble' | 'declared';
  readonly side: 'before' | 'after' | 'both';
  /** What was not compared, or the code of the diagnostic. */
  readonly what: string;
  /** Shown path or pattern; `(whole tree)` where it concerns all of it. */
  readonly place: string;
  readonly detail: string;
}

export function gapsOf(report: Pick<Report, 'notCompared' | 'diagnostics'>): readonly Gap[] {
  const notCompared = report.notCompared.map((item): Gap => ({
    kind: item.declared ? 'declared' : 'gap',
    side: item.side,
    what: item.what,
    place:
      item.path !== null
        ? safePath(item.path)
        : item.pattern !== null
          ? safeBytes(item.pattern)
          : WHOLE_TREE,
    detail: safeText(item.reason),
  }));
  const trouble = report.diagnostics.map((item): Gap => ({
    kind: 'trouble',
    side: item.side,
    what: item.code,
    place: item.path === null ? WHOLE_TREE : safePath(item.path),
    detail: safeText(item.detail),
  }));
  return [
    ...notCompared.filter(({ kind }) => kind === 'gap'),
    ...trouble,
    ...notCompared.filter(({ kind }) => kind === 'declared'),
  ];
}

export function gapRow(gap: Gap, width: number, glyphs: Glyphs): Line {
  const room = width - KIND_WIDTH - SIDE_WIDTH - WHAT_WIDTH;
  return [
    span(padEnd(gap.kind, KIND_WIDTH), gap.kind === 'declared' ? 'muted' : 'warning'),
    span(padEnd(gap.side, SIDE_WIDTH), 'muted'),
    span(padEnd(gap.what, WHAT_WIDTH)),
    span(truncateMiddle(gap.place, room, glyphs.ellipsis)),
  ];
}

export function gapDetail(gap: Gap, width: number): readonly Line[] {
  return [
    ...wrapText(gap.place, width).map((text): Line => [span(text, 'strong')]),
    [],
    ...labelled(
      [
        ['what', gap.what],
        ['side', gap.side === 'both' ? 'both builds' : `the ${gap.side} build`],
        ['why', gap.detail],
        ['means', MEANING[gap.kind]],
      ],
      width,
    ),
  ];
}

const WHOLE_TREE = '(whole tree)';
const KIND_WIDTH = 10;
const SIDE_WIDTH = 8;
const WHAT_WIDTH = 18;

const MEANING = {
  gap: 'The two builds may differ here and nobody would know: the verdict is incomplete.',
  trouble: 'Something in the tree could not be seen or understood when it was recorded.',
  declared: 'Left out knowingly when the build was recorded; the verdict speaks of the rest.',
} as const satisfies Record<Gap['kind'], string>;
