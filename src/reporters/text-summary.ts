/** The last lines: what kind of findings there are, how much is explained, and how to get at the rest. */

import { explainedShare, percentOf, type Share } from '../core/explained-share.js';
import { displayMessage } from '../core/path.js';
import type { Nature, Report } from '../core/report.js';
import { countOf, formatBytes, formatCount } from '../util/format.js';
import type { TextStyle } from './text-style.js';

const NATURES = {
  nondeterminism: 'nondeterminism',
  'input-drift': 'input drift',
  consequence: 'consequence',
  unknown: 'unknown',
} as const satisfies Record<Nature, string>;

const MAX_REASONS = 3;

export function natureText(nature: Nature): string {
  return NATURES[nature];
}

export function* summaryLines(report: Report, style: TextStyle): Generator<string> {
  const { changed, byStatus, reasons, natures } = explainedShare(report);
  if (report.findings.length === 0) return;
  yield '';
  const kinds = (Object.keys(NATURES) as Nature[])
    .filter((nature) => natures[nature] > 0)
    .map((nature) => `${formatCount(natures[nature])} ${NATURES[nature]}`);
  yield `${style.strong('findings')}: ${kinds.join(', ')}`;
  // Without any facts there is nothing to sum up.
  if (changed.files === byStatus['not-inspected'].files && reasons.length < 2) {
    if (changed.files > 0) yield* unseen(changed, reasons);
    return;
  }
  const { explained, partly, unknown } = byStatus;
  const percent = percentOf(explained.bytes, changed.bytes);
  yield `${style.strong('explained')}: ${formatCount(explained.files)} of ${countOf(changed.files, 'changed file')}, ${formatBytes(explained.bytes)} of ${formatBytes(changed.bytes)}${percent === null ? '' : ` (${percent})`}, with high or medium confidence`;
  if (partly.files > 0) yield `  in part        ${shareText(partly)}`;
  if (unknown.files > 0) yield `  unknown        ${shareText(unknown)}`;
  if (byStatus['not-inspected'].files > 0) yield* unseen(byStatus['not-inspected'], reasons);
}

function* unseen(
  share: Share,
  reasons: readonly { readonly reason: string; readonly files: number }[],
): Generator<string> {
  yield `  not inspected  ${shareText(share)}`;
  for (const { reason, files } of reasons.slice(0, MAX_REASONS))
    yield `    ${displayMessage(reason)}${files === share.files ? '' : `: ${countOf(files, 'file')}`}`;
  yield '    to look into them: diff with --inspect all while the trees are there, or record with it';
}

function shareText({ files, bytes }: Share): string {
  return `${countOf(files, 'file')}, ${formatBytes(bytes)}`;
}
