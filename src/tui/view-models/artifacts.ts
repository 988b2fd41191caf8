/** The artifacts of two builds: what the list of them shows, and the report that each is looked at with. */

import { isComplete, ownVerdict, type Report } from '../../core/report.js';
import { countOf } from '../../util/format.js';
import { span, type Line, type Token } from '../text/line.js';
import { safeText } from '../text/safe.js';
import { displayWidth, padEnd } from '../text/width.js';

export interface ArtifactRow {
  readonly name: string;
  readonly role: string;
  readonly verdict: string;
  readonly token: Token;
  /** Null: there is nothing to look at. */
  readonly report: Report | null;
}

/** Empty for builds of one tree. What is said of the builds as a whole is said beside each of their artifacts. */
export function artifactRows(report: Report): readonly ArtifactRow[] {
  const { artifacts, circumstances, remarks } = report;
  if (artifacts.length === 0) return [];
  const common = remarks.filter(({ kind }) => kind === 'equal-input');
  const rowOf = (name: string, role: string, of: Report): ArtifactRow => {
    const verdict = ownVerdict(of);
    const complete = isComplete(of.notCompared);
    const alone = { ...of, verdict, complete, circumstances, artifacts: [] };
    const token = verdict === 'same' ? 'muted' : verdict === 'different' ? 'modified' : 'warning';
    const count = of.changes.length === 0 ? '' : `, ${countOf(of.changes.length, 'path')}`;
    return { name, role, verdict: `${verdict}${count}`, token, report: alone };
  };
  const others = artifacts.map(({ name, role, side, isAsked, report: of }): ArtifactRow => {
    if (of !== null) return rowOf(name, role, { ...of, remarks: [...common, ...of.remarks] });
    const verdict = isAsked ? `only ${side}` : `not compared: only ${side}`;
    return { name, role, verdict, token: isAsked ? 'modified' : 'muted', report: null };
  });
  return [rowOf(report.artifact.name, report.artifact.role, report), ...others];
}

/** In columns that are as wide as those of all rows. */
export function artifactLine(rows: readonly ArtifactRow[], at: number): Line {
  const { name, role, verdict, token } = rows[at]!;
  const widthOf = (of: (row: ArtifactRow) => string): number =>
    Math.max(...rows.map((row) => displayWidth(safeText(of(row)))));
  return [
    span(padEnd(safeText(name), widthOf((row) => row.name) + 2), 'strong'),
    span(padEnd(role, widthOf((row) => row.role) + 2), 'muted'),
    span(verdict, token),
  ];
}
