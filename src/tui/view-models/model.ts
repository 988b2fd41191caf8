/** What the screen shows, worked out once from the report. */

import type { Change, Finding, Report } from '../../core/report.js';
import type { TreePath } from '../../core/path.js';
import type { Glyphs } from '../text/glyphs.js';
import { indexChanges, type ChangeIndex } from './change-index.js';
import { editsOf, type SideEdit } from './edits.js';
import { gapsOf, type Gap } from './gaps.js';

export interface Model {
  readonly report: Report;
  readonly index: ChangeIndex;
  readonly gaps: readonly Gap[];
  readonly edits: readonly SideEdit[];
  readonly glyphs: Glyphs;
  readonly pathOf: (change: number) => TreePath;
}

export function createModel(report: Report, glyphs: Glyphs): Model {
  return {
    report,
    index: indexChanges(report),
    gaps: gapsOf(report),
    edits: editsOf(report),
    glyphs,
    pathOf: (change) => report.changes[change]!.path,
  };
}

export function changeAt(model: Model, change: number): Change {
  return model.report.changes[change]!;
}

/** The finding of a change; null when the report does not list it. */
export function findingOf(model: Model, change: number): Finding | null {
  return model.report.findings[model.index.findings[change]!] ?? null;
}
