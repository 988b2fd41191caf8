/** The other artifacts of two builds, each held against the one of its name, and what all of them together say. */

import type { ArtifactReader } from '../core/manifest.js';
import type { ArtifactComparison, Report } from '../core/report.js';

/** Whether two artifacts of two builds are held against each other: root file systems, and what has the same name. */
export function isCounterpart(a: ArtifactReader, b: ArtifactReader): boolean {
  const [old, now] = [a.artifact, b.artifact];
  return old.role === 'rootfs' || now.role === 'rootfs'
    ? old.role === now.role
    : old.name === now.name;
}

/** In the order of the side after; what only the side before has comes last. */
export async function compareOthers(
  before: readonly ArtifactReader[],
  after: readonly ArtifactReader[],
  compare: (before: ArtifactReader, after: ArtifactReader) => Promise<Report>,
): Promise<readonly ArtifactComparison[]> {
  const former = new Map(before.map((reader) => [reader.artifact.name, reader]));
  // A tree alone is held against the tree of a build: the rest of that build was not asked for.
  const isAsked = before.length > 0 && after.length > 0;
  const comparisons: ArtifactComparison[] = [];
  for (const reader of after) {
    const { name, role } = reader.artifact;
    const old = former.get(name);
    former.delete(name);
    const report = old === undefined ? null : await compare(old, reader);
    const side = old === undefined ? 'after' : 'both';
    comparisons.push({ name, role, side, isAsked, report });
  }
  for (const { artifact } of former.values()) {
    const { name, role } = artifact;
    comparisons.push({ name, role, side: 'before', isAsked, report: null });
  }
  return comparisons;
}

/** Of the first artifact and the others. */
export function sumOf(
  first: Report,
  others: readonly ArtifactComparison[],
): Pick<Report, 'verdict' | 'complete'> {
  const reports = [first, ...others.flatMap(({ report }) => (report === null ? [] : [report]))];
  const isDifferent =
    reports.some(({ verdict }) => verdict === 'different') ||
    others.some(({ report, isAsked }) => report === null && isAsked);
  const complete = reports.every((report) => report.complete);
  return { complete, verdict: isDifferent ? 'different' : complete ? 'same' : 'incomplete' };
}
