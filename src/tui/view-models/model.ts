/** What the screen shows, worked out once from the report. */

import { explainedShare, type ExplainedShare } from '../../core/explained-share.js';
import type { Change, Finding, Report } from '../../core/report.js';
import type { TreePath } from '../../core/path.js';
import type { Glyphs } from '../text/glyphs.js';
import { indexChanges, type ChangeIndex } from './change-index.js';
import type { ArtifactRow } from './artifacts.js';
import { editsOf, type SideEdit } from './edits.js';
import { gapsOf, type Gap } from './gaps.js';
import { filteredIndex, presentWhys, type Why } from './why-filter.js';

export interface Model {
  readonly report: Report;
  readonly index: ChangeIndex;
  readonly gaps: readonly Gap[];
  readonly edits: readonly SideEdit[];
  /** How much is explained. */
  readonly share: ExplainedShare;
  /** What there is to filter by. */
  readonly whys: ReturnType<typeof presentWhys>;
  readonly glyphs: Glyphs;
  /** Of builds that hold several, all of them, the one of this model among them; else empty. */
  readonly artifacts: readonly ArtifactRow[];
  /** Its place in them. */
  readonly own: number;
  readonly pathOf: (change: number) => TreePath;
}

export function createModel(
  report: Report,
  glyphs: Glyphs,
  { artifacts, own }: Pick<Model, 'artifacts' | 'own'> = { artifacts: [], own: 0 },
): Model {
  const { changes, findings } = report;
  return {
    report,
    index: indexChanges({ changes, findings }),
    gaps: gapsOf(report),
    edits: editsOf(report),
    whys: presentWhys({ changes, findings }),
    share: explainedShare({ changes, findings }),
    glyphs,
    artifacts,
    own,
    pathOf: (change) => report.changes[change]!.path,
  };
}

/** The index that lists are made from under a filter. */
export function indexFor({ report, index }: Model, why: Why): ChangeIndex {
  return filteredIndex(report, index, why);
}

export function changeAt(model: Model, change: number): Change {
  return model.report.changes[change]!;
}

/** The finding of a change; null when the report does not list it. */
export function findingOf(model: Model, change: number): Finding | null {
  return model.report.findings[model.index.findings[change]!] ?? null;
}
